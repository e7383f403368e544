"""The tables of words that the readers of addresses share."""
