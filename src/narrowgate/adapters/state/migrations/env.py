"""Run by Alembic: the connection comes from the caller (``adapters.state.upgrade``), never from a file."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
