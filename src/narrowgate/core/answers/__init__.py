"""Outcomes, the records and documents that carry them, and the receipt."""
