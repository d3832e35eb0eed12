"""Room four: what it was worth. Readings, earned ratings, verdicts, contributions."""
