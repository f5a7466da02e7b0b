"""Weekly digests of one partner or a portfolio: what changed in the week, what lies ahead, and what to do."""

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
    """An agreement that ends, or a product line's subscription that renews, on `day` unless someone decides otherwise.

    `by` is the day to decide by: DECISION_DAYS before, or today.
    """

    client_id: str
    client: str
    what: str
    is_agreement: bool
    day: date
    by: date


@dataclass(frozen=True, slots=True)
class Digest:
    """One partner's week. `before` is the standing a week earlier; `expiry` covers the AHEAD days to come, `decisions`
    DECISIONS_AHEAD days.
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
        """The partner that the digest is about."""
        return self.standing.partner

    @property
    def as_of(self) -> date:
        """The day of the digest."""
        return self.standing.as_of

    def lapsing_within(self, days: int) -> int:
        """Micropoints in `expiry` that expire within so many days."""
        until = self.as_of.toordinal() + days
        return sum(each.micropoints for each in self.expiry.items if each.lapses_on.toordinal() <= until)


@dataclass(frozen=True, slots=True)
class PartnerWeek:
    """A partner in the portfolio: its standing, the week's change in micropoints, and the risks.

    `red_on` is the first day on which a figure of the credited tier turns red, `missed` the recalibration's further
    requirements that will not be met.
    """

    standing: Standing
    change: int
    verdict: Verdict
    recalibration: date
    red_on: date | None
    missed: tuple[Requirement, ...] = ()

    @property
    def is_at_risk(self) -> bool:
        """Whether the credited tier misses a requirement, will soon, or may not survive the recalibration."""
        return bool(self.standing.amiss or self.red_on) or self.verdict in (Verdict.FALLS, Verdict.AT_RISK)

    @property
    def missing(self) -> int | None:
        """Micropoints missing for the next tier; None if unknown or if there is no tier above."""
        total = self.standing.requirements[0]
        is_known = (
            self.standing.next_tier is not None and total.short is not None and self.standing.rules.model == "points"
        )
        return points_missing(self.standing.requirements) if is_known else None

    @property
    def is_close(self) -> bool:
        """Whether at most CLOSE_PERCENT of the next tier's total is missing."""
        need = self.standing.requirements[0].need
        return self.missing is not None and isinstance(need, int) and self.missing * 100 <= need * CLOSE_PERCENT


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The week of every partner a viewer may see. Of these, `moved` are those whose points changed, largest change
    first, `at_risk` those at risk, soonest first, and `close` those close to their next tier, closest first.
    """

    as_of: date
    weeks: tuple[PartnerWeek, ...]
    moved: tuple[PartnerWeek, ...]
    at_risk: tuple[PartnerWeek, ...]
    close: tuple[PartnerWeek, ...]


def decisions_on(day: date, agreements: Rows, renewals: Rows) -> tuple[Decision, ...]:
    """The decisions to make, soonest first, from rows of client ID, client, what, and its day."""
    found = [
        Decision(client_id, client, what, is_agreement, when, max(day, when - timedelta(DECISION_DAYS)))
        for rows, is_agreement in ((agreements, True), (renewals, False))
        for client_id, client, what, when in rows
    ]
    return tuple(sorted(found, key=lambda each: (each.day, each.client, each.what)))


def partner_week(standing: Standing, before: Standing, expiry: Expiry, recalibration: Recalibration) -> PartnerWeek:
    """A partner's week in a portfolio; `before` is the standing a week earlier, `expiry` covers SOON days."""
    red_days = (breach.day for breach in expiry.breaches if breach.tier == standing.credited_tier)
    change = standing.balance.combined - before.balance.combined
    missed = tuple(each for each in recalibration.conditions if each.state is State.RED)
    return PartnerWeek(standing, change, recalibration.verdict, recalibration.day, min(red_days, default=None), missed)


def portfolio_of(as_of: date, weeks: Iterable[PartnerWeek]) -> Portfolio:
    """The portfolio on the day."""
    found = tuple(weeks)
    moved = sorted((each for each in found if hundredths(abs(each.change))), key=lambda each: -abs(each.change))
    at_risk = sorted(
        (each for each in found if each.is_at_risk),
        key=lambda each: (each.red_on or each.recalibration, each.standing.partner.name),
    )
    close = sorted((each for each in found if each.is_close), key=lambda each: each.missing or 0)
    return Portfolio(as_of, found, tuple(moved), tuple(at_risk), tuple(close))
