"""A database as a version before left it."""

from alembic import command
from sqlalchemy import Engine

from tiercore.storage.schema import alembic_config


def step_back(engine: Engine, revision: str) -> None:
    """Take the schema back to the revision; what it had no table for is gone."""
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    engine.dispose()
