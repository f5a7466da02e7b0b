"""Reads on the hot path: Core statements, compiled once, run by the driver (architecture#hot-path).

SQLite is read in the event loop itself: a lookup takes about ten microseconds, handing it to a thread ten times that. A
read that turns out to take long is begun again in a thread. PostgreSQL is read through an asynchronous pool, several
statements in one round trip.
On either, the statements of one call see the same state of the database.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL

from tiercore.storage.compiled import NOBODY, SHORT, Compiled, Query, Scope
from tiercore.storage.engine import is_sqlite, writes_to
from tiercore.storage.short_statements import ShortStatement
from tiercore.storage.sqlite_reader import SQLiteReader
from tiercore.turns import turn

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from tiercore.storage.standby import StandbyStatus

__all__ = ["NOBODY", "PostgreSQLReader", "Query", "Reader", "SQLiteReader", "Scope", "as_date", "create_reader"]
MAX_READ_SECONDS = 30
_COMPILED = Compiled(postgresql.dialect(paramstyle="pyformat"))  # type: ignore[no-untyped-call]
_READER_ROLE = "tierbot_reader"
_STANDBY_SECONDS = 0.5  # how long a read waits for a connection to the standby before it goes to the primary


class Reader(Protocol):
    """Runs reads. Every statement is a Core select with named parameters that need no type conversion.

    `immediate` is True if most reads run in the event loop and never wait.
    """

    immediate: bool

    async def fetch(self, *queries: Query, scope: Scope = NOBODY) -> list[list[tuple[Any, ...]]]:
        """The rows of each query that `scope` may see, all from the same state of the database."""

    async def open(self) -> None:
        """Connect. The driver's errors pass through."""

    async def close(self) -> None:
        """Close the connections."""


def create_reader(url: URL, standby: URL | None = None, most_lag: float = 10) -> Reader:
    """The reader for the URL's database; with a `standby` of it, which is read while it is at most `most_lag` seconds
    behind (running#standby).
    """
    if is_sqlite(url):
        return SQLiteReader(url)
    primary = PostgreSQLReader(url)
    if standby is None:
        return primary
    other = PostgreSQLReader(standby, patience=_STANDBY_SECONDS, may_be_down=True)
    from tiercore.storage.standby import StandbyReader

    return StandbyReader(primary, other, partial(writes_to, url), most_lag)


def standby_status(reader: Reader) -> "StandbyStatus | None":
    """How the reader's standby is doing; None where it has none."""
    if isinstance(reader, SQLiteReader):
        return None
    from tiercore.storage.standby import StandbyReader

    return reader.status if isinstance(reader, StandbyReader) else None


def as_date(value: Any) -> date | None:
    """A date column's value: SQLite's driver returns text, PostgreSQL's a date."""
    return date.fromisoformat(value) if isinstance(value, str) else value


