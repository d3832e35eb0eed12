"""Room one: what was said. Security codes, rating scales, the thesis file, the catalog."""
