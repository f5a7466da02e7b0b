"""The twice-yearly review: what each month of its window reached, and the result (how-tiers-work#recalibration)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercore.facts.entries import Partner
from tiercore.facts.holds import EXPIRY
from tiercore.facts.months import months_after
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, Rules
from tiercore.questions.judged_days import JudgedDays
from tiercore.questions.judging import JudgedTiers, Reached, is_open
from tiercore.questions.recalibration_days import _days_of, recalibration_of
from tiercore.questions.requirements import FIGURES, Facts, Requirement, State, lasting
from tiercore.questions.standing import notes_on, untiered_notes
from tiercore.questions.uptier import Climb, Uptier, climb_on, ranks_of, uptier_on
from tiercore.rating.timeline import Balance


class Result(StrEnum):
    """What the recalibration does to the credited tier if nothing changes until then."""

    KEEPS = "keeps"
    PROTECTED = "protected"
    FALLS = "falls"
    AT_RISK = "at_risk"
    UNKNOWN = "unknown"
    UNTIERED = "untiered"


@dataclass(frozen=True, slots=True)
class Sample:
    """The tier reached on a sampling day; `enough` says whether it keeps the credited tier, None if unknown.

    A day after the one asked about is `projected`: it assumes that nothing is added. `reached` is Unknown for days
    ahead while expiry is under correction. `amiss` holds the requirements that cost the credited tier where it isn't
    enough, `open` those that can't be judged: all of them where `enough` is None, else what points don't decide.
    `unset` are its figures that can't be judged, whatever the rest. `expiring` are the micropoints that expire between
    the day asked about and this one, and `doubtful` counts the credits of a day ahead whose expiry is unknown.
    `balance` is the day's, and begins with it; None where `reached` is Unknown.
    """

    day: date
    projected: bool
    reached: Reached | Unknown
    enough: bool | None
    amiss: tuple[Requirement, ...] = ()
    open: tuple[Requirement, ...] = ()
    unset: tuple[Requirement, ...] = ()
    expiring: int = 0
    doubtful: int = 0
    balance: Balance | None = None


@dataclass(frozen=True, slots=True)
class Recalibration:
    """The next recalibration, on or after `as_of`, and its result by what is known today.

    `outcome` is the resulting tier (None: no tier). `undecided` names tiers that may or may not have been reached.
    `protected_until` is the first day on which the credited tier may be lost again. `conditions` are certification and,
    if required, membership as of the day of the recalibration. `climb` is the next way up.
    """

    partner: Partner
    as_of: date
    rules: Rules
    credited_tier: str | None
    credited_on: date | None
    day: date
    begins: date
    samples: tuple[Sample, ...]
    result: Result
    outcome: str | None
    undecided: tuple[str, ...]
    protected_until: date | None
    uptier: Uptier | None
    climb: Climb
    conditions: tuple[Requirement, ...]
    amiss: tuple[Requirement, ...]
    notes: tuple[str, ...]

    @property
    def causes(self) -> tuple[Requirement, ...]:
        """Why the tier falls or is at risk: the conditions that will not be met and, if no sampling day is enough, each
        requirement that was red on one, as of the last such day. A condition that is met again by the day of the
        recalibration is a cause only if it was all that was red on a sampling day.
        """
        if not self.is_in_danger:
            return ()
        found = {each.name: each for each in self.conditions if each.state is State.RED}
        amiss = [] if self.may_suffice else [sample.amiss for sample in self.samples]
        met = {each.name for each in self.conditions if each.state is State.GREEN}
        met -= {one.name for one, *others in amiss if not others}
        return tuple(({each.name: each for day in amiss for each in day if each.name not in met} | found).values())

    @property
    def is_in_danger(self) -> bool:
        """Whether the tier is lost, or may be, if nothing changes until then."""
        return self.result in (Result.FALLS, Result.AT_RISK)

    @property
    def may_suffice(self) -> bool:
        """Whether a sampling day is enough, or may be."""
        return any(sample.enough is not False for sample in self.samples)

    @property
    def open(self) -> tuple[Requirement, ...]:
        """What can't be judged and might cost the tier, even if the points are enough; each requirement once."""
        if self.result not in (Result.KEEPS, Result.UNKNOWN):
            return ()
        good = [sample for sample in self.samples if sample.enough]
        doubted = good or [sample for sample in self.samples if sample.enough is None]
        is_sure = any(not sample.open for sample in good)
        found = () if is_sure else [each for sample in doubted for each in sample.open]
        conditions = [each for each in self.conditions if is_open(each)]
        return tuple({each.name: each for each in (*found, *conditions)}.values())


def recalibration_on(
    day: date, program: Program, facts: Facts, balance: Balance, timeline: Sequence[Balance]
) -> Recalibration:
    """The next recalibration as seen on `day`; `timeline` covers its window and the next day up."""
    return recalibration_by(JudgedDays(program, JudgedTiers(day, program.on(day), facts, balance), timeline))


