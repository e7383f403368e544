"""The confirmation index on DuckDB, in this process."""
