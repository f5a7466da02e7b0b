"""The schema created by alembic, on both engines."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL
from sqlmodel import SQLModel

import tiercore.storage.tables  # noqa: F401
from tiercore.storage.engine import BadDatabaseURL, create_database_engine, database_url
from tiercore.storage.schema import alembic_config, current_revision, expected_revision, revisions, upgrade


def test_migrations_create_exactly_the_declared_tables(engine: Engine):
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_an_empty_database_has_no_revision_and_migrating_is_idempotent(database: URL):
    engine = create_database_engine(database)
    assert current_revision(engine) is None
    assert upgrade(engine)
    assert current_revision(engine) == expected_revision()
    assert not upgrade(engine)
    engine.dispose()


def test_the_revisions_are_those_that_alembic_finds_and_the_last_is_its_head():
    scripts = ScriptDirectory.from_config(alembic_config())
    assert revisions() == {script.revision for script in scripts.walk_revisions()}
    assert expected_revision() == scripts.get_current_head()


def test_sqlite_is_configured_for_durability(sqlite_engine: Engine):
    with sqlite_engine.connect() as connection:
        read = {
            name: connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert read == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("wrong", ["mysql://host/name", "sqlite://", "not a url", ""])
def test_an_unsupported_database_is_refused_with_the_supported_ones(wrong: str):
    with pytest.raises(BadDatabaseURL, match=r"sqlite:///tierbot\.db"):
        database_url(wrong)
