"""The confirmation index: a directory of Parquet files of keyed tokens and a signed manifest."""
