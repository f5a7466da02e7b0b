"""Real parts for the tests: a SQLite file, and a PostgreSQL server of the tests' own."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from tests.support.postgres_server import PostgresServer, find_binaries
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.schema import upgrade

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--golden` writes the kept surfaces anew."""
    parser.addoption("--golden", action="store_true", help="write tests/golden anew from what is shown now")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own environment decides nothing in a test."""
    for name in [name for name in os.environ if name.startswith(("TIERBOT_", "SLACK_"))]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A private server from the machine's binaries. Without them the test fails: a skip would hide a hole."""
    binaries = find_binaries()
    assert binaries is not None, "PostgreSQL's server is needed: apt-get install postgresql"
    server = PostgresServer(binaries)
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """An empty database, once on each engine."""
    if request.param == "sqlite":
        yield database_url(f"sqlite:///{tmp_path / 'tierbot.db'}")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create_database()
    yield database_url(server.url(name))
    server.drop_database(name)


@pytest.fixture
def engine(database: URL) -> Iterator[Engine]:
    """An engine on a database at the current schema."""
    made = create_database_engine(database)
    upgrade(made)
    yield made
    made.dispose()


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine on a SQLite file at the current schema, for tests of other things than storage."""
    made = create_database_engine(database_url(f"sqlite:///{tmp_path / 'tierbot.db'}"))
    upgrade(made)
    yield made
    made.dispose()
