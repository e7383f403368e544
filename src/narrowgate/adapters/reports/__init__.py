"""Reports in formats that need a library: Parquet, and PDF/UA."""
