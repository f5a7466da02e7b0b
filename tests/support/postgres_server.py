"""A private PostgreSQL server for the tests, with its own folder and socket, removed afterwards."""

import os
import pwd
import shutil
import subprocess
from glob import glob
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from tests.support.in_memory import temporary_folder

_NUMBERS = count()
_PATIENCE = 100  # seconds that a server command may take
_OPTIONS = (
    "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c autovacuum=off -c jit=off"
    " -c max_connections=50 -c max_wal_size=256MB"
)


def find_binaries() -> Path | None:
    """The folder of initdb and pg_ctl, preferring the newest version; None if there is none."""
    folders = sorted(glob("/usr/lib/postgresql/*/bin") + glob("/usr/pgsql-*/bin"), reverse=True)
    found = [Path(folder) for folder in folders if (Path(folder) / "initdb").exists()]
    on_path = shutil.which("initdb")
    return found[0] if found else Path(on_path).resolve().parent if on_path else None


class PostgresServer:
    """Listens only on a socket in its own folder; started by root, it runs as an unprivileged user."""

    def __init__(self, binaries: Path, folder: Path | None = None) -> None:
        self.binaries = binaries
        self.folder = folder or temporary_folder("tierbot-pg-")
        self._user = _unprivileged() if os.geteuid() == 0 else None
        self._connection: psycopg.Connection | None = None

    def start(self) -> None:
        if self._user:
            shutil.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-U", "tierbot", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
        self._control("start")

    def start_as_standby_of(self, primary: "PostgresServer") -> None:
        """Start as a streaming replica of a server that runs."""
        if self._user:
            shutil.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        copy = ("-D", str(self.folder / "data"), "-h", str(primary.folder), "-U", "tierbot", "-R", "-X", "stream")
        self._run("pg_basebackup", *copy, "--checkpoint=fast", "--no-sync")
        self._control("start")

    def halt(self) -> None:
        """Stop the server, as if its machine were off. Its folder stays."""
        self._control("-m", "immediate", "stop")

    def resume(self) -> None:
        """Start a halted server again."""
        self._control("start")

    def restart(self) -> None:
        """Restart as after a crash: every connection is cut."""
        self._control("-m", "immediate", "restart")

    def _control(self, *what: str) -> None:
        options = f"-k {self.folder} {_OPTIONS}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-s", "-l", log, "-o", options, *what)

    def stop(self) -> None:
        if self._connection:
            self._connection.close()
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-s", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        return f"postgresql://tierbot@/{database}?host={self.folder}"

    @property
    def pid(self) -> int:
        """The process ID of the server's first process."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def create_database(self, master: str | None = None) -> str:
        """The name of a new database: empty, or a copy of `master`, which must have no connections."""
        name = f"tierbot_{next(_NUMBERS)}"
        self._execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{master}" STRATEGY file_copy' if master else ""))
        return name

    def drop_database(self, name: str) -> None:
        self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        """Through one connection: each new one costs the server as much as a copy of a database."""
        try:
            self._connected().execute(statement)
        except psycopg.OperationalError:  # the server was halted or restarted
            self._connection = None
            self._connected().execute(statement)

    def _connected(self) -> psycopg.Connection:
        if self._connection is None:
            self._connection = psycopg.connect(self.url("postgres"), autocommit=True)
        return self._connection

    def _run(self, program: str, *arguments: str) -> None:
        user: dict[str, Any] = (
            {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}
        )
        done = subprocess.run(
            [str(self.binaries / program), *arguments],
            capture_output=True,
            text=True,
            cwd=self.folder,
            timeout=_PATIENCE,
            **user,
        )
        assert done.returncode == 0, f"{program} failed: {done.stdout}{done.stderr}"


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("no unprivileged user to run PostgreSQL under")
