"""Sealing answers to officers: CMS written and read, and the recipients it can be sealed to."""
