"""A database as an earlier version left it."""

from alembic import command
from sqlalchemy import Engine

from tiercore.storage.schema import alembic_config


def step_back(engine: Engine, revision: str) -> None:
    """Downgrade the schema to the revision; data without a table there is lost."""
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    engine.dispose()
