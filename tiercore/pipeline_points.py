"""What open deals would earn: the points of the sales that they would be, rated as any other (pipeline#points).

Everything is computed with the very entries that an import would bring: the sale, and the level that rises with it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain

from tiercore.facts.entries import Client, Entry, Partner, Sale
from tiercore.facts.holds import EXPIRY
from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.program import Program
from tiercore.questions.causes import missed_for, open_of
from tiercore.questions.judged_days import facts_on
from tiercore.questions.judging import performing_on
from tiercore.questions.pipeline import (
    CLASSES,
    Closest,
    Likelihood,
    OpenDeal,
    Pipeline,
    Projection,
    RatedDeal,
    difference_of,
    in_order,
    likelihood_of,
    plus,
    sources_on,
)
from tiercore.questions.progress import horizon
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import next_above
from tiercore.questions.uptier import ranks_of, uptier_day
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.rating import credits_of
from tiercore.rating.timeline import Balance, balance_on
from tiercore.scenarios.books import PartnerBooks
from tiercore.scenarios.entries import merged, rows_of
from tiercore.scenarios.steps import NEW_CLIENT, Sell

_NO_COUNTRY = Unknown("the new client's country isn't known: taken as the partner's own")


@dataclass(frozen=True, slots=True)
class Rated:
    """Deals with their points, in the order in which they count; what each class adds to the balance, and the entries
    that an import would bring if its deals were closed, each in place of an earlier one with its key.
    """

    deals: tuple[RatedDeal, ...]
    added: Mapping[Likelihood, tuple[Balance, ...]]
    entries: Mapping[Likelihood, tuple[Entry, ...]]


NOTHING_ADDED = Rated((), dict.fromkeys(CLASSES, ()), dict.fromkeys(CLASSES, ()))


def rated(program: Program, partner: Partner, deals: Iterable[OpenDeal], books: Mapping[str, ClientBook]) -> Rated:
    """The deals to come as sales, the most probable first. `books` are those of their clients, by ID."""
    rating = _Rating(program, partner, dict(books))
    ordered, found = in_order(deals), list[RatedDeal]()
    added: dict[Likelihood, tuple[Balance, ...]] = {}
    entries: dict[Likelihood, tuple[Entry, ...]] = {}
    so_far: tuple[tuple[Balance, ...], tuple[Entry, ...]] = (), ()
    for likelihood in CLASSES:
        count = len(found)
        for each in ordered:
            if likelihood_of(each.deal.probability, program.on(each.expected_on)) is likelihood:
                found.append(rating.add(each, likelihood))
        if len(found) > count:
            so_far = rating.added(), tuple(rating.entries)
        added[likelihood], entries[likelihood] = so_far
    return Rated(tuple(found), added, entries)


class _Rating:
    """Clients' books as they grow deal by deal, and the partner's credits from them before and now."""

    def __init__(self, program: Program, partner: Partner, books: dict[str, ClientBook]) -> None:
        self._program, self._partner, self._books = program, partner, books
        self._before: dict[str, list[Credit]] = {}
        self._now: dict[str, list[Credit]] = {}
        self._new: dict[str, str] = {}
        self.entries: list[Entry] = []

    def add(self, each: OpenDeal, likelihood: Likelihood) -> RatedDeal:
        """The deal with what it adds to those before it."""
        rows = self._rows(each)
        sale = next(row for row in rows if isinstance(row, Sale))
        book = self._books.get(sale.client_id) or ClientBook(next(row for row in rows if isinstance(row, Client)))
        was = self._now.get(sale.client_id) or self._own(book)
        self._before.setdefault(sale.client_id, was)
        self._books[sale.client_id] = book = merged(book, rows, self._program.catalogue)
        now = self._now[sale.client_id] = self._own(book)
        self.entries += rows
        then, earned = sources_on(was, each.expected_on), sources_on(now, each.expected_on)
        points = {source: earned.get(source, 0) - then.get(source, 0) for source in Source}
        found = {source: micropoints for source, micropoints in points.items() if micropoints}
        return RatedDeal(each, likelihood, found, _unknown(each, sale, now))

    def added(self) -> tuple[Balance, ...]:
        """What all deals so far add to the partner's balance."""
        now, before = (list(chain.from_iterable(each.values())) for each in (self._now, self._before))
        return tuple(difference_of(now, before))

    def _rows(self, each: OpenDeal) -> list[Entry]:
        """The entries that an import would bring if the deal were closed on its day."""
        deal, named = each.deal, each.client.casefold()
        client_id = deal.client_id or self._new.get(named, NEW_CLIENT)
        step = Sell(client_id, deal.product_line, deal.motion, deal.mrr, each.expected_on)
        rows = rows_of(step, self._as_books(each.expected_on), self._program)
        if client_id == NEW_CLIENT:
            client = next(row for row in rows if isinstance(row, Client))
            self._new[named] = client.client_id
            known = replace(client, name=each.client, country=deal.country or client.country)
            rows = [known if row is client else row for row in rows]
        return rows

    def _as_books(self, day: date) -> PartnerBooks:
        """The books as far as a sale needs them."""
        added = tuple(self.entries)
        return PartnerBooks(self._partner, (), (), {}, day, (), (), clients=self._books, added=added)

    def _own(self, book: ClientBook) -> list[Credit]:
        found = credits_of(book, self._program)
        return [each for each in found if each.partner_id == self._partner.partner_id]


