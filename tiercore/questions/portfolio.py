"""The week of every partner that someone looks after: who is at risk, who can't be judged, who is close, who moved."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from tiercore.facts.points import hundredths
from tiercore.questions.advice import Advice, first_act
from tiercore.questions.doubts import Doubt, doubts_on
from tiercore.questions.expiry import Expiry
from tiercore.questions.gap import Exactness, exactness_of, points_missing
from tiercore.questions.goals import GoalProgress
from tiercore.questions.hindsight import Hindsight
from tiercore.questions.projection import Breach
from tiercore.questions.recalibration import Recalibration, Result
from tiercore.questions.requirements import Unit
from tiercore.questions.standing import Standing
from tiercore.questions.verdict import Verdict, verdict_of
from tiercore.rating.timeline import Balance

SOON = 30
CLOSE_PERCENT = 10


@dataclass(frozen=True, slots=True)
class PartnerWeek:
    """A partner in the portfolio: its standing, the week's change in micropoints, what matters most, the risks, the
    doubts, what was corrected in hindsight, the one thing to do, and how it stands with the goal that was kept.

    `turns` are the credited tier's requirements that turn red first, all on one day within SOON days.
    """

    standing: Standing
    change: int
    recalibration: Recalibration
    verdict: Verdict
    turns: tuple[Breach, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    hindsight: Hindsight | None = None
    act: Advice | None = None
    goal: GoalProgress | None = None

    @property
    def corrected(self) -> int:
        """Micropoints corrected in hindsight at the beginning of the week."""
        return self.hindsight.at_since.combined if self.hindsight else 0

    @property
    def moved(self) -> int:
        """The larger of what came or went and what was corrected, in micropoints."""
        return max(abs(self.change), abs(self.corrected))

    @property
    def is_at_risk(self) -> bool:
        """Whether the credited tier misses a requirement, will soon, or may not survive the recalibration."""
        return bool(self.standing.amiss or self.turns) or self.recalibration.result in (
            Result.FALLS,
            Result.AT_RISK,
        )

    @property
    def is_unjudged(self) -> bool:
        """Whether no risk is known, but one can't be ruled out."""
        return not self.is_at_risk and bool(self.doubts)

    @property
    def risk_on(self) -> date:
        """The day of the first risk: today, the day on which a figure turns red, or that of the recalibration."""
        if self.standing.amiss:
            return self.standing.as_of
        return self.turns[0].day if self.turns else self.recalibration.day

    @property
    def days_left(self) -> int:
        """The days until the last one on which the act helps, or else until the risk; 1 where that is today."""
        return max(1, ((self.act.by if self.act else self.risk_on) - self.standing.as_of).days)

    @property
    def at_stake(self) -> int:
        """Micropoints at stake: all that the partner has where its tier is in danger, since the tier rests on them;
        else what is missing of the figures that are red or turn red, 0 for requirements that points don't meet.
        """
        if self.verdict.is_bad:
            return self.standing.balance.combined
        red = (*self.standing.amiss, *(each.requirement for each in self.turns))
        return points_missing([each for each in red if each.unit is Unit.POINTS])

    @property
    def urgency(self) -> Fraction:
        """Micropoints at stake for each day that is left (digests-and-alerts#needs-attention)."""
        return Fraction(self.at_stake, self.days_left)

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to say of it: no risk, nothing unknown, no tier close by, no points moved and no
        goal off track.
        """
        is_late = self.goal is not None and self.goal.is_late
        return not (self.is_at_risk or self.is_unjudged or self.is_close or hundredths(self.moved) or is_late)

    @property
    def missing(self) -> int | None:
        """Micropoints missing for the next tier; None if unknown, in dollars, or if there is no tier above."""
        standing = self.standing
        is_known = standing.next_tier is not None and standing.requirements[0].short is not None
        return points_missing(standing.requirements) if is_known and standing.rules.model == "points" else None

    @property
    def is_close(self) -> bool:
        """Whether at most CLOSE_PERCENT of the next tier's total is missing."""
        need = self.standing.requirements[0].need
        return self.missing is not None and isinstance(need, int) and self.missing * 100 <= need * CLOSE_PERCENT

    @property
    def is_close_known(self) -> bool:
        """Whether it can be said that the partner is, or isn't, close: all of the next tier's figures are known."""
        is_exact = exactness_of(self.standing.requirements) is Exactness.EXACT
        return self.standing.next_tier is None or (self.missing is not None and is_exact)


