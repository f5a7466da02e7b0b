"""The credits of one client, recounted: who earns what from which day to which (how-tiers-work#sold-points)."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from tiercore.facts.entries import DealType
from tiercore.facts.points import MICRO, Source
from tiercore.verification.entries import Agreement, ClientEntries, Credit, Sale
from tiercore.verification.rulebook import Held, LineKey, Rulebook, months_later, nearest

_CENTS = 100_00


def credits_of(
    client_id: str, entries: ClientEntries, held: Mapping[LineKey, list[Held]], rules: Rulebook
) -> list[Credit]:
    """Every credit that the client's entries earn, for any partner."""
    sales: dict[LineKey, list[Sale]] = defaultdict(list)
    for sale in sorted(entries.sales, key=lambda each: (each.day, each.sale_id)):
        sales[rules.line_of(sale.product_line).hub, sale.account or ""].append(sale)
    found = [each for key, line in sales.items() for each in _sold(entries.country, line, held.get(key, []), rules)]
    for key, levels in held.items() if entries.agreements else ():
        states = list(_states(entries.country, levels, entries.agreements, rules))
        for partner_id in {each.partner_id for each in entries.agreements}:
            found += _managed(partner_id, client_id, key, states)
    return found


@dataclass(slots=True)
class _Lot:
    """A sale, what is left of it, and what each fall left: (day, cause, minor units)."""

    sale: Sale
    rate: int
    rated_on: int
    origin: str | None
    expires: int
    left: int
    cuts: list[tuple[int, str, int]] = field(default_factory=list)


def _sold(country: str, sales: Sequence[Sale], levels: Sequence[Held], rules: Rulebook) -> Iterator[Credit]:
    begun = [each.day for each in sales if each.deal_type in ("net_new", "cross_sell")]
    lots = []
    for sale in sales:
        of_day = rules.on(sale.day)
        if of_day.earns(DealType(sale.deal_type)):
            rated_on, origin = _origin(sale.day, begun, levels) if of_day.rate_follows_origin else (sale.day, None)
            rate = rules.on(rated_on).rate(Source(sale.motion), growth_market=of_day.is_growth_market(country))
            expires = months_later(sale.day, of_day.expire_after_months)
            lots.append(_Lot(sale, rate, rated_on, origin, expires, sale.minor))
    sold_in = {lot.sale.currency for lot in lots}
    foreign = next((each.day for each in levels if {each.currency} != sold_in), None) if lots else None
    for before, after in pairwise(levels if foreign is None else [each for each in levels if each.day < foreign]):
        if after.minor < before.minor:
            _take(lots, before.minor - after.minor, after, rules)
    for lot in lots:
        yield from _parts(lot, foreign, rules, assumed=not levels)


def _origin(day: int, begun: Sequence[int], levels: Sequence[Held]) -> tuple[int, str]:
    """The day whose rate a sale keeps, and how it is known (how-tiers-work#origin-of-a-line)."""
    if earlier := bisect_right(begun, day):
        return begun[earlier - 1], "deal"
    before = [each for each in levels if each.day < day]
    unpaid = [number for number, each in enumerate(before) if not each.minor]
    since = unpaid[-1] + 1 if unpaid else 0
    if since == len(before):
        return day, "own_day"
    return before[since].day, "levels" if since else "first_level"


def _take(lots: Sequence[_Lot], fall: int, to: Held, rules: Rulebook) -> None:
    """Take a fall from the lots open on its day, in that day's order (how-tiers-work#decreases)."""
    exists = [lot for lot in lots if lot.sale.day <= to.day < lot.expires and (lot.left or not lot.cuts)]
    for lot in exists if rules.on(to.day).decrease_consumes == "oldest" else reversed(exists):
        if not fall:
            return
        taken = min(fall, lot.left)
        fall, lot.left = fall - taken, lot.left - taken
        lot.cuts.append((to.day, "downgrade" if to.minor else "cancellation", lot.left))


def _parts(lot: _Lot, foreign: int | None, rules: Rulebook, *, assumed: bool) -> Iterator[Credit]:
    sale, line, table = lot.sale, rules.line_of(lot.sale.product_line), rules.table(lot.sale.currency, lot.sale.day)
    doubt = _no_table(sale.currency, sale.day) if table is None else None
    if doubt is None and foreign is not None and lot.expires > foreign:
        doubt = "the subscription and the sale are in different currencies"
    ends = list(lot.cuts)
    if lot.left or not ends:
        ends.append((lot.expires, "sale_aged_out", 0))
    before = sale.minor
    for day, cause, after in ends:
        points = _between(before, after, lot.rate * MICRO, table)
        yield Credit(
            partner_id=sale.partner_id,
            client_id=sale.client_id,
            product_line=line.hub,
            source=sale.motion,
            micropoints=points,
            program_cents=_between(before, after, _CENTS, table),
            mrr_minor=before - after,
            currency=sale.currency,
            rate=lot.rate,
            shared_by=1,
            starts_on=sale.day,
            lapses_on=day,
            opened_by="upsell" if sale.deal_type in ("upsell", "increase") else "sale",
            closed_by=cause,
            entry_id=sale.sale_id,
            rated_on=lot.rated_on,
            lapsing=None if doubt else points if day > sale.day else 0,
            doubt=doubt,
            assumed=assumed and cause == "sale_aged_out",
            edition=line.edition,
            account=sale.account,
            origin=lot.origin,
        )
        before = after


