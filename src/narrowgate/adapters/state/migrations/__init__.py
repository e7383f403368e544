"""How a state comes from the schema of an older version to this one's: one Alembic revision for each schema.

The first revision is schema 3. Schemas 1 and 2 were in use for a day before any version was published: two layouts were
both called 2, and their budgets are kept under digests that this version cannot make, so nothing of them can go on.
"""
