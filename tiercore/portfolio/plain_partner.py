"""A partner's days judged by whole numbers alone (digests-and-alerts#several-partners).

What isn't known, or takes more than that, is left to the questions themselves.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from tiercore.access import PartnerName
from tiercore.portfolio.plain_rules import TOTAL, PlainDay, PlainRules, PlainTier


class Figures(NamedTuple):
    """A partner's ID and what counts from a day on, in micropoints, and twice the median tool usage (None: not known).

    Tens of thousands are read at a time, so the rows stay the sequences that they are read as, in this order.
    """

    partner_id: str
    day: int
    sourced: int
    assisted: int
    managed: int
    tools_twice: int | None
    unrated: int
    doubtful: int
    lapsed: int


Row = Sequence[Any]  # in the order of Figures
DAY, LAPSED = Figures._fields.index("day"), Figures._fields.index("lapsed")
_NONE = Figures("", 0, 0, 0, 0, None, 0, 0, 0)


class Unplain(Exception):
    """Something isn't known, or takes more than whole numbers: the questions have to say."""


class PlainPartner(NamedTuple):
    """What is read of a partner: its figures on the days of the rules and on every day `ahead` on which they change,
    each ascending, its tier, and until when certification and membership last.

    `certified` has the days on which a qualifying certification begins that lasts longer than those before, ascending,
    and its last day, as ordinals. It `has_more` where something is on file that only the questions can judge: a hold, a
    credit whose expiry is unknown.
    """

    partner: PartnerName
    figures: Sequence[Row]
    ahead: Sequence[Row]
    tier: str | None
    credited_on: date | None
    tier_before: str | None
    certified: Sequence[tuple[int, int]]
    member_until: int | None
    invited_on: int | None
    cams: tuple[str, ...]
    has_more: bool
    has_goal: bool = False


Amounts = tuple[int, int, int, int]


class JudgedDay(NamedTuple):
    """The amounts of a day in the order of FIGURES, what every tier requires and is red, the rank of the tier that is
    reached (-1: none), twice the median tool usage, and the points that have expired by then.
    """

    amounts: Amounts
    shared: tuple[str, ...]
    rank: int
    tools_twice: int | None
    lapsed: int


_NOTHING = JudgedDay((0, 0, 0, 0), (), -1, None, 0)


class PlainJudge:
    """A partner's days, each judged once. Raises Unplain where the questions have to say.

    `is_unsure` where something that every tier requires isn't known of a partner without a tier: what depends on that
    has to be left to the questions, too.
    """

    def __init__(self, rules: PlainRules, partner: PlainPartner) -> None:
        if partner.has_more or (partner.tier is not None and partner.tier not in rules.today.ranks):
            raise Unplain
        self.rules, self.partner, self.is_unsure = rules, partner, False
        self._certified_throughout = self._lasts_from_the_first_day()
        self._days = self._judged_days()
        self.amounts, self.shared, self.rank, self.tools_twice, self.lapsed = self.on(rules.today)

    def on(self, day: PlainDay) -> JudgedDay:
        """One of the days that are judged."""
        return self._days[day.day]

    def _judged_days(self) -> dict[int, JudgedDay]:
        """Both ascend, so each row is looked at once; days with the same figures and rules reach the same tier."""
        found, rows, at, tiers, judged = dict[int, JudgedDay](), self.partner.figures, 0, None, _NOTHING
        amounts, rank, tools, lapsed = (0, 0, 0, 0), -1, None, 0
        last, certified_throughout = len(rows), self._certified_throughout
        for day in self.rules.judged:
            ordinal, begun = day.day, at
            while at < last and rows[at][DAY] <= ordinal:
                at += 1
            if at != begun or tiers is not day.tiers:
                amounts, tools, lapsed = _amounts_of(rows[at - 1]) if at else ((0, 0, 0, 0), None, 0)
                tiers, rank, judged = day.tiers, self._rank(day, amounts), _NOTHING
            if judged is _NOTHING or judged.shared or ordinal > certified_throughout or day.membership:
                shared = self._shared(day, tools)
                judged = JudgedDay(amounts, shared, -1 if shared else rank, tools, lapsed)
            found[ordinal] = judged
        return found

    def at(self, ordinal: int) -> Row:
        """The figures of a day."""
        known = self.partner.figures
        index = bisect_right(known, ordinal, key=_ordinal)
        return known[index - 1] if index else _NONE

    def _rank(self, day: PlainDay, amounts: Amounts) -> int:
        """The rank of the highest tier that the figures reach, -1 for none."""
        combined, last = amounts[3], -1
        for tier in day.tiers:
            if tier.figures and tier.figures[0].name == TOTAL and combined < tier.figures[0].enough:
                break
            last += 1
        while last >= 0:
            tier = day.tiers[last]
            for _, at, _, enough in tier.figures:
                if amounts[at] < enough:
                    break
            else:
                if tier.is_plain or self._may_reach(tier, day):
                    return last
            last -= 1
        return -1

    def _may_reach(self, tier: PlainTier, day: PlainDay) -> bool:
        """Whether a tier that takes more than figures is reached by them: not without an invitation that it takes."""
        invited_on = self.partner.invited_on
        if tier.by_invitation and not tier.is_unset and (invited_on is None or invited_on > day.day):
            return False
        raise Unplain

    def _shared(self, day: PlainDay, tools_twice: int | None) -> tuple[str, ...]:
        """What every tier requires and is red."""
        need = day.tools_twice
        if need is not None and tools_twice is None:
            self._is_unknown()
        red = ("median_tool_usage",) if need is not None and tools_twice is not None and tools_twice < need else ()
        if day.day <= self._certified_throughout and not day.membership:
            return red
        return (*red, *[name for name, until in self.lasting(day) if until < day.day])

    def lasting(self, day: PlainDay) -> Iterator[tuple[str, int]]:
        """The certification and the membership, as far as they are required and known, and their last days."""
        if day.certification:
            if until := self.certified_until(day.day):
                yield "certification", until
            else:
                self._is_unknown()
        if day.membership:
            if self.partner.member_until is None:
                self._is_unknown()
            else:
                yield "membership", self.partner.member_until

    def certified_until(self, ordinal: int) -> int:
        """The last day of the certifications that have begun by the day, 0 for none."""
        certified = self.partner.certified
        index = bisect_right(certified, ordinal, key=_first)
        return certified[index - 1][1] if index else 0

    def _lasts_from_the_first_day(self) -> int:
        """The last day until which a certification lasts without a gap from the first of the days, 0 for none."""
        certified, first = self.partner.certified, self.rules.judged[0].day
        return certified[0][1] if certified and certified[0][0] <= first <= certified[0][1] else 0

    def _is_unknown(self) -> None:
        """Something that every tier requires isn't known: whether a tier is kept is open, not what is reached."""
        if self.partner.tier is not None:
            raise Unplain
        self.is_unsure = True

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


def _amounts_of(row: Row) -> tuple[Amounts, int | None, int]:
    """The amounts in the order of FIGURES, twice the median tool usage, and the points that have expired."""
    _, _, sourced, assisted, managed, tools_twice, unrated, doubtful, lapsed = row
    if unrated or doubtful:
        raise Unplain
    sold = sourced + assisted
    return (sourced, sold, managed, sold + managed), tools_twice, lapsed


def combined_of(row: Row) -> int:
    """All points of a day."""
    _, _, sourced, assisted, managed, *_ = row
    combined: int = sourced + assisted + managed
    return combined


def _ordinal(row: Row) -> int:
    ordinal: int = row[DAY]
    return ordinal


def _first(certified: tuple[int, int]) -> int:
    return certified[0]
