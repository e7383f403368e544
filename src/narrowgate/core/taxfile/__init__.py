"""How a tax file is described: the mapping of its columns, and the layout of its records."""