def recalibration_by(judged: JudgedDays) -> Recalibration:
    """The same of days that are judged already, or will be."""
    program, facts, today = judged.program, judged.facts, judged.today
    day, rules = today.day, today.rules
    ends, begins = recalibration_of(day, program)
    days = _days_of(program, begins, ends)
    samples = tuple(_sample(sampled, judged) for sampled in days)
    protected = _protected_until(facts, program.on(ends))
    conditions = tuple(lasting(program.on(ends), facts, as_of=ends))
    result, outcome, undecided = _result(samples, facts, program.on(ends), ends, protected, conditions)
    return Recalibration(
        partner=facts.partner,
        as_of=day,
        rules=rules,
        credited_tier=facts.credited_tier,
        credited_on=facts.credited_on,
        day=ends,
        begins=begins,
        samples=samples,
        result=result,
        outcome=outcome,
        undecided=undecided,
        protected_until=protected,
        uptier=uptier_on(judged),
        climb=climb_on(judged),
        conditions=conditions,
        amiss=today.red(facts.credited_tier),
        notes=(*notes_on(program, today.balance), *untiered_notes(day, rules, facts)),
    )


def _sample(day: date, judged: JudgedDays) -> Sample:
    today, facts, projected = judged.today, judged.facts, day > judged.today.day
    if projected and (held := facts.holds.get(EXPIRY)):
        return Sample(day, projected=True, reached=held, enough=None)
    then, credited = judged.on(day), facts.credited_tier
    enough, open_ = _enough(then.reached, credited, then.rules), then.open(credited)
    unset = tuple([each for each in open_ if each.name in FIGURES])
    return Sample(
        day,
        projected,
        then.reached,
        enough,
        amiss=then.missed(credited) if enough is False else (),
        open=() if enough is False else tuple([each for each in open_ if not enough or each not in unset]),
        unset=unset,
        expiring=then.balance.lapsed - today.balance.lapsed if projected else 0,
        doubtful=then.balance.doubtful if projected else 0,
        balance=Balance(day.toordinal(), *then.balance[1:]),
    )


def _enough(reached: Reached, credited: str | None, rules: Rules) -> bool | None:
    """Whether the credited tier or a higher one was reached; None if unknown, or without a credited tier."""
    rank = ranks_of(rules)
    if credited is None or credited not in rank:
        return None
    if reached.tier is not None and rank[reached.tier] >= rank[credited]:
        return True
    return None if any(rank[each] >= rank[credited] for each in reached.undecided) else False


def _protected_until(facts: Facts, rules: Rules) -> date | None:
    if facts.credited_tier is None or facts.credited_on is None:
        return None
    rank = ranks_of(rules)
    if facts.credited_before and rank.get(facts.credited_before, -1) > rank.get(facts.credited_tier, -1):
        return None  # it was lost, not gained
    return months_after(facts.credited_on, rules.protection_months)


def _result(
    samples: Sequence[Sample],
    facts: Facts,
    rules: Rules,
    ends: date,
    protected: date | None,
    conditions: Sequence[Requirement],
) -> tuple[Result, str | None, tuple[str, ...]]:
    """The result, the resulting tier, and the tiers that may or may not have been reached."""
    best, undecided = _best(samples, rules)
    if facts.credited_tier is None:
        return Result.UNTIERED, None, ()
    if protected is not None and ends < protected:
        return Result.PROTECTED, facts.credited_tier, ()
    is_amiss, lost = any(each.state is State.RED for each in conditions), all(each.enough is False for each in samples)
    if is_amiss and not lost:
        return Result.AT_RISK, _lower(best, facts.credited_tier, rules), undecided
    if any(sample.enough for sample in samples):
        return Result.KEEPS, facts.credited_tier, ()
    if undecided or any(sample.enough is None for sample in samples):
        return Result.UNKNOWN, best, undecided
    return Result.FALLS, _lower(best, facts.credited_tier, rules), ()


def _lower(one: str | None, other: str, rules: Rules) -> str | None:
    """The lower of two tiers: a recalibration never moves a partner up."""
    rank = ranks_of(rules)
    return min((one, other), key=lambda tier: rank.get(tier or "", -1))


def _best(samples: Sequence[Sample], rules: Rules) -> tuple[str | None, tuple[str, ...]]:
    """The best tier reached in the window, and the tiers above it that may have been reached, lowest first."""
    rank = ranks_of(rules)
    results = [sample.reached for sample in samples if isinstance(sample.reached, Reached)]
    tiers = [each.tier for each in results if each.tier in rank]
    best = max(tiers, key=lambda tier: rank[tier or ""], default=None)
    floor = rank[best] if best else -1
    undecided = {tier for each in results for tier in each.undecided if rank.get(tier, -1) > floor}
    return best, tuple(sorted(undecided, key=lambda tier: rank[tier]))
