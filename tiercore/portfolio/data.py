"""What is read of a partner for its line in a portfolio, and the answers that it gives together."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from tiercore.access import PartnerName
from tiercore.portfolio.state import PartnerState
from tiercore.program import Program
from tiercore.questions.advice import first_act
from tiercore.questions.digest import WEEK
from tiercore.questions.expiry import Expiry, Lapse, UnknownExpiry, expiry_within
from tiercore.questions.goals import GoalProgress
from tiercore.questions.hindsight import Hindsight
from tiercore.questions.judged_days import JudgedDays
from tiercore.questions.judging import JudgedTiers
from tiercore.questions.portfolio import SOON, PartnerWeek, partner_week, turns_of
from tiercore.questions.recalibration import Recalibration, recalibration_by
from tiercore.questions.requirements import Facts
from tiercore.questions.signals import Signals, signals_on
from tiercore.questions.standing import Standing, notes_on, standing_on
from tiercore.rating.timeline import Balance, balance_on


@dataclass(frozen=True, slots=True)
class PartnerData:
    """A partner's facts, with the retention that the next recalibration takes; `balances` of the days that it and the
    week before take, ascending; the timeline `ahead`, SOON days from the day on; what has no known expiry; its CAMs.
    """

    facts: Facts
    balances: Sequence[Balance]
    ahead: Sequence[Balance]
    unknown: Sequence[UnknownExpiry] = ()
    cams: tuple[str, ...] = ()
    has_goal: bool = False

    @property
    def partner_id(self) -> str:
        """The partner's ID."""
        return self.facts.partner.partner_id


@dataclass(frozen=True, slots=True)
class Judged:
    """A partner's answers on a day, from one state of the data; `expiry` covers SOON days and names no clients."""

    data: PartnerData
    program: Program = field(repr=False)
    standing: Standing
    expiry: Expiry
    recalibration: Recalibration

    @property
    def partner_id(self) -> str:
        """The partner's ID."""
        return self.data.partner_id

    @property
    def turns_red(self) -> bool:
        """Whether something that the credited tier requires turns red in the SOON days ahead: `week` takes lapses."""
        return next(turns_of(self.standing, self.expiry), None) is not None

    @property
    def balance(self) -> Balance:
        """What counts on the day."""
        return self.standing.balance

    def week(
        self,
        since: date,
        lapses: Sequence[Lapse] = (),
        hindsight: Hindsight | None = None,
        goal: GoalProgress | None = None,
    ) -> PartnerWeek:
        """The partner's time after `since`. What it has to do names a client where the `lapses` ahead are given."""
        before = balance_on(self.data.balances, since)
        week = partner_week(self.standing, before, self.expiry, self.recalibration, hindsight, goal)
        if not lapses:
            return week
        return replace(
            week, act=first_act(self.standing, replace(self.expiry, items=tuple(lapses)), self.recalibration)
        )

    def signals(self) -> Signals:
        """The level of every signal watched for a partner without a goal."""
        standing, facts = self.standing, self.data.facts
        notes = notes_on(self.program, self.balance)
        return signals_on(standing.as_of, self.program, facts, self.balance, self.data.ahead, self.recalibration, notes)


def judged(day: date, program: Program, data: PartnerData) -> Judged:
    """The answers about a partner on the day, each requirement of a day judged once."""
    balance = balance_on(data.balances, day)
    today = JudgedTiers(day, program.on(day), data.facts, balance)
    return Judged(
        data,
        program,
        standing_on(day, program, data.facts, balance, judged=today),
        expiry_within(SOON, day, program, data.facts, balance, data.ahead, (), data.unknown, today),
        recalibration_by(JudgedDays(program, today, data.balances)),
    )


def state_of(week: PartnerWeek, expiry: Expiry, cams: tuple[str, ...]) -> PartnerState:
    """The line of a partner whose week is known."""
    standing, verdict = week.standing, week.verdict
    return PartnerState(
        partner=PartnerName(standing.partner.partner_id, standing.partner.name),
        credited_tier=standing.credited_tier,
        performing_tier=standing.performing.tier,
        is_decided=not standing.performing.undecided,
        combined=standing.balance.combined,
        next_tier=standing.next_tier,
        missing=week.missing,
        is_close=week.is_close,
        kind=verdict.kind,
        tier=verdict.tier,
        day=verdict.day,
        is_at_risk=week.is_at_risk,
        at_stake=week.at_stake if week.is_at_risk else 0,
        days_left=week.days_left if week.is_at_risk else None,
        red_on=week.turns[0].day if week.turns else None,
        red=tuple(each.requirement.name for each in week.turns),
        expiring=None if expiry.held else expiry.total,
        moved=week.change,
        doubts=week.doubts,
        cams=cams,
        verdict=verdict,
        act=week.act,
        rules=standing.rules,
        currency=standing.partner.currency,
        is_close_known=week.is_close_known,
    )


def week_before(day: date) -> date:
    """The day with which a partner's points are compared."""
    return day - timedelta(WEEK)
