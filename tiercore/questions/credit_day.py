"""What a credit day did to a partner's tier: the 15th of a month, and with it the recalibration
(how-tiers-work#moving-up, how-tiers-work#recalibration).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from tiercore.facts.entries import Partner
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, Rules
from tiercore.questions.judged_days import JudgedDays
from tiercore.questions.judging import JudgedTiers
from tiercore.questions.recalibration import Recalibration, Result, recalibration_by
from tiercore.questions.recalibration_days import recalibration_of
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import notes_on
from tiercore.questions.uptier import Uptier, ranks_of, uptier_day, uptier_on
from tiercore.rating.timeline import Balance, balance_on

REMINDERS = (60, 30, 7)  # so many days before a recalibration people hear of a tier in danger
LATE_DAYS = 7  # so many days after its day a message is still sent


class Outcome(StrEnum):
    """What the day did to the tier that was held on its eve."""

    GAINED = "gained"
    KEPT = "kept"
    PROTECTED = "protected"
    AT_RISK = "at_risk"
    LOST = "lost"
    UNKNOWN = "unknown"
    NOTHING = "nothing"


class OnFile(NamedTuple):
    """The tier that the program credited (None: no tier), and the day, from tiers.csv."""

    tier: str | None
    day: date


@dataclass(frozen=True, slots=True)
class CreditDay:
    """The outcome of a credit day for the tier that was `held` on its eve, by what is known now.

    `result` is the tier that the outcome gives, None for no tier. `on_file` is what the program credited on the day, or
    after it and before the next; None where nothing is on file. It decides the outcome where it is there. `by_numbers`
    is the tier that our rules give, Unknown where they can't say: also one that was reached a month before already,
    which is no news. On a recalibration, `recalibration` says which sampling days decided.
    """

    partner: Partner
    day: date
    rules: Rules
    held: str | None
    outcome: Outcome
    result: str | None
    by_numbers: str | Unknown | None
    on_file: OnFile | None
    recalibration: Recalibration | None
    notes: tuple[str, ...]

    @property
    def tier(self) -> str | None:
        """The tier from the day on: what the program credited, else what our rules give."""
        return self.on_file.tier if self.on_file else self.result

    @property
    def differs(self) -> bool:
        """Whether the program credited another tier than our rules give."""
        if self.on_file is None or isinstance(self.by_numbers, Unknown):
            return False
        return self.on_file.tier != self.by_numbers

    @property
    def is_told(self) -> bool:
        """Whether there is an outcome to tell."""
        return self.outcome not in (Outcome.UNKNOWN, Outcome.NOTHING)


@dataclass(frozen=True, slots=True)
class PastRecalibration:
    """A recalibration that is over, as asked about on `as_of`. `known_then` is what its data gave on the day itself:
    None where nothing was corrected since, Unknown where that isn't on record.
    """

    as_of: date
    credit_day: CreditDay
    known_then: Recalibration | Unknown | None


def credit_days_told(day: date, program: Program) -> list[date]:
    """The credit days whose messages may be sent on `day`: that of the month and the last recalibration, LATE_DAYS ago
    at most.
    """
    days = {last_uptier_day(day, program.on(day)), last_recalibration(day, program)}
    return sorted(each for each in days if (day - each).days <= LATE_DAYS)


def reminder_due(day: date, program: Program) -> int | None:
    """Which of the REMINDERS of the next recalibration may be sent on `day`; each may be LATE_DAYS late."""
    left = (program.recalibration_after(day) - day).days
    return next((each for each in REMINDERS if max(each - LATE_DAYS, 1) <= left <= each), None)


def last_uptier_day(day: date, rules: Rules) -> date:
    """The last day, on or before this one, on which partners move up."""
    return uptier_day(day, rules) if day.day == rules.uptier_day else uptier_day(day, rules) - relativedelta(months=1)


def last_recalibration(day: date, program: Program) -> date:
    """The last recalibration on or before the day."""
    found = program.recalibration_after(day - relativedelta(years=1, days=1))
    while (following := program.recalibration_after(found)) <= day:
        found = following
    return found


def is_result_shown(day: date, program: Program) -> bool:
    """Whether the last recalibration is asked about rather than the next: until the next window begins."""
    last = last_recalibration(day, program)
    return day == last or day < recalibration_of(last + timedelta(1), program)[1]


def days_needed(day: date, program: Program) -> tuple[date, date]:
    """The first and the last day of the timeline that credit_day_on needs."""
    ends, begins = recalibration_of(day, program)
    before = last_uptier_day(day - timedelta(1), program.on(day))
    return (min(begins, before), day) if ends == day else (before, day)


def credit_day_on(
    day: date, program: Program, facts: Facts, timeline: Sequence[Balance], credited: Sequence[OnFile]
) -> CreditDay:
    """What `day` did to the tier. `facts` have the tier held on its eve and the retention of `day`; the timeline covers
    days_needed; `credited` are all tiers on file, ascending by day.
    """
    balance = balance_on(timeline, day)
    judged = JudgedDays(program, JudgedTiers(day, program.on(day), facts, balance), timeline)
    review = recalibration_by(judged) if recalibration_of(day, program)[0] == day else None
    up = uptier_on(judged)
    is_news = up is not None and _is_news(up, judged)
    outcome, result = _outcome(facts, up if is_news else None, review)
    next_day = uptier_day(day + timedelta(1), program.on(day))
    on_file = next((each for each in reversed(credited) if day <= each.day < next_day), None)
    if on_file:
        outcome = _by_file(outcome, on_file, facts, program.on(day))
    undecided = judged.today.reached.undecided
    return CreditDay(
        partner=facts.partner,
        day=day,
        rules=program.on(day),
        held=facts.credited_tier,
        outcome=outcome,
        result=result,
        by_numbers=_UNKNOWN if _is_open(up, review) or undecided else up.tier if up else result,
        on_file=on_file,
        recalibration=review,
        notes=tuple(notes_on(program, balance)),
    )


_UNKNOWN = Unknown("a requirement is unknown or not set")


def _is_open(up: Uptier | None, review: Recalibration | None) -> bool:
    """Whether our rules can't say what the day did to the tier."""
    if up and (up.open or not up.holds):
        return True
    return review is not None and (review.result is Result.UNKNOWN or bool(review.open))


