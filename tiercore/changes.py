"""What was gained and lost between two days, client by client, with the cause of each (program.md §8).

Credits that began after the first day and by the second are gained, credits that ended in that time are lost. Where a
managed credit ends and the next begins on the same day, the change is what the one is worth more than the other. So
gained − lost is the difference of the two balances, exactly, for every source.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeVar

from tiercore.credits import Cause
from tiercore.entries import Partner
from tiercore.points import Source
from tiercore.program import Program, Rules
from tiercore.requirements import Facts
from tiercore.standing import notes_on
from tiercore.timeline import Balance

Kind = TypeVar("Kind", Source, Cause)

_MANAGED = Source.MANAGED.value
_DIRECTION: dict[str, int] = {Cause.SUBSCRIPTION_ROSE: 1, Cause.DOWNGRADE: -1, Cause.CANCELLATION: -1}


class Move(NamedTuple):
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


class Unrated(NamedTuple):
    """A credit that began or ended, but could not be rated: it is in no sum."""

    client_id: str
    client: str
    product_line: str
    reason: str


class Total(NamedTuple):
    """Micropoints gained and lost, neither ever negative."""

    gained: int = 0
    lost: int = 0

    @property
    def net(self) -> int:
        """What the balance gained, or lost where it is negative."""
        return self.gained - self.lost


@dataclass(frozen=True, slots=True)
class ClientChanges:
    """The changes of one client, the largest first."""

    client_id: str
    client: str
    total: Total
    items: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed after `since`, up to and including `as_of`. `before` and `after` are the balances of those days.

    `clients` come with the largest changes first; `sources` and `causes` hold those by which something changed.
    """

    partner: Partner
    since: date
    as_of: date
    rules: Rules
    before: Balance
    after: Balance
    sources: dict[Source, Total]
    causes: dict[Cause, Total]
    clients: tuple[ClientChanges, ...]
    unrated: tuple[Unrated, ...]
    notes: tuple[str, ...]

    @property
    def days(self) -> int:
        """How many days lie between the two."""
        return (self.as_of - self.since).days

    @property
    def sold(self) -> Total:
        """Sourced and assisted points."""
        return total_of(total for source, total in self.sources.items() if source is not Source.MANAGED)

    @property
    def managed(self) -> Total:
        """Managed points."""
        return self.sources.get(Source.MANAGED, Total())

    @property
    def combined(self) -> Total:
        """Sold and managed points together."""
        return total_of(self.sources.values())


def changes_between(
    since: date,
    day: date,
    program: Program,
    facts: Facts,
    before: Balance,
    after: Balance,
    opened: Iterable[Move],
    closed: Iterable[Move],
) -> Changes:
    """What changed after `since` and by `day`; `opened` and `closed` are the credits' moves in it, in any order."""
    opened, closed = list(opened), list(closed)
    items = net_changes(opened, closed)
    return Changes(
        partner=facts.partner,
        since=since,
        as_of=day,
        rules=program.on(day),
        before=before,
        after=after,
        sources=_totals(items, Source, lambda each: each.source),
        causes=_totals(items, Cause, lambda each: each.cause),
        clients=tuple(by_client(items)),
        unrated=tuple(sorted({_unrated(each) for each in (*opened, *closed) if each.micropoints is None})),
        notes=tuple(notes_on(program, after)),
    )


def net_changes(opened: Iterable[Move], closed: Iterable[Move]) -> list[Change]:
    """The moves as changes: one for each client, product line, source, day and (of sales) cause; none of zero."""
    sold: dict[tuple[Any, ...], int] = defaultdict(int)
    managed: dict[tuple[Any, ...], list[tuple[int, Move]]] = defaultdict(list)
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


def by_client(items: Iterable[Change]) -> list[ClientChanges]:
    """The changes of each client, those that moved the most points first."""
    grouped: dict[str, list[Change]] = defaultdict(list)
    for each in items:
        grouped[each.client_id].append(each)
    found = [
        ClientChanges(client_id, changes[0].client, _sum(changes), tuple(sorted(changes, key=_largest_first)))
        for client_id, changes in grouped.items()
    ]
    return sorted(found, key=lambda each: (-each.total.gained - each.total.lost, each.client, each.client_id))


def total_of(totals: Iterable[Total]) -> Total:
    """Totals added up."""
    listed = list(totals)
    return Total(sum(each.gained for each in listed), sum(each.lost for each in listed))


def _change(key: tuple[Any, ...], micropoints: int) -> Change:
    client_id, client, line, source, day, cause = key
    return Change(client_id, client, line, Source(source), date.fromordinal(day), Cause(cause), micropoints)


def _worth(signed: Iterable[tuple[int, Move]]) -> int:
    return sum(sign * (move.micropoints or 0) for sign, move in signed)


def _why(signed: Sequence[tuple[int, Move]]) -> str:
    """Why a managed credit is worth something else: its cause, unless the points went the other way.

    Then what changed on the same day was stronger: the share, or else the rules.
    """
    moves, micropoints = [move for _, move in signed], _worth(signed)
    expected = _DIRECTION.get(moves[0].cause)
    if len(moves) == 1 or expected is None or micropoints * expected >= 0:
        return moves[0].cause
    return Cause.SHARE_CHANGED if len({move.shared_by for move in moves}) > 1 else Cause.RULE_CHANGED


def _sum(items: Iterable[Change]) -> Total:
    amounts = [each.micropoints for each in items]
    return Total(sum(each for each in amounts if each > 0), -sum(each for each in amounts if each < 0))


def _totals(items: Iterable[Change], order: Iterable[Kind], kind_of: Callable[[Change], Kind]) -> dict[Kind, Total]:
    found: dict[Kind, list[Change]] = defaultdict(list)
    for each in items:
        found[kind_of(each)].append(each)
    return {kind: _sum(found[kind]) for kind in order if kind in found}


def _largest_first(change: Change) -> tuple[object, ...]:
    return (-abs(change.micropoints), change.day, change.product_line, change.source.value, change.cause.value)


def _unrated(move: Move) -> Unrated:
    return Unrated(move.client_id, move.client, move.product_line, move.doubt or "")
