"""Persons: names, TINs and birth dates, parsed into canonical forms and identities."""
