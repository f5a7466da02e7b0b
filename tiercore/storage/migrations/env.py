"""Alembic's environment; it uses the caller's connection and transaction (tiercore.storage.schema)."""

from alembic import context
from sqlmodel import SQLModel

import tiercore.storage.tables  # noqa: F401  (registers the tables in the metadata)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
context.run_migrations()
