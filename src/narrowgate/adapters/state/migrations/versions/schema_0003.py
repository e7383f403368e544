"""Schema 3: receipts, quotas, holds, budgets and refusals. The oldest that can be upgraded; nothing is done."""

revision = "0003"
down_revision = None


def upgrade() -> None:
    """A state of schema 3 is marked as one."""
