"""What expires and when, and how that affects the minimums and the tier (how-tiers-work#expiry)."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tiercore.facts.entries import Partner
from tiercore.facts.holds import EXPIRY
from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, Rules
from tiercore.questions.judging import JudgedTiers, Reached
from tiercore.questions.projection import (
    Breach,
    TierLoss,
    Undecided,
    breaches_in,
    first_undecided,
    tier_loss,
    unjudged,
    window,
)
from tiercore.questions.requirements import Facts, Requirement, State
from tiercore.questions.standing import notes_on
from tiercore.rating.credits import Cause
from tiercore.rating.timeline import Balance


@dataclass(frozen=True, slots=True)
class Lapse:
    """Points that expire, net of what continues; `lapses_on` is the first day without them."""

    client_id: str
    client: str
    product_line: str
    source: Source
    micropoints: int
    lapses_on: date
    cause: Cause
    assumed: bool
    edition: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class UnknownExpiry:
    """A product line whose points count but whose expiry the data can't tell."""

    client_id: str
    client: str
    product_line: str
    reason: str
    edition: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """What expires in a month of the window: micropoints and the number of lapses."""

    month: date
    micropoints: int
    lapses: int


@dataclass(frozen=True, slots=True)
class Expiry:
    """What expires after `as_of`, up to and including `until`, by what is known today.

    `fall` is the loss of the performing tier in that time. `unjudged` names the watched tiers' figures that are not
    configured and so can't be judged. `undecided` is the day from which it is unknown whether the performing tier (if
    there is none, the credited one) is reached, `open` are its requirements that are unknown today. `held` is set while
    expiry is under correction: every figure is then empty.
    """

    partner: Partner
    as_of: date
    days: int
    rules: Rules
    balance: Balance
    credited_tier: str | None
    reached: Reached
    total: int
    lapses: int
    items: tuple[Lapse, ...]
    months: tuple[MonthTotal, ...]
    breaches: tuple[Breach, ...]
    unjudged: tuple[str, ...]
    fall: TierLoss | None
    unknown: tuple[UnknownExpiry, ...]
    notes: tuple[str, ...]
    held: Unknown | None = None
    undecided: Undecided | None = None
    open: tuple[Requirement, ...] = ()

    @property
    def until(self) -> date:
        """The last day of the window."""
        return self.as_of + timedelta(days=self.days)


def expiry_within(
    days: int,
    day: date,
    program: Program,
    facts: Facts,
    balance: Balance,
    ahead: Sequence[Balance],
    items: Sequence[Lapse],
    unknown: Sequence[UnknownExpiry],
    judged: JudgedTiers | None = None,
) -> Expiry:
    """What expires in the `days` after `day`; `ahead` is the timeline of that window, `items` its lapses by day.

    `judged` are the day's tiers, if they are judged already.
    """
    held = facts.holds.get(EXPIRY)
    if held:
        ahead, items, unknown = (), (), ()
    last = ahead[-1] if ahead else balance
    rules = program.on(day)
    today = judged or JudgedTiers(day, rules, facts, balance)
    reached = today.reached
    until = day + timedelta(days=days)
    rows = window(program, balance, ahead, day, until)
    breaches = () if held else tuple(breaches_in(program, today, rows))
    all_rows = [balance._replace(day=day.toordinal()), *rows]
    tier = reached.tier or facts.credited_tier
    return Expiry(
        partner=facts.partner,
        as_of=day,
        days=days,
        rules=rules,
        balance=balance,
        credited_tier=facts.credited_tier,
        reached=reached,
        total=last.lapsed - balance.lapsed,
        lapses=last.lapses - balance.lapses,
        items=tuple(items),
        months=tuple(month_totals(balance, ahead)),
        breaches=breaches,
        unjudged=() if held else tuple(unjudged(today)),
        fall=None if held else tier_loss(program, facts, all_rows, breaches, reached, until),
        unknown=tuple(unknown),
        notes=tuple(notes_on(program, balance, see="")),
        held=held,
        undecided=first_undecided(program, facts, all_rows, tier) if tier and not held else None,
        open=tuple(each for each in today.open(tier) if each.state is State.UNKNOWN),
    )


def month_totals(balance: Balance, ahead: Sequence[Balance]) -> Iterator[MonthTotal]:
    """What expires in each calendar month of the window; months without a loss are left out."""
    before, at = balance, 0
    while at < len(ahead):
        month = date.fromordinal(ahead[at].day).replace(day=1)
        at = bisect_left(ahead, _month_after(month).toordinal(), lo=at, key=lambda row: row.day)
        last = ahead[at - 1]
        if last.lapses > before.lapses:
            yield MonthTotal(month, last.lapsed - before.lapsed, last.lapses - before.lapses)
        before = last


def _month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
