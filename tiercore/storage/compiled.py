"""Core statements as the driver's SQL."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Select

Query = tuple[Select[Any], Mapping[str, Any]]

# An execution option of a statement that takes a moment only, and whose parameters are text: PostgreSQL is sent several
# of them together.
SHORT = "short"

# An execution option: another statement with the same rows, in another order, which PostgreSQL plans better.
ON_POSTGRESQL = "postgresql"


class Scope(NamedTuple):
    """Who reads: a Slack user, or a person by e-mail. PostgreSQL shows them no other partner's rows, whatever is asked
    (running#row-level-security).
    """

    team_id: str = ""
    user_id: str = ""
    email: str = ""


NOBODY = Scope()


class Compiled:
    """Statements as driver SQL, each compiled once: all readers of a kind share one."""

    def __init__(self, dialect: Any) -> None:
        self._dialect = dialect
        self._cache: dict[int, tuple[Select[Any], str, dict[str, Any]]] = {}

    def __call__(self, query: Query) -> tuple[str, Mapping[str, Any]]:
        """The SQL and all its parameters: those given, and those bound in the statement itself."""
        statement, given = query
        cached = self._cache.get(id(statement))
        if cached is None:
            written = statement.get_execution_options().get(self._dialect.name, statement)
            compiled = written.compile(dialect=self._dialect)
            fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
            cached = self._cache[id(statement)] = (statement, str(compiled), fixed)
        _, text, fixed = cached
        return text, {**fixed, **given} if fixed else given