def _between(before: int, after: int, factor: int, table: int | None) -> int | None:
    """What goes when an amount falls, at so much per US$100, so that all the parts of a sale add up to its whole."""
    return None if table is None else nearest(before * factor, table) - nearest(after * factor, table)


def _no_table(currency: str, day: int) -> str:
    return f"currencies.{currency} isn't set on {date.fromordinal(day)}"


class _State(NamedTuple):
    """A line on the days from `day` on: what it pays, and by partner the agreement by which it is managed."""

    day: int
    paid: tuple[int, str]
    edition: str | None
    managers: Mapping[str, str]
    rate: int
    table: int | None

    def worth(self, factor: int) -> int | None:
        """One manager's even share at so much per US$100, None without a table."""
        if self.table is None:
            return None
        return nearest(self.paid[0] * factor, self.table * max(1, len(self.managers)))


def _states(country: str, levels: Sequence[Held], agreements: Sequence[Agreement], rules: Rulebook) -> Iterator[_State]:
    """The line on the day before its first level and on every day of a change (how-tiers-work#managed-points)."""
    days = {each.day for each in levels} | {each.starts for each in agreements}
    days |= {each.last + 1 for each in agreements if each.last is not None} | set(rules.changes)
    for day in (levels[0].day - 1, *sorted(each for each in days if each >= levels[0].day)):
        held = bisect_right(levels, day, key=lambda each: each.day)
        level = levels[max(held, 1) - 1]
        of_day = rules.on(day)
        rate = of_day.rate(Source.MANAGED, growth_market=of_day.is_growth_market(country))
        table = rules.table(level.currency, day)
        paid = (level.minor if held else 0, level.currency)
        yield _State(day, paid, level.edition, _managers(agreements, day), rate, table)


def _managers(agreements: Sequence[Agreement], day: int) -> Mapping[str, str]:
    """By partner the agreement in force that lasts longest, of equally long ones the later by its id."""
    in_force = [each for each in agreements if each.starts <= day and (each.last is None or day <= each.last)]
    in_force.sort(key=lambda each: (each.last is None, each.last or 0, each.agreement_id))
    return {each.partner_id: each.agreement_id for each in in_force}


def _managed(partner_id: str, client_id: str, key: LineKey, states: Sequence[_State]) -> Iterator[Credit]:
    run: list[_State] = []
    before = states[0]
    for state, after in zip(states, [*states[1:], None], strict=True):
        if state.paid[0] and partner_id in state.managers:
            run.append(state)
        if run and not (after and _goes_on(state, after, partner_id)):
            yield _credit(partner_id, client_id, key, before, run, after)
            run = []
        if not run:
            before = state


def _goes_on(state: _State, after: _State, partner_id: str) -> bool:
    same = (state.paid, len(state.managers), *state[4:]) == (after.paid, len(after.managers), *after[4:])
    return same and partner_id in after.managers and not _other_edition(state, after)


def _other_edition(before: _State, after: _State) -> bool:
    return after.edition is not None and before.edition not in (None, after.edition)


def _credit(
    partner_id: str, client_id: str, key: LineKey, before: _State, run: Sequence[_State], after: _State | None
) -> Credit:
    first, last = run[0], run[-1]
    points, stays = first.worth(first.rate * MICRO), after is not None and partner_id in after.managers
    next_points = (after.worth(after.rate * MICRO) or 0) if after and stays else 0
    return Credit(
        partner_id=partner_id,
        client_id=client_id,
        product_line=key[0],
        source="managed",
        micropoints=points,
        program_cents=first.worth(_CENTS),
        mrr_minor=first.paid[0],
        currency=first.paid[1],
        rate=first.rate,
        shared_by=len(first.managers),
        starts_on=first.day,
        lapses_on=after.day if after else None,
        opened_by=_cause(before, first) if partner_id in before.managers else "agreement_started",
        closed_by=None if after is None else _cause(last, after) if stays else "agreement_ended",
        entry_id=last.managers[partner_id],
        rated_on=first.day,
        lapsing=None if points is None else max(0, points - next_points) if after else 0,
        doubt=_no_table(first.paid[1], first.day) if points is None else None,
        assumed=False,
        edition=last.edition,
        account=key[1] or None,
        origin=None,
    )


def _cause(before: _State, after: _State) -> str:
    """What the client did, else the share, else the edition, else the rules."""
    if before.paid != after.paid:
        if not before.paid[0] or not after.paid[0]:
            return "cancellation" if before.paid[0] else "subscription_started"
        if before.paid[1] != after.paid[1]:
            return "currency_changed"
        return "downgrade" if after.paid < before.paid else "subscription_rose"
    if len(before.managers) != len(after.managers):
        return "share_changed"
    return "edition_changed" if _other_edition(before, after) else "rule_changed"
