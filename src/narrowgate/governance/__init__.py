"""Charter and acts: founded, drawn up, signed, applied, read back from the log."""
