"""Databases for tests: empty ones, and copies of one filled once per session."""

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.engine import URL

from tests.support.postgres_server import PostgresServer
from tiercore.storage.engine import create_database_engine, database_url

Fill = Callable[[Engine], object]


class Databases(Protocol):
    """A source of separate databases for a test."""

    def empty(self) -> URL:
        """An empty database."""

    def filled(self, fill: Fill) -> URL:
        """A copy of a database filled by `fill`, which runs once per session."""

    def drop(self) -> None:
        """Drop every database handed out."""


class SqliteFiles:
    """Each database is a file in its own folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count()
        self._masters: dict[Fill, Path] = {}
        self._given: list[Path] = []

    def empty(self) -> URL:
        """See Databases: there is no file yet."""
        self._given.append(self._folder / str(next(self._numbers)))
        self._given[-1].mkdir()
        return database_url(f"sqlite:///{self._given[-1] / 'tierbot.db'}")

    def filled(self, fill: Fill) -> URL:
        """See Databases: the file is copied while no process has it open."""
        if fill not in self._masters:
            self._masters[fill] = self._folder / f"master{len(self._masters)}.db"
            _fill(database_url(f"sqlite:///{self._masters[fill]}"), fill)
        url = self.empty()
        shutil.copyfile(self._masters[fill], str(url.database))
        return url

    def drop(self) -> None:
        """See Databases."""
        while self._given:
            shutil.rmtree(self._given.pop())


class PostgresDatabases:
    """Each database is on the tests' private server."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._masters: dict[Fill, str] = {}
        self._given: list[str] = []

    def empty(self) -> URL:
        """See Databases."""
        return self._made(None)

    def filled(self, fill: Fill) -> URL:
        """See Databases: the server copies it."""
        if fill not in self._masters:
            self._masters[fill] = self._server.create_database()
            _fill(database_url(self._server.url(self._masters[fill])), fill)
        return self._made(self._masters[fill])

    def _made(self, master: str | None) -> URL:
        self._given.append(self._server.create_database(master))
        return database_url(self._server.url(self._given[-1]))

    def drop(self) -> None:
        """See Databases."""
        while self._given:
            self._server.drop_database(self._given.pop())


def _fill(url: URL, fill: Fill) -> None:
    engine = create_database_engine(url)
    try:
        fill(engine)
    finally:
        engine.dispose()
