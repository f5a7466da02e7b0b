"""alembic's environment: on a connection whose transaction the caller has begun (tiercore.storage.schema)."""

from alembic import context
from sqlmodel import SQLModel

import tiercore.storage.tables  # noqa: F401  (its import fills the metadata)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
context.run_migrations()