@dataclass(frozen=True)
class Portfolio:
    """The week of every partner a viewer may see, or the time after `since`; `version` is the data's. What is derived
    from it is computed once.
    """

    as_of: date
    weeks: tuple[PartnerWeek, ...]
    since: date | None = None
    version: int = 0

    @property
    def has_news(self) -> bool:
        """Whether a partner needs attention, can't be judged, or moved, as far as that is known."""
        is_known = all(each.hindsight is None or each.hindsight.reaches for each in self.weeks)
        return bool(self.at_risk or self.unjudged or self.moved) or not is_known

    @cached_property
    def moved(self) -> list[PartnerWeek]:
        """The partners whose points changed or were corrected, largest change first."""
        return sorted((each for each in self.weeks if hundredths(each.moved)), key=lambda each: -each.moved)

    @cached_property
    def at_risk(self) -> list[PartnerWeek]:
        """The partners at risk, the most urgent first; equally urgent ones by the days left, then by name."""
        found = (each for each in self.weeks if each.is_at_risk)
        return sorted(found, key=lambda each: (-each.urgency, each.days_left, each.standing.partner.name))

    @cached_property
    def quiet(self) -> list[PartnerWeek]:
        """The partners of which there is nothing to say, by name."""
        return sorted((each for each in self.weeks if each.is_quiet), key=lambda each: each.standing.partner.name)

    @cached_property
    def unjudged(self) -> list[PartnerWeek]:
        """The partners that can't be judged, by name."""
        return sorted((each for each in self.weeks if each.is_unjudged), key=lambda each: each.standing.partner.name)

    @cached_property
    def by_doubt(self) -> list[tuple[Doubt, list[PartnerWeek]]]:
        """The partners that can't be judged under each reason, the most frequent reason first."""
        found: dict[Doubt, list[PartnerWeek]] = {}
        for week in self.unjudged:
            for doubt in week.doubts:
                found.setdefault(doubt, []).append(week)
        return sorted(found.items(), key=lambda each: -len(each[1]))

    @cached_property
    def goals(self) -> list[PartnerWeek]:
        """The partners with a goal that aren't at risk, those off track first, then by the goal's day."""
        found = ((each.goal, each) for each in self.weeks if each.goal and not each.is_at_risk)
        return [each for _, each in sorted(found, key=lambda pair: (not pair[0].is_late, pair[0].goal.day))]

    @cached_property
    def unset(self) -> int:
        """How many thresholds aren't set that some partner would be judged by."""
        return len({(doubt.tier, figure) for doubt, _ in self.by_doubt for figure in doubt.unset})

    @cached_property
    def close(self) -> list[PartnerWeek]:
        """The partners close to their next tier, closest first."""
        return sorted((each for each in self.weeks if each.is_close), key=lambda each: each.missing or 0)

    @cached_property
    def notes(self) -> list[str]:
        """The notes that hold for every partner, such as the label of the rules."""
        shared = [set(each.standing.notes) for each in self.weeks]
        first = self.weeks[0].standing.notes if self.weeks else ()
        return [note for note in first if all(note in notes for notes in shared)]


def partner_week(
    standing: Standing,
    before: Balance,
    expiry: Expiry,
    recalibration: Recalibration,
    hindsight: Hindsight | None = None,
    goal: GoalProgress | None = None,
) -> PartnerWeek:
    """A partner's week in a portfolio; `before` is the balance at its beginning as now known, `expiry` covers SOON
    days.
    """
    change = standing.balance.combined - before.combined
    turns = list(turns_of(standing, expiry))
    first = min((each.day for each in turns), default=None)
    doubts = dict.fromkeys(doubts_on(standing, expiry, recalibration))
    soonest = tuple(each for each in turns if each.day == first)
    return PartnerWeek(
        standing,
        change,
        recalibration,
        verdict_of(recalibration),
        soonest,
        tuple(doubts),
        hindsight,
        first_act(standing, expiry, recalibration),
        goal,
    )


def portfolio_of(as_of: date, weeks: Iterable[PartnerWeek], since: date | None = None, version: int = 0) -> Portfolio:
    """The portfolio on the day, with everything derived from it: for thousands of partners that takes a while."""
    portfolio = Portfolio(as_of, tuple(weeks), since, version)
    for derived in (each for each in vars(Portfolio).values() if isinstance(each, cached_property)):
        derived.__get__(portfolio)
    return portfolio


def turns_of(standing: Standing, expiry: Expiry) -> Iterator[Breach]:
    """The credited tier's figures that turn red, and what else costs it, such as a certification that expires."""
    found = [each for each in expiry.breaches if each.tier == standing.credited_tier]
    yield from found
    if (fall := expiry.fall) and fall.before == standing.credited_tier:
        named = {each.requirement.name for each in found}
        yield from (Breach(fall.before, each, fall.day) for each in fall.causes if each.name not in named)
