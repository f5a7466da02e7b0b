"""Points gained and lost between two days, client by client, each with its cause (how-tiers-work#changes).

Credits that started after the first day and by the second are gained; credits that ended in that time are lost. If a
managed credit ends on the day the next one starts, the change is the difference between the two. So gained − lost is
exactly the difference of the two balances, for every source.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from tiercore.facts.entries import Partner
from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, Rules
from tiercore.questions.hindsight import Hindsight, KnownAt
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import notes_on
from tiercore.rating.credits import Cause
from tiercore.rating.netting import Change, CreditEvent, net_changes
from tiercore.rating.timeline import Balance

Kind = TypeVar("Kind", Source, Cause)


class Unrated(NamedTuple):
    """A credit that started or ended but couldn't be rated, so no sum includes it."""

    client_id: str
    client: str
    product_line: str
    reason: str
    edition: str | None = None
    account: str | None = None


class Total(NamedTuple):
    """Micropoints gained and lost, neither ever negative."""

    gained: int = 0
    lost: int = 0

    @property
    def net(self) -> int:
        """Gained minus lost."""
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
    """What changed after `since`, up to and including `as_of`. `before` and `after` are the balances on those days, as
    now known; `hindsight` says what they were known as.

    `clients` are in order of the points moved, most first; `sources` and `causes` have only those with a change.
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
    hindsight: Hindsight

    @property
    def as_known(self) -> bool:
        """Whether it is about what was known on the last day, rather than on the first."""
        return self.hindsight.known.version is None and self.hindsight.known.day >= self.as_of

    @property
    def known_before(self) -> Balance | Unknown:
        """What `before` was known as."""
        return self.hindsight.before(self.before)

    @property
    def known_after(self) -> Balance | Unknown:
        """What `after` was known as; for an answer about what was known on that day."""
        return self.hindsight.after(self.after)

    @property
    def days(self) -> int:
        """The number of days from `since` to `as_of`."""
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
    opened: Iterable[CreditEvent],
    closed: Iterable[CreditEvent],
    hindsight: Hindsight | None = None,
) -> Changes:
    """What changed after `since`, up to and including `day`, from the credit events of that time in any order."""
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
        unrated=tuple(
            sorted({_unrated(each) for each in (*opened, *closed) if each.micropoints is None}, key=_spelled_out)
        ),
        notes=tuple(notes_on(program, after)),
        hindsight=hindsight or Hindsight(KnownAt(since), None, reaches=False, corrections=()),
    )


def by_client(items: Iterable[Change]) -> list[ClientChanges]:
    """The changes of each client; clients with the most points moved first."""
    grouped: dict[str, list[Change]] = defaultdict(list)
    for each in items:
        grouped[each.client_id].append(each)
    found = [
        ClientChanges(client_id, changes[0].client, _sum(changes), tuple(sorted(changes, key=_largest_first)))
        for client_id, changes in grouped.items()
    ]
    return sorted(found, key=lambda each: (-each.total.gained - each.total.lost, each.client, each.client_id))


def total_of(totals: Iterable[Total]) -> Total:
    """The sum of the totals."""
    listed = list(totals)
    return Total(sum(each.gained for each in listed), sum(each.lost for each in listed))


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


def _spelled_out(unrated: Unrated) -> tuple[str, ...]:
    return tuple(each or "" for each in unrated)


def _unrated(event: CreditEvent) -> Unrated:
    return Unrated(event.client_id, event.client, event.product_line, event.doubt or "", event.edition, event.account)
