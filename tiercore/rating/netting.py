"""From the beginnings and ends of credits to changes: what a reader calls one gain or one loss, and its cause."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from tiercore.facts.points import Source
from tiercore.rating.credits import Cause

_MANAGED = Source.MANAGED.value
_DIRECTION: dict[str, int] = {Cause.SUBSCRIPTION_ROSE: 1, Cause.DOWNGRADE: -1, Cause.CANCELLATION: -1}


class CreditEvent(NamedTuple):
    """A credit's beginning or end, as it is stored: `day` is an ordinal, source and cause are words.

    `micropoints` is the credit's size, never negative, and None where it could not be rated; `doubt` then says why.
    """

    client_id: str
    client: str
    product_line: str
    source: str
    day: int
    cause: str
    micropoints: int | None
    shared_by: int
    doubt: str | None = None


class Change(NamedTuple):
    """Micropoints gained (positive) or lost (negative) on a day, of one client, product line and source."""

    client_id: str
    client: str
    product_line: str
    source: Source
    day: date
    cause: Cause
    micropoints: int


def net_changes(opened: Iterable[CreditEvent], closed: Iterable[CreditEvent]) -> list[Change]:
    """The moves as changes: one for each client, product line, source, day and (of sales) cause; none of zero."""
    sold: dict[tuple[Any, ...], int] = defaultdict(int)
    managed: dict[tuple[Any, ...], list[tuple[int, CreditEvent]]] = defaultdict(list)
    for sign, moves in ((1, opened), (-1, closed)):
        for move in moves:
            if move.micropoints is None:
                continue
            if move.source == _MANAGED:
                managed[move[:5]].append((sign, move))
            else:
                sold[move[:6]] += sign * move.micropoints
    found = list(sold.items())
    found += [((*key, _why(signed)), _worth(signed)) for key, signed in managed.items()]
    return [_change(key, micropoints) for key, micropoints in found if micropoints]


def _change(key: tuple[Any, ...], micropoints: int) -> Change:
    client_id, client, line, source, day, cause = key
    return Change(client_id, client, line, Source(source), date.fromordinal(day), Cause(cause), micropoints)


def _worth(signed: Iterable[tuple[int, CreditEvent]]) -> int:
    return sum(sign * (move.micropoints or 0) for sign, move in signed)


def _why(signed: Sequence[tuple[int, CreditEvent]]) -> str:
    """Why a managed credit is worth something else: its cause, unless the points went the other way.

    Then what changed on the same day was stronger: the share, or else the rules.
    """
    moves, micropoints = [move for _, move in signed], _worth(signed)
    expected = _DIRECTION.get(moves[0].cause)
    if len(moves) == 1 or expected is None or micropoints * expected >= 0:
        return moves[0].cause
    return Cause.SHARE_CHANGED if len({move.shared_by for move in moves}) > 1 else Cause.RULE_CHANGED
