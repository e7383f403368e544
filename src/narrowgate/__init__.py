"""Narrowgate: one question, one bit, and nothing else passes between two agencies."""

__version__ = "0.1.0"
