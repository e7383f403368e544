"""Schema 4: the leaves of charter and acts, as a cache of the log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """The cache is empty: the gate fills it from the log when it opens."""
    op.create_table(
        "governance",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "looked_through",
        sa.Column("only_row", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )
    op.execute("UPDATE schema_version SET version = 4")
