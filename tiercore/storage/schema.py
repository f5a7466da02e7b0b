"""The schema's revision and upgrades, by Alembic, on SQLite and PostgreSQL.

Alembic is imported where something is to be upgraded; which revision a database is at takes a look at one row.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

from tiercore.storage.engine import reading, writing

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION_TABLE = "alembic_version"


class NewerDatabase(RuntimeError):
    """A newer tierbot has upgraded the database's schema to a revision unknown to this one."""


def alembic_config() -> "Config":
    """Alembic's configuration for these migrations; put the connection into its `attributes`."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def expected_revision() -> str | None:
    """The revision that this version of the code needs."""
    return max(revisions(), default=None)


@lru_cache(maxsize=1)
def revisions() -> frozenset[str]:
    """The revisions that this version knows: the numbers that its migrations' files begin with, each after the one
    before.
    """
    return frozenset(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def current_revision(engine: Engine) -> str | None:
    """The revision that the database is at, None for an empty one."""
    with reading(engine) as connection:
        if not inspect(connection).has_table(_VERSION_TABLE):
            return None
        revision: str | None = connection.scalar(text(f"SELECT version_num FROM {_VERSION_TABLE}"))  # noqa: S608
        return revision


def known_current_revision(engine: Engine) -> str | None:
    """The revision that the database is at, None for an empty one. Raises NewerDatabase for an unknown revision."""
    revision = current_revision(engine)
    if revision is not None and revision not in revisions():
        raise NewerDatabase(f"the database is at revision {revision}, made by a newer tierbot: update this one")
    return revision


def upgrade(engine: Engine) -> bool:
    """Upgrade the database to the expected revision in one transaction. False if it was already there.

    Safe to run in two processes at the same time. Raises NewerDatabase.
    """
    if known_current_revision(engine) == expected_revision():
        return False
    from alembic import command

    config = alembic_config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True
