"""The confirmation index on Spark, for more rows than one machine is worth: same files, same answers.

Spark sees Parquet files of tokens and nothing else. Rows of a tax file are read and tokenized inside the Python
process of an executor; they never pass Spark's own memory, shuffle or disk. Neither does the index key: an executor
fetches it by its URI.
"""
