"""Room five: how it is told. The result object, tables, JSON."""