def _unknown(each: OpenDeal, sale: Sale, credits: Iterable[Credit]) -> Unknown | None:
    doubts = (credit.doubt for credit in credits if credit.entry_id == sale.sale_id and credit.micropoints is None)
    if doubt := next((doubt for doubt in doubts if doubt), None):
        return Unknown(doubt)
    return _NO_COUNTRY if each.is_new and not each.deal.country else None


def pipeline_on(
    day: date,
    program: Program,
    facts: Facts,
    balance: Balance,
    ahead: Sequence[Balance],
    deals: Sequence[OpenDeal],
    found: Rated,
    *,
    judged: bool = True,
) -> Pipeline:
    """The pipeline as seen on `day`, when the balance is `balance` and the timeline goes on with `ahead`; `found` are
    the deals to come, rated. Unless `judged`, when the next tier is reached isn't looked for, which takes the longest.
    """
    held = facts.holds.get(EXPIRY)
    rules = program.on(day)
    reached = performing_on(day, rules, facts, balance)
    above = next_above(rules, facts.credited_tier, reached.tier)
    timeline = [balance._replace(day=day.toordinal()), *ahead]
    aimed_at = above.name if above and found.deals and judged else None  # without deals there is nothing to look for
    look = _Look(day, program, facts, timeline, aimed_at)
    projections = tuple(_with_days(each, look, held) for each in projections_of(found))
    alone = (None, None) if held else look.days(())
    is_reached = alone[0] or any(each.reached for each in projections)
    return Pipeline(
        partner=facts.partner,
        as_of=day,
        rules=rules,
        deals=tuple(sorted(found.deals, key=lambda each: (each.open.expected_on, each.open.deal_id))),
        past=tuple(sorted((each for each in deals if each.is_past(day)), key=lambda each: each.expected_on)),
        projections=projections,
        credited_tier=facts.credited_tier,
        performing=reached,
        next_tier=above.name if above else None,
        until=horizon(day),
        review=(review := program.recalibration_after(day - timedelta(1))),
        at_review=balance_on(timeline, review).combined,
        reached=alone[0],
        credited=alone[1],
        closest=None if held or is_reached else look.closest(found.added[Likelihood.ALL]),
        held=held,
        notes=(program.label,) if program.label else (),
    )


def projections_of(found: Rated) -> tuple[Projection, ...]:
    """A projection of each class, without the days on which a tier is reached."""
    return tuple(_projection(each, found) for each in CLASSES)


def _projection(likelihood: Likelihood, found: Rated) -> Projection:
    counted = CLASSES[: CLASSES.index(likelihood) + 1]
    deals = [each for each in found.deals if each.likelihood in counted]
    points = sum(each.micropoints for each in deals)
    return Projection(likelihood, len(deals), points, found.added[likelihood])


def _with_days(projection: Projection, look: "_Look", held: Unknown | None) -> Projection:
    """The projection with the days on which the tier is reached and credited."""
    if held or look.tier is None:
        return projection
    reached, credited = look.days(projection.added)
    return replace(projection, reached=reached, credited=credited)


@dataclass(frozen=True, slots=True)
class _Look:
    """A look ahead of a year at the tier that is aimed at."""

    day: date
    program: Program
    facts: Facts
    timeline: Sequence[Balance]
    tier: str | None

    def days(self, added: Sequence[Balance]) -> tuple[date | None, date | None]:
        """The first day on which the tier is reached with what deals add, and the first on which it is credited."""
        if self.tier is None:
            return None, None
        reached = next((each for each in self._days(added) if self._reaches(each, added)), None)
        return reached, next((each for each in self._credit_days() if self._reaches(each, added)), None)

    def closest(self, added: Sequence[Balance]) -> Closest | None:
        """The day with the most points, and what the tier lacks then."""
        if self.tier is None:
            return None
        best = max(self._days(added), key=lambda each: self._balance(each, added).combined)
        asked = self.tier, self.program.on(best), facts_on(best, self.facts), self._balance(best, added)
        return Closest(best, missed_for(*asked, as_of=best), open_of(*asked, as_of=best))

    def _days(self, added: Sequence[Balance]) -> list[date]:
        """The days on which the balance, the rules or the facts change, today first."""
        changes = {date.fromordinal(each.day) for each in (*self.timeline, *added)}
        days = [self.day, *sorted(changes.union(self.program.changes, _fact_changes(self.facts)))]
        return [each for each in dict.fromkeys(days) if self.day <= each <= horizon(self.day)]

    def _balance(self, day: date, added: Sequence[Balance]) -> Balance:
        return plus(balance_on(self.timeline, day), balance_on(added, day))

    def _credit_days(self) -> Iterator[date]:
        until, day = horizon(self.day), uptier_day(self.day, self.program.on(self.day))
        while day <= until:
            yield day
            day = uptier_day(day + timedelta(1), self.program.on(day))

    def _reaches(self, day: date, added: Sequence[Balance]) -> bool:
        rules = self.program.on(day)
        rank = ranks_of(rules)
        if self.tier not in rank:
            return False
        then = performing_on(day, rules, facts_on(day, self.facts), self._balance(day, added)).tier
        return then is not None and rank[then] >= rank[self.tier]


def _fact_changes(facts: Facts) -> Iterator[date]:
    """The days from which on a certification, the membership or the invitation is valid, or isn't any more."""
    for each in facts.certifications:
        yield from (each.valid_from, each.valid_until + timedelta(1))
    if facts.partner.elite_invited_on:
        yield facts.partner.elite_invited_on
    if facts.partner.membership_until:
        yield facts.partner.membership_until + timedelta(1)
