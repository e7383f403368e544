"""Schema 5: answers wait for a slot. What was finished before had none: it left when it was received and decided."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Each start gets the time of its receipt as its slot; nothing waits."""
    op.create_table(
        "releases",
        sa.Column("package_id", sa.Text, sa.ForeignKey("packages.package_id"), primary_key=True),
        sa.Column("agreement_sha256", sa.Text, nullable=False),
        sa.Column("slot", sa.Text, nullable=False),
        sa.Column("ready", sa.Text, nullable=False),
        sa.Column("expires", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("leaf", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_releases_stage", "releases", ["stage"])
    packages = sa.table("packages", sa.column("package_id", sa.Text), sa.column("resume", sa.LargeBinary))
    connection = op.get_bind()
    for package_id, resume in connection.execute(sa.select(packages.c.package_id, packages.c.resume)).all():
        start = json.loads(bytes(resume))
        start["slot"] = start["received_at"]
        canonical = json.dumps(start, sort_keys=True, separators=(",", ":")).encode()
        connection.execute(
            packages.update().where(packages.c.package_id == package_id).values(resume=canonical)
        )
    op.execute("UPDATE schema_version SET version = 5")
