"""The functions that ``import narrowgate`` offers to programs; ``docs/reference/python.md`` shows each in use."""
