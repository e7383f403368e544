"""The agreement: read from its file, narrower than the code, and checked against the rules."""
