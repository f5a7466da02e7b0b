"""The week of every partner that someone looks after: who is at risk, who can't be judged, who is close, who moved."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from tiercore.questions.advice import Advice, first_act
from tiercore.questions.doubts import Doubt, doubts_on
from tiercore.questions.expiry import Expiry
from tiercore.questions.gap import Exactness, exactness_of, points_missing
from tiercore.questions.goals import GoalProgress
from tiercore.questions.hindsight import Hindsight
from tiercore.questions.portfolio_lines import Outline, PartnerLine, corrected_in, outline_of
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
    def partner_id(self) -> str:
        """The partner's ID."""
        return self.standing.partner.partner_id

    @property
    def corrected(self) -> int:
        """Micropoints corrected in hindsight at the beginning of the week."""
        return corrected_in(self.hindsight)

    @property
    def line(self) -> PartnerLine:
        """What the partner is chosen and ranked by."""
        return PartnerLine(
            partner_id=self.partner_id,
            name=self.standing.partner.name,
            change=self.change,
            missing=self.missing,
            is_at_risk=self.is_at_risk,
            at_stake=self.at_stake if self.is_at_risk else 0,
            days_left=self.days_left if self.is_at_risk else None,
            is_close=self.is_close,
            is_close_known=self.is_close_known,
            doubts=self.doubts,
            corrected=self.corrected,
            is_known_before=self.hindsight is None or self.hindsight.reaches,
            goal=self.goal,
        )

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
class Portfolio(Outline):
    """The time after `since` of every partner a viewer may see. `read` are the weeks of those shown in full, by ID."""

    read: Mapping[str, PartnerWeek] = field(default_factory=dict)

    def week(self, line: PartnerLine) -> PartnerWeek:
        """The week of a line that is shown in full. Raises KeyError for one that wasn't read."""
        return self.read[line.partner_id]

    @property
    def weeks(self) -> tuple[PartnerWeek, ...]:
        """All weeks that were read, in the order of the lines."""
        return tuple(self.read[each.partner_id] for each in self.lines if each.partner_id in self.read)

    @property
    def notes(self) -> list[str]:
        """The notes that hold for every partner read in full, such as the label of the rules."""
        weeks = self.weeks
        shared = [set(each.standing.notes) for each in weeks]
        first = weeks[0].standing.notes if weeks else ()
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
    """The portfolio on the day with the week of every partner."""
    read = {each.partner_id: each for each in weeks}
    return with_weeks(outline_of(as_of, [each.line for each in read.values()], since, version), read)


def with_weeks(outline: Outline, read: Mapping[str, PartnerWeek]) -> Portfolio:
    """The portfolio of the outline with these weeks; what is derived from the lines isn't computed again."""
    portfolio = Portfolio(outline.as_of, outline.lines, outline.since, outline.version, read)
    vars(portfolio).update({**vars(outline), **vars(portfolio)})
    return portfolio


def turns_of(standing: Standing, expiry: Expiry) -> Iterator[Breach]:
    """The credited tier's figures that turn red, and what else costs it, such as a certification that expires."""
    found = [each for each in expiry.breaches if each.tier == standing.credited_tier]
    yield from found
    if (fall := expiry.fall) and fall.before == standing.credited_tier:
        named = {each.requirement.name for each in found}
        yield from (Breach(fall.before, each, fall.day) for each in fall.causes if each.name not in named)
