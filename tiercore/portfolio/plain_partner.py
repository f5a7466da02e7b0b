"""A partner's days judged by whole numbers alone (digests-and-alerts#several-partners).

What isn't known, or takes more than that, is left to the questions themselves.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tiercore.access import PartnerName
from tiercore.portfolio.plain_rules import TOTAL, PlainDay, PlainRules, PlainTier


class Figures(NamedTuple):
    """What counts from a day on, in micropoints, and twice the median tool usage (None: not known)."""

    day: int
    sourced: int
    assisted: int
    managed: int
    tools_twice: int | None
    unrated: int
    doubtful: int
    lapsed: int

    @property
    def combined(self) -> int:
        """All points."""
        return self.sourced + self.assisted + self.managed


class Lows(NamedTuple):
    """The least of each figure within the days ahead, and the most credits that couldn't be rated."""

    sourced: int
    sold: int
    managed: int
    combined: int
    tools_twice: int | None
    unrated: int


class Unplain(Exception):
    """Something isn't known, or takes more than whole numbers: the questions have to say."""


@dataclass(frozen=True, slots=True)
class PlainPartner:
    """What is read of a partner: its figures on the days of the rules, ascending, the lows of the days ahead (None: no
    change), its tier, and until when certification and membership last.

    `certified` has the days on which a qualifying certification begins that lasts longer than those before, ascending,
    and its last day, as ordinals. It `has_more` where something is on file that only the questions can judge: a hold, a
    credit whose expiry is unknown.
    """

    partner: PartnerName
    figures: Sequence[Figures]
    lows: Lows | None
    tier: str | None
    credited_on: date | None
    tier_before: str | None
    certified: Sequence[tuple[int, int]]
    member_until: int | None
    cams: tuple[str, ...]
    has_more: bool
    has_goal: bool = False


_NONE = Figures(0, 0, 0, 0, None, 0, 0, 0)
Amounts = tuple[int, int, int, int]


class PlainJudge:
    """A partner's days, each judged once. Raises Unplain where the questions have to say."""

    def __init__(self, rules: PlainRules, partner: PlainPartner) -> None:
        if partner.has_more or (partner.tier is not None and partner.tier not in rules.today.ranks):
            raise Unplain
        self.rules, self.partner = rules, partner
        self._days: dict[int, tuple[Figures, Amounts, tuple[str, ...], int]] = {}
        self.figures, self.amounts, self.shared, self.rank = self.on(rules.today)

    def on(self, day: PlainDay) -> tuple[Figures, Amounts, tuple[str, ...], int]:
        """The figures of a day, the amounts in the order of FIGURES, what every tier requires and is red, and the rank
        of the tier that is reached, -1 for none.
        """
        found = self._days.get(day.day)
        if found is None:
            figures = self.at(day.day)
            if figures.unrated or figures.doubtful:
                raise Unplain
            sourced, sold = figures.sourced, figures.sourced + figures.assisted
            amounts = sourced, sold, figures.managed, sold + figures.managed
            shared = self._shared(day, figures.tools_twice)
            found = self._days[day.day] = figures, amounts, shared, -1 if shared else _rank(day.tiers, amounts)
        return found

    def at(self, ordinal: int) -> Figures:
        """The figures of a day."""
        known = self.partner.figures
        index = bisect_right(known, ordinal, key=_ordinal)
        return known[index - 1] if index else _NONE

    def _shared(self, day: PlainDay, tools_twice: int | None) -> tuple[str, ...]:
        """What every tier requires and is red."""
        red = []
        if day.tools_twice is not None:
            if tools_twice is None:
                raise Unplain
            if tools_twice < day.tools_twice:
                red.append("median_tool_usage")
        return (*red, *(name for name, until in self.lasting(day) if until < day.day))

    def lasting(self, day: PlainDay) -> Iterator[tuple[str, int]]:
        """The certification and the membership, as far as they are required, and their last days."""
        if day.certification:
            yield "certification", self._certified_until(day.day)
        if day.membership:
            if self.partner.member_until is None:
                raise Unplain
            yield "membership", self.partner.member_until

    def _certified_until(self, ordinal: int) -> int:
        certified = self.partner.certified
        index = bisect_right(certified, ordinal, key=_first)
        if not index:
            raise Unplain
        return certified[index - 1][1]

    def held(self, day: PlainDay) -> PlainTier | None:
        """The credited tier by the day's rules, None for no tier."""
        if self.partner.tier is None:
            return None
        rank = day.ranks.get(self.partner.tier)
        if rank is None or not day.tiers[rank].is_plain:
            raise Unplain
        return day.tiers[rank]

    def above(self, day: PlainDay, rank: int) -> PlainTier | None:
        """The tier above the credited one and that of the rank."""
        higher = max(rank, day.ranks.get(self.partner.tier or "", -1)) + 1
        return day.tiers[higher] if higher < len(day.tiers) else None

    def turns_red(self, tier: PlainTier) -> bool:
        """Whether something that the tier requires is met today and may not be within the days ahead."""
        rules, lows = self.rules, self.partner.lows
        first, last = rules.today.day, rules.until.toordinal()
        if any(first <= until < last for _, until in self.lasting(rules.today)):
            return True
        if lows is None:
            return False
        if lows.unrated:
            raise Unplain
        need = rules.today.tools_twice
        if need is not None and lows.tools_twice is not None and lows.tools_twice < need:
            return True
        ahead = lows.sourced, lows.sold, lows.managed, lows.combined
        return any(ahead[each.at] < each.enough <= self.amounts[each.at] for each in tier.figures)


def _rank(tiers: Sequence[PlainTier], amounts: Amounts) -> int:
    """The rank of the highest tier that the figures reach, -1 for none."""
    combined, last = amounts[3], -1
    for tier in tiers:
        if tier.figures and tier.figures[0].name == TOTAL and combined < tier.figures[0].enough:
            break
        last += 1
    while last >= 0:
        tier = tiers[last]
        if not tier.is_plain:
            raise Unplain
        if all(amounts[each.at] >= each.enough for each in tier.figures):
            return last
        last -= 1
    return -1


def _ordinal(figures: Figures) -> int:
    return figures.day


def _first(certified: tuple[int, int]) -> int:
    return certified[0]