def _is_news(up: Uptier, judged: JudgedDays) -> bool:
    """Whether the tier is gained on this day, as far as all of it is known, and wasn't reached on the one before."""
    return bool(up.holds) and not up.open and not _was_reached_before(up, judged)


def _was_reached_before(up: Uptier, judged: JudgedDays) -> bool:
    """Whether the tier was reached on the credit day before already: then it isn't this day's news that it is."""
    before = judged.on(last_uptier_day(up.day - timedelta(1), judged.program.on(up.day)))
    tier, ranks = before.reached.tier, ranks_of(before.rules)
    return tier is not None and up.tier in ranks and ranks[tier] >= ranks[up.tier]


_OUTCOMES = {
    Result.KEEPS: Outcome.KEPT,
    Result.PROTECTED: Outcome.PROTECTED,
    Result.FALLS: Outcome.LOST,
    Result.AT_RISK: Outcome.AT_RISK,
    Result.UNKNOWN: Outcome.UNKNOWN,
    Result.UNTIERED: Outcome.NOTHING,
}


def _outcome(facts: Facts, up: Uptier | None, review: Recalibration | None) -> tuple[Outcome, str | None]:
    """The outcome and the tier that our rules give. Without a tier on file it isn't known whether one is gained."""
    if up and facts.is_tier_on_file:
        return Outcome.GAINED, up.tier
    if review is None:
        return Outcome.NOTHING, facts.credited_tier
    if review.result is Result.KEEPS and review.open:
        return Outcome.UNKNOWN, facts.credited_tier
    return _OUTCOMES[review.result], review.outcome


def _by_file(said: Outcome, on_file: OnFile, facts: Facts, rules: Rules) -> Outcome:
    """The outcome where the program's own is on file: which tier is higher decides."""
    rank = ranks_of(rules)
    before, after = rank.get(facts.credited_tier or "", -1), rank.get(on_file.tier or "", -1)
    if after != before:
        return Outcome.GAINED if after > before else Outcome.LOST
    return said if said in (Outcome.PROTECTED, Outcome.NOTHING) else Outcome.KEPT
