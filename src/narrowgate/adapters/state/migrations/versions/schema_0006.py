"""Schema 6: who holds the state on a server, and what it may publish; a holder that was overtaken writes nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Nobody holds it yet."""
    op.create_table(
        "writer",
        sa.Column("only_row", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("checkpoint", sa.Text),
    )
    op.execute("UPDATE schema_version SET version = 6")
