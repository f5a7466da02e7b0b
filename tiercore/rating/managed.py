"""Managed credits: a client's points on each day with an agreement in force (how-tiers-work#managed-points)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from tiercore.facts.entries import Agreement, Client
from tiercore.facts.money import Money
from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.program import Program
from tiercore.rating.credits import Cause, Credit, no_table, rated
from tiercore.rating.credits import in_program_cents as program_cents
from tiercore.rating.lines import HeldLevel


class Manager(NamedTuple):
    """A partner that manages a client, and the agreement by which it does."""

    partner_id: str
    agreement_id: str


class Period(NamedTuple):
    """A run of days without a change: starts_on <= day < until; `until` None has no end. `managers` are the agreements
    in force, by partner.
    """

    starts_on: date
    until: date | None
    managers: Mapping[str, str]
    mrr: Money
    rate: int
    per_100_usd: Money | Unknown
    edition: str | None

    def agreement_of(self, partner_id: str) -> str | None:
        """The agreement by which the partner manages the client, None if it doesn't."""
        return self.managers.get(partner_id)


class Managers:
    """Who manages a client, from its agreements in any order; the same for all of its lines."""

    def __init__(self, agreements: Sequence[Agreement]) -> None:
        self.partners = sorted({agreement.partner_id for agreement in agreements})
        starts = {agreement.starts_on for agreement in agreements}
        self.days = sorted(starts | {after_last_day(each.ends_on) for each in agreements if each.ends_on})
        self._in_force = [
            {each.partner_id: each.agreement_id for each in in_force(agreements, day)} for day in self.days
        ]

    def on(self, day: date) -> Mapping[str, str]:
        """The agreements in force on the day, by partner; the same object until the next of `days`."""
        index = bisect_right(self.days, day)
        return self._in_force[index - 1] if index else _NOBODY


_NOBODY: Mapping[str, str] = {}


def managed_credits(
    client: Client, levels: Sequence[HeldLevel], managers: Managers, program: Program
) -> Iterator[Credit]:
    """The managed credits of one product line of a client, for every partner; `levels` ascending by day."""
    if not levels or not managers.partners:
        return
    periods = list(_periods(client, levels, managers, program))
    managed_before = managers.on(levels[0].effective_on - timedelta(days=1))
    for partner_id in managers.partners:
        begins = Cause.SUBSCRIPTION_STARTED if partner_id in managed_before else Cause.AGREEMENT_STARTED
        yield from _credits_of(partner_id, levels[0], periods, begins)


def in_force(agreements: Iterable[Agreement], day: date) -> tuple[Manager, ...]:
    """The partners that manage the client on the day, each by its longest agreement. An agreement's last day counts."""
    longest: dict[str, Agreement] = {}
    for agreement in sorted(agreements, key=lambda a: (a.ends_on or date.max, a.agreement_id)):
        if agreement.starts_on <= day and (agreement.ends_on is None or day <= agreement.ends_on):
            longest[agreement.partner_id] = agreement
    return tuple(Manager(partner_id, longest[partner_id].agreement_id) for partner_id in sorted(longest))


def _periods(client: Client, levels: Sequence[HeldLevel], managers: Managers, program: Program) -> Iterator[Period]:
    at, first = -1, levels[0].effective_on
    days = _days_of_change(levels, managers, program)
    for day, until in zip(days, [*days[1:], None], strict=True):
        if day < first:
            continue
        while at + 1 < len(levels) and levels[at + 1].effective_on <= day:
            at += 1
        level, rules = levels[at], program.on(day)
        rate = rules.rate(Source.MANAGED, growth_market=rules.is_growth_market(client.country))
        per_100_usd = rules.per_100_usd(level.mrr.currency)
        yield Period(day, until, managers.on(day), level.mrr, rate, per_100_usd, level.edition)


def _days_of_change(levels: Sequence[HeldLevel], managers: Managers, program: Program) -> list[date]:
    days = {level.effective_on for level in levels}
    days.update(managers.days)
    first = min(days)
    days.update(day for day in program.rating_changes if day > first)
    return sorted(days)