class PostgreSQLReader:
    """Reads PostgreSQL through a pool of `size` connections, waiting for one for `patience` seconds."""

    immediate = False

    def __init__(self, url: URL, size: int = 8, patience: float = 5, *, may_be_down: bool = False) -> None:
        from psycopg_pool import AsyncConnectionPool

        self._may_be_down, self._patience = may_be_down, patience
        self._short: dict[str, ShortStatement] = {}
        conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._combined: dict[tuple[tuple[int, ...], frozenset[str]], tuple[str, Mapping[str, Any]]] = {}
        self._pool = AsyncConnectionPool(
            conninfo, min_size=1, max_size=size, open=False, configure=_configure, timeout=patience
        )

    async def open(self) -> None:
        await self._pool.open(wait=not self._may_be_down)

    async def fetch(self, *queries: Query, scope: Scope = NOBODY) -> list[list[tuple[Any, ...]]]:
        try:
            found = await self._fetch(queries, scope)
        except Exception as error:
            if not _is_lost(error):
                raise
            await self._pool.check()
            found = await self._fetch(queries, scope)
        await turn()  # the rows of many reads may have come at the same time
        return found

    async def _fetch(self, queries: Sequence[Query], scope: Scope) -> list[list[tuple[Any, ...]]]:
        if len(queries) == 1 and scope != NOBODY and queries[0][0].get_execution_options().get(SHORT):
            return [await self._fetch_short(queries[0], scope)]
        async with self._pool.connection() as connection:
            if len(queries) == 1 and scope == NOBODY:
                cursor = await connection.execute(*_COMPILED(queries[0]), prepare=True)
                return [await cursor.fetchall()]
            text, parameters = self._as_one(queries)
            if scope != NOBODY:
                text, parameters = _seen_by(scope, text, parameters)
            cursor = await connection.execute(text, parameters, prepare=True)
            row = await cursor.fetchone()
            return [rows or [] for rows in row or ()]

    async def _fetch_short(self, query: Query, scope: Scope) -> list[tuple[Any, ...]]:
        text, parameters = _seen_by(scope, *self._as_one((query,)))
        statement = self._short.get(text)
        if statement is None:
            statement = self._short[text] = ShortStatement(self._pool, text, self._patience)
        found = (await statement.run(parameters)).get_value(0, 0)
        return orjson.loads(found) if found else []

    def _as_one(self, queries: Sequence[Query]) -> tuple[str, Mapping[str, Any]]:
        """Several queries as one statement, each a JSON array of rows: one round trip and one state of the database.

        Given parameters share a namespace. A name that means something else in another query, and parameters bound in
        a statement (such as its limit: SQLAlchemy reuses their names), get the statement's number as a prefix.
        """
        several = _of_several_meanings(queries)
        key = (tuple(id(statement) for statement, _ in queries), several)
        combined = self._combined.get(key)
        if combined is None:
            combined = self._combined[key] = self._combine(queries, several)
        text, own = combined
        merged = dict(own)
        for number, (_, given) in enumerate(queries):
            merged |= {f"q{number}_{name}" if name in several else name: value for name, value in given.items()}
        return text, merged

    def _combine(self, queries: Sequence[Query], several: Collection[str]) -> tuple[str, Mapping[str, Any]]:
        """The combined SQL, and the parameters bound in the statements themselves."""
        parts, own = [], dict[str, Any]()
        for number, (statement, given) in enumerate(queries):
            text, parameters = _COMPILED((statement, given))
            for name in parameters:
                if name in several or name not in given:
                    text = text.replace(f"%({name})s", f"%(q{number}_{name})s")
                if name not in given:
                    own[f"q{number}_{name}"] = parameters[name]
            parts.append(_as_json(statement, text, number))
        return f"SELECT {', '.join(parts)}", own

    async def close(self) -> None:
        await self._pool.close()


def _of_several_meanings(queries: Sequence[Query]) -> frozenset[str]:
    """The names of given parameters whose values differ among the queries."""
    first, several = dict[str, Any](), set[str]()
    for _, given in queries:
        several |= {name for name, value in given.items() if first.setdefault(name, value) != value}
    return frozenset(several)


def _seen_by(scope: Scope, text: str, parameters: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The statement and its parameters, shown no more than `scope` may see."""
    asking = {f"scope_{name}": value for name, value in scope._asdict().items()}
    asking["scope_partner"] = parameters.get("partner_id", "")
    return f"{_SEE}{text} FROM who", {**parameters, **asking}


def _as_json(statement: Select[Any], text: str, number: int) -> str:
    columns = ", ".join(f"c{index}" for index in range(len(statement.selected_columns)))
    return f"(SELECT json_agg(json_build_array({columns})) FROM ({text}) AS q{number}({columns}))"  # noqa: S608


# Who asks is set for the statement itself: the row of `who` is made before the queries beside it are run. If they were
# run first, the policies would show them nothing.
# The partner asked about, if it is one, is said, too: through it the policies find what belongs to it in one partition.
_ASKING = "%(scope_team_id)s, %(scope_user_id)s, %(scope_email)s, %(scope_partner)s"
_SEE = f"WITH who AS MATERIALIZED (SELECT tierbot_see({_ASKING})) "
_BECOME_READER = f"SELECT set_config('role', rolname, false) FROM pg_roles WHERE rolname = '{_READER_ROLE}'"  # noqa: S608
# A plan made anew looks at every partition, which takes longer than the read; a kept one goes to the partner's own.
_KEEP_PLANS = (
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', false) WHERE EXISTS (SELECT FROM pg_partitioned_table)"
)
_IS_MEMBER = " AND pg_has_role(current_user, rolname, 'member')"


def _is_lost(error: Exception) -> bool:
    """Whether the server restarted or the network failed: reconnect and retry once."""
    from psycopg import OperationalError
    from psycopg_pool import PoolTimeout

    return isinstance(error, OperationalError) and not isinstance(error, PoolTimeout)


async def _configure(connection: "AsyncConnection[Any]") -> None:
    """A read-only connection as the role that owns nothing, where a migration could make it."""
    from psycopg.types.json import set_json_loads

    await connection.set_autocommit(True)
    await connection.execute(_BECOME_READER + _IS_MEMBER)
    await connection.execute(_KEEP_PLANS)
    await connection.execute("SET default_transaction_read_only = on")
    await connection.execute(f"SET statement_timeout = '{MAX_READ_SECONDS}s'")
    set_json_loads(orjson.loads, connection)
