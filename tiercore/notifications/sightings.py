"""What nobody has to be told of a look: signals at the levels that are stored, or seen for the first time
(digests-and-alerts#looks).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select, update

from tiercore.questions.signals import Level
from tiercore.storage.bulk import chunks, store_new, table
from tiercore.storage.tables.notifications import SignalRow

UNWATCHED = -1
_signal = table(SignalRow)
Levels = Mapping[str, Level | None]


def stored_signals(connection: Connection, partner_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The partners' stored signals: by partner, then by name."""
    found: dict[str, dict[str, Any]] = {}
    for some in chunks(partner_ids):
        for row in connection.execute(select(_signal).where(_signal.c.partner_id.in_(some))).all():
            found.setdefault(row.partner_id, {})[row.name] = row
    return found


def first_row(partner_id: str, name: str, level: Level, day: int, version: int) -> dict[str, Any]:
    """The row of a signal seen for the first time, on the day (an ordinal) at this version of the data."""
    values = {"level": int(level), "episode": 0, "step": 0, "green_since": None}
    return {"partner_id": partner_id, "name": name, **values, "seen_day": day, "seen_version": version}


def see_without_news(connection: Connection, levels: Mapping[str, Levels], day: date, version: int) -> set[str]:
    """The partners of whose signals, by partner and name, nobody has to hear: each is stored at its level, unknown
    today, or seen for the first time, and what isn't watched any more was green or never told. It is stored that they
    were seen so on the day, at this version of the data; of the other partners nothing is.
    """
    seen = set[str]()
    for some in chunks(levels):
        stored = stored_signals(connection, some)
        quiet = [each for each in some if _is_quiet(levels[each], stored.get(each, {}))]
        ended = [row for each in quiet for row in _ended(levels[each], stored.get(each, {}))]
        if ended:
            connection.execute(_END, [_end_of(row, day, version) for row in ended])
        see_again(connection, [each for each in quiet if each in stored], day, version)
        first = [
            first_row(each, name, level, day.toordinal(), version)
            for each in quiet
            for name, level in levels[each].items()
            if level is not None and name not in stored.get(each, {})
        ]
        store_new(connection, _signal, first)
        seen.update(quiet)
    return seen


def see_again(connection: Connection, partner_ids: Sequence[str], day: date, version: int) -> None:
    """Store that all signals that are watched of the partners were seen at their levels, unless a later look has."""
    for some in chunks(partner_ids):
        again = update(_signal).where(_signal.c.partner_id.in_(some), _signal.c.level != UNWATCHED)
        again = again.where(_is_older(day.toordinal(), version))
        connection.execute(again.values(seen_day=day.toordinal(), seen_version=version))


def _is_older(day: Any, version: Any) -> ColumnElement[bool]:
    """Whether the row was written by a look before that of the day at this version."""
    found: ColumnElement[bool] = (_signal.c.seen_day < day) | (
        (_signal.c.seen_day == day) & (_signal.c.seen_version < version)
    )
    return found


def _is_quiet(levels: Levels, stored: Mapping[str, Any]) -> bool:
    """Whether nothing has crossed, come back, or ended that somebody was told of."""
    is_same = all(
        name not in stored or (stored[name].level != UNWATCHED and level in (None, stored[name].level))
        for name, level in levels.items()
    )
    return is_same and all(row.level == Level.GREEN or not row.episode for row in _ended(levels, stored))


def _ended(levels: Levels, stored: Mapping[str, Any]) -> Iterator[Any]:
    """What was watched and isn't any more."""
    return (row for name, row in stored.items() if name not in levels and row.level != UNWATCHED)


_END = (
    update(_signal)
    .where(
        _signal.c.partner_id == bindparam("of_partner"),
        _signal.c.name == bindparam("of_name"),
        (_signal.c.seen_day < bindparam("on_day"))
        | ((_signal.c.seen_day == bindparam("on_day")) & (_signal.c.seen_version <= bindparam("at_version"))),
    )
    .values(level=UNWATCHED, step=_signal.c.step + 1)
)


def _end_of(row: Any, day: date, version: int) -> dict[str, Any]:
    key = {"of_partner": row.partner_id, "of_name": row.name}
    return {**key, "on_day": day.toordinal(), "at_version": version}
