"""Whether a text is the address of a place where a person can live."""
