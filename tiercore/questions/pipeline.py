"""Deals that aren't closed yet, and what they would bring: never points, only projections (pipeline#rules)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from operator import add, attrgetter, sub

from tiercore.facts.entries import Partner, PipelineDeal
from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.program import Rules
from tiercore.questions.judging import Reached
from tiercore.questions.requirements import Requirement
from tiercore.rating.credits import Credit, is_active
from tiercore.rating.timeline import Balance, balance_on, timeline_of


class Likelihood(StrEnum):
    """A class of deals by their probability; each counts those of the classes before it, too."""

    SURE = "sure"
    LIKELY = "likely"
    ALL = "all"


CLASSES = tuple(Likelihood)
Points = Mapping[Source, int]


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """A deal, its client's name, and the day on which it is expected by what is known today.

    `is_new` where the client is not on file yet. `said_later` where its owner was asked about that day and put it off.
    """

    deal: PipelineDeal
    client: str
    expected_on: date
    is_new: bool = False
    said_later: bool = False

    @property
    def deal_id(self) -> str:
        """The deal's ID."""
        return self.deal.deal_id

    def is_past(self, as_of: date) -> bool:
        """Whether its day is over: it counts in no projection then (pipeline#past-its-day)."""
        return self.expected_on < as_of


@dataclass(frozen=True, slots=True)
class RatedDeal:
    """An open deal with its class, and the micropoints by source that it adds on its day to the deals before it.

    `points` is empty for a deal past its day. `unknown` says why its points aren't known, or not in full.
    """

    open: OpenDeal
    likelihood: Likelihood
    points: Points
    unknown: Unknown | None = None

    @property
    def micropoints(self) -> int:
        """The points of all sources."""
        return sum(self.points.values())


@dataclass(frozen=True, slots=True)
class Projection:
    """What a class of deals makes of the balance: `added` has what each day with a change adds, ascending by day.

    `reached` is the first day on which the next tier would be reached with them, `credited` the day on which it would
    then be credited; None where it isn't within the year ahead. `points` are those of its deals on their days.
    """

    likelihood: Likelihood
    count: int
    points: int
    added: tuple[Balance, ...]
    reached: date | None = None
    credited: date | None = None

    def added_on(self, day: date) -> Balance:
        """What its deals add on a day, by source."""
        return balance_on(self.added, day)

    def with_it(self, balance: Balance, day: date) -> Balance:
        """A balance of the day as it would be with the deals of the class."""
        return plus(balance, self.added_on(day))


@dataclass(frozen=True, slots=True)
class Closest:
    """The day on which a tier that isn't reached comes closest, with all open deals: the one with the most points.

    `missed` are its requirements that are red then, `open` those that can't be judged.
    """

    day: date
    missed: tuple[Requirement, ...]
    open: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The open deals of a partner, those to come by their day, then those `past` theirs; a projection per class.

    `next_tier` is the tier that is aimed at, None at the top; `reached` is the first day on which it is reached without
    any deal, `credited` when it is credited then; `closest` is there where no class reaches it. `until` is how far it
    looks ahead. `at_review` are the micropoints on the next recalibration day, `review`, without any deal. `held` is
    set while expiry is under correction: nothing is projected then.
    """

    partner: Partner
    as_of: date
    rules: Rules
    deals: tuple[RatedDeal, ...]
    past: tuple[OpenDeal, ...]
    projections: tuple[Projection, ...]
    credited_tier: str | None
    performing: Reached
    next_tier: str | None
    until: date
    review: date
    at_review: int
    reached: date | None = None
    credited: date | None = None
    closest: Closest | None = None
    held: Unknown | None = None
    notes: tuple[str, ...] = ()

    def of(self, likelihood: Likelihood) -> Projection:
        """The projection of a class."""
        return next(each for each in self.projections if each.likelihood is likelihood)

    @property
    def without_probability(self) -> int:
        """How many deals to come count only in "all", because their probability isn't known."""
        return sum(each.open.deal.probability is None for each in self.deals)


def likelihood_of(probability: int | None, rules: Rules) -> Likelihood:
    """The first class that counts a deal: by its probability in percent, None if unknown (pipeline#classes)."""
    if probability is None:
        return Likelihood.ALL
    if probability >= rules.sure_from:
        return Likelihood.SURE
    return Likelihood.LIKELY if probability >= rules.likely_from else Likelihood.ALL


def in_order(deals: Iterable[OpenDeal]) -> list[OpenDeal]:
    """The order in which deals are added: the most probable first, then by day (pipeline#points)."""
    return sorted(deals, key=lambda each: (-_probability(each), each.expected_on, each.deal_id))


def _probability(each: OpenDeal) -> int:
    return -1 if each.deal.probability is None else each.deal.probability


def difference_of(after: Iterable[Credit], before: Iterable[Credit]) -> list[Balance]:
    """What some credits `after` make of a partner's balance in place of those `before`: each day on which that changes,
    ascending.
    """
    new, old = ({balance.day: balance for balance in timeline_of(credits)} for credits in (after, before))
    now = then = difference = Balance(0)
    found = list[Balance]()
    for day in sorted(new.keys() | old.keys()):
        now, then = new.get(day, now), old.get(day, then)
        found_now = _minus(now, then, day)
        if found_now[1:] != difference[1:]:
            found.append(found_now)
            difference = found_now
    return found


_ADDED = (
    *("sourced", "assisted", "managed", "sold_cents", "managed_cents", "unrated_sold", "unrated_managed"),
    *("assumed", "doubtful", "lapsed", "lapses"),
)
_added_of = attrgetter(*_ADDED)


def plus(balance: Balance, added: Balance) -> Balance:
    """A balance with what deals add to it. Portals and their tool usage stay: nothing is known of those to come."""
    return balance._replace(**dict(zip(_ADDED, map(add, _added_of(balance), _added_of(added)), strict=True)))


def _minus(after: Balance, before: Balance, day: int) -> Balance:
    return Balance(day, **dict(zip(_ADDED, map(sub, _added_of(after), _added_of(before)), strict=True)))


def sources_on(credits: Iterable[Credit], day: date) -> dict[Source, int]:
    """The micropoints of credits by source on a day."""
    found: dict[Source, int] = defaultdict(int)
    for credit in credits:
        if is_active(credit, as_of=day):
            found[credit.source] += credit.micropoints or 0
    return found
