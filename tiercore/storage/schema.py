"""The schema's revision, by alembic, on both engines."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from tiercore.storage.engine import reading, writing

_MIGRATIONS = Path(__file__).parent / "migrations"


class NewerDatabase(RuntimeError):
    """The database's schema is of a version that this one does not know."""


def alembic_config() -> Config:
    """What alembic needs to find the migrations; put the connection into its `attributes`."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def expected_revision() -> str | None:
    """The revision that this version of the code needs."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def current_revision(engine: Engine) -> str | None:
    """The revision that the database is at, None for an empty one."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def known_current_revision(engine: Engine) -> str | None:
    """The revision that the database is at. Raises NewerDatabase for one that this version does not know."""
    held = current_revision(engine)
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if held is not None and held not in known:
        raise NewerDatabase(f"the database is at revision {held}, made by a newer tierbot: update this one")
    return held


def upgrade(engine: Engine) -> bool:
    """Bring the database to the current revision in one transaction; whether there was anything to do.

    Two that do it at once do it once. Raises NewerDatabase.
    """
    if known_current_revision(engine) == expected_revision():
        return False
    config = alembic_config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True
