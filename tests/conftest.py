"""Real databases for the tests: SQLite files and a private PostgreSQL server."""

import gc
import logging
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from functools import lru_cache

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from bot.loop_watch import freeze_garbage_collector
from tests.support.databases import Databases, PostgresDatabases, SqliteFiles
from tests.support.examples import THOROUGH
from tests.support.in_memory import place_in_memory, temporary_folder
from tests.support.loaded_programs import load_program_once
from tests.support.postgres_server import PostgresServer, find_binaries
from tiercore.storage.engine import create_database_engine
from tiercore.storage.schema import upgrade

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("check", settings.get_profile("suite"), max_examples=25)
# The same examples every time: killing a mutant must not depend on luck.
settings.register_profile("mutants", settings.get_profile("suite"), max_examples=50, derandomize=True, database=None)
settings.register_profile(THOROUGH, settings.get_profile("suite"))
settings.load_profile("suite")


structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--golden`, which rewrites the golden files, and `--thorough`, which tries more random cases."""
    parser.addoption("--golden", action="store_true", help="write tests/golden anew from what is shown now")
    parser.addoption("--thorough", action="store_true", help="try all random cases of the long tests, not a tenth")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests' folders in memory if possible."""
    if config.getoption("--thorough"):
        settings.load_profile(THOROUGH)
    if place := place_in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(place))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without looking for garbage: there is next to none, and every worker collects all tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def share_of(pytestconfig: pytest.Config) -> Callable[[int], int]:
    """How many of so many random cases a long test tries: a tenth, at least one, with `--thorough` all."""
    return (lambda cases: cases) if pytestconfig.getoption("--thorough") else (lambda cases: -(-cases // 10))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's environment from affecting tests."""
    for name in [name for name in os.environ if name.startswith(("TIERBOT_", "SLACK_"))]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True, scope="session")
def _garbage_collected_once() -> Iterator[None]:
    """Freeze the garbage collector with the first bot that a worker serves, and not with each of hundreds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.serving.freeze_garbage_collector", lru_cache(freeze_garbage_collector))
        yield


@pytest.fixture(autouse=True, scope="session")
def _programs_loaded_once() -> Iterator[None]:
    """Load a table of rules once, and not with each of hundreds of bots: programs are immutable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.wiring.load_program", load_program_once)
        yield


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A private server run from the machine's binaries. Without them the test fails: a skip would hide a gap."""
    binaries = find_binaries()
    assert binaries is not None, "PostgreSQL's server is needed: apt-get install postgresql"
    server = PostgresServer(binaries)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def standby(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A streaming standby of the private server."""
    server = PostgresServer(postgres.binaries)
    server.start_as_standby_of(postgres)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_files() -> Iterator[SqliteFiles]:
    """SQLite databases for tests."""
    folder = temporary_folder("tierbot-sqlite-")
    yield SqliteFiles(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_databases(postgres: PostgresServer) -> PostgresDatabases:
    """PostgreSQL databases for tests."""
    return PostgresDatabases(postgres)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each engine in turn. PostgreSQL is slow, because every worker starts its own server."""
    return str(request.param)


@pytest.fixture
def databases(request: pytest.FixtureRequest, database_kind: str) -> Iterator[Databases]:
    """The source of a test's databases, once for each engine."""
    created: Databases = request.getfixturevalue("sqlite_files" if database_kind == "sqlite" else "postgres_databases")
    yield created
    created.drop()


@pytest.fixture
def database(databases: Databases) -> URL:
    """An empty database."""
    return databases.empty()


@pytest.fixture
def engine(databases: Databases) -> Iterator[Engine]:
    """An engine on a separate database with the current schema."""
    created = create_database_engine(databases.filled(upgrade))
    yield created
    created.dispose()


@pytest.fixture
def sqlite_engine(sqlite_files: SqliteFiles) -> Iterator[Engine]:
    """An engine on a separate SQLite file with the current schema, for tests of anything but storage."""
    created = create_database_engine(sqlite_files.filled(upgrade))
    yield created
    created.dispose()
    sqlite_files.drop()
