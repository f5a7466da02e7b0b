"""The schema's revision and upgrades, by Alembic, on SQLite and PostgreSQL."""

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from tiercore.storage.engine import reading, writing

_MIGRATIONS = Path(__file__).parent / "migrations"


class NewerDatabase(RuntimeError):
    """A newer tierbot has upgraded the database's schema to a revision unknown to this one."""


def alembic_config() -> Config:
    """Alembic's configuration for these migrations; put the connection into its `attributes`."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def expected_revision() -> str | None:
    """The revision that this version of the code needs."""
    return _scripts().get_current_head()


@lru_cache(maxsize=1)
def _scripts() -> ScriptDirectory:
    """This version's migrations, read once."""
    return ScriptDirectory.from_config(alembic_config())


def current_revision(engine: Engine) -> str | None:
    """The revision that the database is at, None for an empty one."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def known_current_revision(engine: Engine) -> str | None:
    """The revision that the database is at, None for an empty one. Raises NewerDatabase for an unknown revision."""
    revision = current_revision(engine)
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise NewerDatabase(f"the database is at revision {revision}, made by a newer tierbot: update this one")
    return revision


def upgrade(engine: Engine) -> bool:
    """Upgrade the database to the expected revision in one transaction. False if it was already there.

    Safe to run in two processes at the same time. Raises NewerDatabase.
    """
    if known_current_revision(engine) == expected_revision():
        return False
    config = alembic_config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True
