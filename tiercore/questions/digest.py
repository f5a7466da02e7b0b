"""The weekly digests: what moved in a week, where it leads, and what to do; of one partner, or of all that one sees."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from tiercore.facts.entries import Partner
from tiercore.facts.points import hundredths
from tiercore.questions.advice import DECISION_DAYS, Advice
from tiercore.questions.changes import Changes
from tiercore.questions.expiry import Expiry
from tiercore.questions.gap import points_missing
from tiercore.questions.progress import Progress
from tiercore.questions.recalibration import Recalibration, Verdict
from tiercore.questions.requirements import Requirement, State
from tiercore.questions.standing import Standing

Rows = Sequence[tuple[str, str, str, date]]
WEEK = 7
AHEAD = 90
DECISIONS_AHEAD = 120
SPANS = (30, 60, 90)
SOON = 30
CLOSE_PERCENT = 10


class Decision(NamedTuple):
    """Something that ends or renews on a `day` unless it is decided otherwise: an agreement, or a product line's
    subscription. `by` is the day to decide by: DECISION_DAYS before, or today.
    """

    client_id: str
    client: str
    what: str
    is_agreement: bool
    day: date
    by: date


@dataclass(frozen=True, slots=True)
class Digest:
    """One partner's week. `before` is the standing of the day a week before; `expiry` looks AHEAD days, `decisions`
    DECISIONS_AHEAD.
    """

    topic: str
    standing: Standing
    before: Standing
    changes: Changes
    progress: Progress
    expiry: Expiry
    recalibration: Recalibration
    advice: tuple[Advice, ...]
    decisions: tuple[Decision, ...] = ()

    @property
    def partner(self) -> Partner:
        """The partner that it is about."""
        return self.standing.partner

    @property
    def as_of(self) -> date:
        """The day on which it is told."""
        return self.standing.as_of

    def lapsing_within(self, days: int) -> int:
        """Micropoints that lapse within so many days, of those in `expiry`."""
        until = self.as_of.toordinal() + days
        return sum(each.micropoints for each in self.expiry.items if each.lapses_on.toordinal() <= until)


@dataclass(frozen=True, slots=True)
class PartnerWeek:
    """A partner in the portfolio: micropoints now, what the week brought, and what threatens: the day on which a figure
    turns red, and what the recalibration asks for besides and misses.
    """

    standing: Standing
    change: int
    verdict: Verdict
    recalibration: date
    breaches: date | None
    missed: tuple[Requirement, ...] = ()

    @property
    def is_at_risk(self) -> bool:
        """Whether the held tier is missed, would not survive the recalibration, or a figure of it turns red soon."""
        return bool(self.standing.amiss or self.breaches) or self.verdict in (Verdict.FALLS, Verdict.AT_RISK)

    @property
    def missing(self) -> int | None:
        """Micropoints to the next tier; None where that is not known, or none is above."""
        total = self.standing.requirements[0]
        known = (
            self.standing.next_tier is not None and total.short is not None and self.standing.rules.model == "points"
        )
        return points_missing(self.standing.requirements) if known else None

    @property
    def is_close(self) -> bool:
        """Whether at most CLOSE_PERCENT of the next tier's total are missing."""
        need = self.standing.requirements[0].need
        return self.missing is not None and isinstance(need, int) and self.missing * 100 <= need * CLOSE_PERCENT


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The week of every partner that someone may see: who moved, who is at risk, who is close to the next tier."""

    as_of: date
    weeks: tuple[PartnerWeek, ...]

    @property
    def moved(self) -> list[PartnerWeek]:
        """Those whose points changed, the largest change first."""
        return sorted((each for each in self.weeks if hundredths(abs(each.change))), key=lambda each: -abs(each.change))

    @property
    def at_risk(self) -> list[PartnerWeek]:
        """Those in danger, the soonest first."""
        found = (each for each in self.weeks if each.is_at_risk)
        return sorted(found, key=lambda each: (each.breaches or each.recalibration, each.standing.partner.name))

    @property
    def close(self) -> list[PartnerWeek]:
        """Those who miss little to the next tier, the least first."""
        return sorted((each for each in self.weeks if each.is_close), key=lambda each: each.missing or 0)


def decisions_on(day: date, agreements: Rows, renewals: Rows) -> tuple[Decision, ...]:
    """What is to be decided, the soonest first; rows of client id, client, what, and the day of it."""
    found = [
        Decision(client_id, client, what, is_agreement, when, max(day, when - timedelta(DECISION_DAYS)))
        for rows, is_agreement in ((agreements, True), (renewals, False))
        for client_id, client, what, when in rows
    ]
    return tuple(sorted(found, key=lambda each: (each.day, each.client, each.what)))


def partner_week(standing: Standing, before: Standing, expiry: Expiry, recalibration: Recalibration) -> PartnerWeek:
    """A partner's week in a portfolio; `expiry` looks SOON days ahead."""
    held = (breach.day for breach in expiry.breaches if breach.tier == standing.credited_tier)
    change = standing.balance.combined - before.balance.combined
    missed = tuple(each for each in recalibration.conditions if each.state is State.RED)
    return PartnerWeek(standing, change, recalibration.verdict, recalibration.day, min(held, default=None), missed)


def portfolio_of(as_of: date, weeks: Iterable[PartnerWeek]) -> Portfolio:
    """The portfolio of the day."""
    return Portfolio(as_of, tuple(weeks))
