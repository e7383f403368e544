"""``narrowgate drill``: the August of 2025 played on a demo world, through the parts that an agency would run."""
