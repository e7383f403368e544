"""Who may ask what: one rule in each file, evaluated without any tax record."""
