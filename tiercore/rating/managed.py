"""Managed credits: what a client is worth on each day with an agreement in force (how-tiers-work#managed-points)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from tiercore.facts.entries import Agreement, Client, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.program import Program
from tiercore.rating.credits import Cause, Credit, no_table, rated
from tiercore.rating.credits import in_program_cents as program_cents


@dataclass(frozen=True, slots=True)
class Holder:
    """A partner in force on a client for a while, by one of its agreements."""

    partner_id: str
    agreement_id: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some days on which nothing changes: [starts_on, until), until None for ever."""

    starts_on: date
    until: date | None
    holders: tuple[Holder, ...]
    mrr: Money
    rate: int
    per_100_usd: Money | Unknown

    def agreement_of(self, partner_id: str) -> str | None:
        """The agreement by which the partner is in force, None when it is not."""
        return next((holder.agreement_id for holder in self.holders if holder.partner_id == partner_id), None)


def managed_credits(
    client: Client, levels: Sequence[SubscriptionLevel], agreements: Sequence[Agreement], program: Program
) -> Iterator[Credit]:
    """The managed credits of one product line of a client, for every partner; arguments in any order."""
    ordered = sorted(levels, key=lambda level: level.effective_on)
    stretches = list(_stretches(client, ordered, agreements, program))
    for partner_id in sorted({agreement.partner_id for agreement in agreements}):
        yield from _credits_of(partner_id, ordered[0] if ordered else None, stretches)


def in_force(agreements: Iterable[Agreement], day: date) -> tuple[Holder, ...]:
    """Who manages the client on the day: each partner once, by its longest agreement. The last day counts."""
    best: dict[str, Agreement] = {}
    for agreement in sorted(agreements, key=lambda a: (a.ends_on or date.max, a.agreement_id)):
        if agreement.starts_on <= day and (agreement.ends_on is None or day <= agreement.ends_on):
            best[agreement.partner_id] = agreement
    return tuple(Holder(partner_id, best[partner_id].agreement_id) for partner_id in sorted(best))


def _stretches(
    client: Client, levels: Sequence[SubscriptionLevel], agreements: Sequence[Agreement], program: Program
) -> Iterator[Stretch]:
    if not levels or not agreements:
        return
    days = _days_of_change(levels, agreements, program)
    effective = [level.effective_on for level in levels]
    for day, until in pairwise([*days, None]):
        assert day is not None
        if day < effective[0]:
            continue
        level, rules = levels[bisect_right(effective, day) - 1], program.on(day)
        rate = rules.rate(Source.MANAGED, growth_market=rules.is_growth_market(client.country))
        per_100_usd = rules.per_100_usd(level.mrr.currency)
        yield Stretch(day, until, in_force(agreements, day), level.mrr, rate, per_100_usd)


def _days_of_change(
    levels: Sequence[SubscriptionLevel], agreements: Sequence[Agreement], program: Program
) -> list[date]:
    days = {level.effective_on for level in levels}
    days |= {agreement.starts_on for agreement in agreements}
    days |= {after_last_day(agreement.ends_on) for agreement in agreements if agreement.ends_on}
    first = min(days)
    return sorted(days | {day for day in program.rating_changes if day > first})


def after_last_day(last: date) -> date:
    """The first day on which something whose last day counts is gone."""
    return last + timedelta(days=1)


def _credits_of(partner_id: str, line: SubscriptionLevel | None, stretches: Sequence[Stretch]) -> Iterator[Credit]:
    """Runs of stretches that are worth the same to the partner, as credits."""
    if line is None:
        return
    run: list[Stretch] = []
    before: Stretch | None = None
    for stretch in stretches:
        if run and _worth(run[-1], partner_id) != _worth(stretch, partner_id):
            yield _credit(partner_id, line, before, run, stretch)
            before, run = run[-1], []
        if stretch.mrr.minor and stretch.agreement_of(partner_id):
            run.append(stretch)
        else:
            before = stretch
    if run:
        yield _credit(partner_id, line, before, run, None)


def _worth(stretch: Stretch, partner_id: str) -> tuple[object, ...]:
    """What decides a partner's points in a stretch: two stretches alike in it are one credit."""
    if not stretch.agreement_of(partner_id):
        return ()
    return (stretch.mrr, len(stretch.holders), stretch.rate, stretch.per_100_usd)


def _credit(
    partner_id: str, line: SubscriptionLevel, before: Stretch | None, run: Sequence[Stretch], after: Stretch | None
) -> Credit:
    first = run[0]
    points, cents = _value(first)
    lasting = 0
    if after is not None and after.agreement_of(partner_id):
        lasting = _value(after)[0] or 0
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
        shared_by=len(first.holders),
        starts_on=first.starts_on,
        lapses_on=after.starts_on if after else None,
        opened_by=_opening(before, first, partner_id),
        closed_by=_closing(run[-1], after, partner_id) if after else None,
        entry_id=run[-1].agreement_of(partner_id) or "",
        rated_on=first.starts_on,
        lapsing=None if points is None else max(0, points - lasting) if after else 0,
        doubt=doubt,
    )


def _value(stretch: Stretch) -> tuple[int | None, int | None]:
    """Micropoints and program cents of one holder's even share."""
    if isinstance(stretch.per_100_usd, Unknown):
        return None, None
    minor, share = stretch.mrr.minor, max(1, len(stretch.holders))
    return (
        rated(minor, stretch.rate, stretch.per_100_usd, share),
        program_cents(minor, stretch.per_100_usd, share),
    )


def _opening(before: Stretch | None, first: Stretch, partner_id: str) -> Cause:
    if before is None or not before.agreement_of(partner_id):
        return Cause.AGREEMENT_STARTED
    return _change(before, first)


def _closing(last: Stretch, after: Stretch, partner_id: str) -> Cause:
    if not after.agreement_of(partner_id):
        return Cause.AGREEMENT_ENDED
    return _change(last, after)


def _change(before: Stretch, after: Stretch) -> Cause:
    """Why a share is worth something else than on the day before; the client's own move first."""
    if before.mrr != after.mrr:
        if not after.mrr.minor:
            return Cause.CANCELLATION
        if before.mrr.currency != after.mrr.currency:
            return Cause.CURRENCY_CHANGED
        return Cause.DOWNGRADE if after.mrr < before.mrr else Cause.SUBSCRIPTION_ROSE
    return Cause.SHARE_CHANGED if len(before.holders) != len(after.holders) else Cause.RULE_CHANGED