def after_last_day(last: date) -> date:
    """The first day after a last day that still counts."""
    return last + timedelta(days=1)


def _credits_of(partner_id: str, line: HeldLevel, periods: Sequence[Period], begins: Cause) -> Iterator[Credit]:
    """Consecutive periods that are worth the same to the partner, as credits; one from the first day on `begins` so."""
    equal: list[Period] = []
    before: Period | None = None
    for period in periods:
        if equal and _differs(equal[-1], period, partner_id):
            yield _credit(partner_id, line, before, equal, period, begins)
            before, equal = equal[-1], []
        if period.mrr.minor and partner_id in period.managers:
            equal.append(period)
        else:
            before = period
    if equal:
        yield _credit(partner_id, line, before, equal, None, begins)


def _differs(before: Period, after: Period, partner_id: str) -> bool:
    """Whether the second of two consecutive periods begins another credit of the partner; equal ones are one credit."""
    managed = partner_id in before.managers
    if managed is not (partner_id in after.managers):
        return True
    if managed and (
        before.mrr != after.mrr
        or len(before.managers) != len(after.managers)
        or before.rate != after.rate
        or before.per_100_usd != after.per_100_usd
    ):
        return True
    return _other_edition(before, after)


def _other_edition(before: Period, after: Period) -> bool:
    """Whether the line changed its edition; one that is named for the first time is no change."""
    return after.edition is not None and before.edition not in (None, after.edition)


def _credit(
    partner_id: str,
    line: HeldLevel,
    before: Period | None,
    equal: Sequence[Period],
    after: Period | None,
    begins: Cause,
) -> Credit:
    first = equal[0]
    points, cents = _value(first)
    continued = 0
    if after is not None and after.agreement_of(partner_id):
        continued = _value(after)[0] or 0
    doubt = no_table(first.mrr.currency, first.starts_on) if points is None else None
    return Credit(
        partner_id=partner_id,
        client_id=line.client_id,
        product_line=line.product_line,
        source=Source.MANAGED,
        micropoints=points,
        program_cents=cents,
        mrr=first.mrr,
        rate=first.rate,
        shared_by=len(first.managers),
        starts_on=first.starts_on,
        lapses_on=after.starts_on if after else None,
        opened_by=_opening(before, first, partner_id) if before else begins,
        closed_by=_closing(equal[-1], after, partner_id) if after else None,
        entry_id=equal[-1].agreement_of(partner_id) or "",
        rated_on=first.starts_on,
        lapsing=None if points is None else max(0, points - continued) if after else 0,
        doubt=doubt,
        edition=equal[-1].edition,
        account=line.account,
    )


def _value(period: Period) -> tuple[int | None, int | None]:
    """Micropoints and program cents of one manager's equal share; None without a table for the currency."""
    if isinstance(period.per_100_usd, Unknown):
        return None, None
    minor, share = period.mrr.minor, max(1, len(period.managers))
    return rated(minor, period.rate, period.per_100_usd, share), program_cents(minor, period.per_100_usd, share)


def _opening(before: Period, first: Period, partner_id: str) -> Cause:
    if not before.agreement_of(partner_id):
        return Cause.AGREEMENT_STARTED
    return _change(before, first)


def _closing(last: Period, after: Period, partner_id: str) -> Cause:
    if not after.agreement_of(partner_id):
        return Cause.AGREEMENT_ENDED
    return _change(last, after)


def _change(before: Period, after: Period) -> Cause:
    """Why a share's value differs from the day before; a change by the client takes precedence."""
    if before.mrr != after.mrr:
        if not after.mrr.minor:
            return Cause.CANCELLATION
        if not before.mrr.minor:
            return Cause.SUBSCRIPTION_STARTED
        if before.mrr.currency != after.mrr.currency:
            return Cause.CURRENCY_CHANGED
        return Cause.DOWNGRADE if after.mrr < before.mrr else Cause.SUBSCRIPTION_ROSE
    if len(before.managers) != len(after.managers):
        return Cause.SHARE_CHANGED
    return Cause.EDITION_CHANGED if _other_edition(before, after) else Cause.RULE_CHANGED
