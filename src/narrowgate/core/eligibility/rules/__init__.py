"""One eligibility rule in each file."""
