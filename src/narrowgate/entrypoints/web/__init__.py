"""The pages: one application for each audience, made of one kit; a page calls what the command calls."""
