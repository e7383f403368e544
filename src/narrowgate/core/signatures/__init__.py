"""Signatures verified in plain Python, for a machine that has Python and nothing else; nothing is signed."""
