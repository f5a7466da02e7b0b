"""The figures of the tier table that people entered, as they are stored."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from tiercore.program import Entered, Entry
from tiercore.storage.bulk import table
from tiercore.storage.moments import from_ms
from tiercore.storage.reader import as_date
from tiercore.storage.tables.approvals import RuleValueRow

_value = table(RuleValueRow)
_COLUMNS = (
    *(_value.c.tier, _value.c.figure, _value.c.value, _value.c.valid_from, _value.c.valid_until, _value.c.source),
    *(_value.c.entered_by, _value.c.entered_at, _value.c.approved_by, _value.c.approved_at),
)
ENTERED = select(*_COLUMNS).order_by(_value.c.value_id)


def entered_in(connection: Connection) -> tuple[Entered, ...]:
    """Every figure that was entered, in that order, those that were replaced among them."""
    return tuple(entered_of(row) for row in connection.execute(ENTERED))


def entered_of(row: Sequence[Any]) -> Entered:
    """A figure from a row of ENTERED."""
    tier, figure, value, valid_from, valid_until, source, entered_by, entered_at, approved_by, approved_at = row
    since = as_date(valid_from)
    assert since is not None
    entry = Entry(entered_by, from_ms(entered_at), approved_by, from_ms(approved_at))
    return Entered(tier, figure, value, since, as_date(valid_until), source, entry)
