"""The week of every partner that someone looks after: who is at risk, who can't be judged, who is close, who moved."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tiercore.facts.points import hundredths
from tiercore.facts.unknown import Unknown
from tiercore.program import Rules, TierRules
from tiercore.questions.causes import is_open
from tiercore.questions.expiry import Expiry
from tiercore.questions.gap import Exactness, exactness_of, points_missing
from tiercore.questions.hindsight import Hindsight
from tiercore.questions.projection import Breach
from tiercore.questions.recalibration import Recalibration, Result
from tiercore.questions.requirements import FIGURES, Requirement, State
from tiercore.questions.standing import Standing
from tiercore.questions.verdict import Verdict, verdict_of

SOON = 30
CLOSE_PERCENT = 10
EXPIRY, RULES, SAMPLES, THRESHOLDS, UNRATED = "expiry", "rules", "recalibration", "thresholds", "unrated"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why it can't be judged whether a partner keeps its tier (or reaches the first one), equal for all partners that
    share it.

    `subject` is the name of a requirement, or one of EXPIRY, RULES, SAMPLES, THRESHOLDS and UNRATED. For figures
    that aren't set, `unset` are their names, and `tier` is the tier that they belong to; `is_whole` says that none of
    its figures is set. Otherwise `reason` says in words what isn't known.
    """

    subject: str
    reason: str = ""
    tier: str | None = None
    unset: tuple[str, ...] = ()
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class PartnerWeek:
    """A partner in the portfolio: its standing, the week's change in micropoints, what matters most, the risks, the
    doubts, and what was corrected in hindsight.

    `turns` are the credited tier's requirements that turn red first, all on one day within SOON days.
    """

    standing: Standing
    change: int
    recalibration: Recalibration
    verdict: Verdict
    turns: tuple[Breach, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    hindsight: Hindsight | None = None

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

    @cached_property
    def moved(self) -> list[PartnerWeek]:
        """The partners whose points changed or were corrected, largest change first."""
        return sorted((each for each in self.weeks if hundredths(each.moved)), key=lambda each: -each.moved)

    @cached_property
    def at_risk(self) -> list[PartnerWeek]:
        """The partners at risk, soonest first."""
        found = (each for each in self.weeks if each.is_at_risk)
        return sorted(found, key=lambda each: (each.risk_on, each.standing.partner.name))

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
    before: Standing,
    expiry: Expiry,
    recalibration: Recalibration,
    hindsight: Hindsight | None = None,
) -> PartnerWeek:
    """A partner's week in a portfolio; `before` is the standing at its beginning as now known, `expiry` covers SOON
    days.
    """
    change = standing.balance.combined - before.balance.combined
    turns = list(_turns(standing, expiry))
    first = min((each.day for each in turns), default=None)
    doubts = dict.fromkeys(_doubts(standing, expiry, recalibration))
    soonest = tuple(each for each in turns if each.day == first)
    return PartnerWeek(standing, change, recalibration, verdict_of(recalibration), soonest, tuple(doubts), hindsight)


def portfolio_of(as_of: date, weeks: Iterable[PartnerWeek], since: date | None = None, version: int = 0) -> Portfolio:
    """The portfolio on the day, with everything derived from it: for thousands of partners that takes a while."""
    portfolio = Portfolio(as_of, tuple(weeks), since, version)
    for derived in (each for each in vars(Portfolio).values() if isinstance(each, cached_property)):
        derived.__get__(portfolio)
    return portfolio


def _turns(standing: Standing, expiry: Expiry) -> Iterator[Breach]:
    """The credited tier's figures that turn red, and what else costs it, such as a certification that expires."""
    found = [each for each in expiry.breaches if each.tier == standing.credited_tier]
    yield from found
    if (fall := expiry.fall) and fall.before == standing.credited_tier:
        named = {each.requirement.name for each in found}
        yield from (Breach(fall.before, each, fall.day) for each in fall.causes if each.name not in named)


def _doubts(standing: Standing, expiry: Expiry, recalibration: Recalibration) -> Iterator[Doubt]:
    rules, credited = standing.rules, standing.credited_tier
    if credited is None:
        is_missed = any(each.state is State.RED for each in standing.requirements)
        yield from () if is_missed else _of_requirements(standing.open, standing.target, rules)
        return
    tier = next((each for each in rules.tiers if each.name == credited), None)
    if tier is None:
        yield Doubt(RULES, f"the {rules.version} rules have no {credited.capitalize()}")
        return
    yield from _of_requirements(standing.open, tier, rules)
    if expiry.held:
        yield Doubt(EXPIRY, expiry.held.reason)
    elif expiry.unknown or standing.balance.doubtful:
        yield Doubt(EXPIRY, "unknown for some product lines")
    elif expiry.undecided and expiry.undecided.day > standing.as_of:
        yield Doubt(RULES, expiry.undecided.reason)
    known = {each.name for each in standing.open}
    yield from _of_requirements([each for each in recalibration.open if each.name not in known], tier, rules)
    if recalibration.result is Result.UNKNOWN and not recalibration.open and not expiry.held:
        yield Doubt(SAMPLES, f"the recalibration on {recalibration.day} can't be judged")


def _of_requirements(open_: Iterable[Requirement], tier: TierRules, rules: Rules) -> Iterator[Doubt]:
    """A doubt for all the tier's figures that aren't set, one for credits that aren't rated, one for any other."""
    found = [each for each in open_ if is_open(each)]
    figures = [each for each in found if each.name in FIGURES]
    unset = tuple(each.name for each in figures if each.state is State.NOT_CONFIGURED)
    if unset:
        figures_in_all = 2 if rules.model == "dollars" else 1 + len(tier.minimums)
        yield Doubt(THRESHOLDS, tier=tier.name, unset=unset, is_whole=len(unset) == figures_in_all)
    if any(each.state is State.UNKNOWN for each in figures):
        yield Doubt(UNRATED, "some credits can't be rated: their currency has no points table")
    for each in found:
        if each.name not in FIGURES:
            yield Doubt(each.name, each.have.reason if isinstance(each.have, Unknown) else "unknown")
