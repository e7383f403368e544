"""Records and indexes in a store with the S3 API, through ``pyarrow.fs``."""
