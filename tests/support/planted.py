"""Ledgers with one planted error: what we have, and the figure that a dashboard with one other fact shows.

Both sides are rated by the rating itself; nothing here uses the search for explanations.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from tiercore.explaining.claims import Claim, Explained, Figure, Kind, Measure, Row
from tiercore.facts.entries import Agreement, Client, DealType, Motion, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, divide_half_even
from tiercore.facts.unknown import NotConfigured
from tiercore.program import Program
from tiercore.rating.credits import ClientBook, Credit, is_active
from tiercore.rating.rating import credits_of
from tiercore.rating.timeline import balance_on, timeline_of

ME = "P1"
_HUBS = ("Marketing Hub", "Sales Hub", "Service Hub", "Content Hub", "Data Hub")
_EDITIONS = ("Starter", "Professional", "Enterprise")
_PRICES = (45_00, 90_00, 360_00, 450_00, 500_00, 800_00, 890_00, 1_200_00, 1_500_00, 3_600_00)
_CURRENCIES = ("USD", "USD", "USD", "USD", "EUR", "EUR", "GBP", "SGD")
_COUNTRIES = ("US", "US", "DE", "GB", "FR", "IN", "PH", "KR")
_BOUNDARY = date(2024, 2, 27)  # the day from which sourced sales earn 5


@dataclass(slots=True)
class Entries:
    """All entries of a partner's clients, by client."""

    books: dict[str, ClientBook] = field(default_factory=dict)

    def changed(self, client_id: str, change: Callable[[ClientBook], ClientBook]) -> "Entries":
        """The same with one client's book replaced."""
        return Entries({**self.books, client_id: change(self.books[client_id])})

    def credits(self, program: Program) -> list[Credit]:
        """Every credit of the partner."""
        rated = (credit for book in self.books.values() for credit in credits_of(book, program))
        return [each for each in rated if each.partner_id == ME]


@dataclass(frozen=True, slots=True)
class Planted:
    """Our entries, what the dashboard shows, and the error: its kind, and the row that differs, as `_Error` has it."""

    ours: Entries
    claim: Claim
    kind: Kind
    error: "_Error"
    program: Program

    def is_among(self, found: Explained) -> bool:
        """Whether the error is among the explanations: its kind, at its row."""
        readings = (reading for each in found.explanations for reading in each.readings)
        return any(reading.kind is self.kind and any(map(self._is_row, reading.rows)) for reading in readings)

    def is_first_reading(self, found: Explained) -> bool:
        """The same, where other readings of the same rows don't count."""
        readings = (each.reading for each in found.explanations)
        return any(reading.kind is self.kind and any(map(self._is_row, reading.rows)) for reading in readings)

    def _is_row(self, row: Row) -> bool:
        error = self.error
        if error.missing is not None and row.client_id is None:
            return self._has_the_amount(row, error.missing)
        if error.entry_id is not None and row.entry_id is not None:
            return error.entry_id == row.entry_id.removesuffix("-copy")
        if error.their_day is not None or error.figure is not None:
            return row.there == (str(error.their_day) if error.their_day else error.figure)
        return error.client_id is None or row.client_id == error.client_id

    def _has_the_amount(self, row: Row, sale: Sale) -> bool:
        """Whether a sale that is supposed has the true one's worth, as far as the dashboard's rounding tells."""
        rules = self.program.on(sale.sold_on)
        per_100 = rules.per_100_usd(sale.mrr.currency)
        if row.mrr is None or isinstance(per_100, NotConfigured):
            return False
        source = str(row.there).split(", ")[0]
        off = abs(row.mrr.minor * per_100.minor - sale.mrr.minor * 100_00)
        return source == sale.motion.value and off * 50 <= sale.mrr.minor * 100_00


def planted(seed: int, program: Program, kind: Kind | None = None) -> Planted:
    """One ledger with one error that changes what is shown; the same for the same seed."""
    chance = random.Random(seed)
    wanted = kind or chance.choice(tuple(_ERRORS))
    while True:
        day = date(2024, 3, 1) + timedelta(chance.randrange(900))
        entries = _entries(chance, day)
        for _ in range(6):
            error = _ERRORS[wanted](chance, entries, day, program)
            claim = error and _claim(chance, error, day, program)
            if error and claim:
                return Planted(error.ours, claim, wanted, error, program)


@dataclass(frozen=True, slots=True)
class _Error:
    """Both sides' entries; on the dashboard's another day or other rules may apply."""

    ours: Entries
    theirs: Entries
    entry_id: str | None
    client_id: str | None = None
    their_day: date | None = None
    their_program: Program | None = None
    figure: Figure | None = None
    missing: Sale | None = None


_Make = Callable[[random.Random, Entries, date, Program], "_Error | None"]


def _entries(chance: random.Random, day: date) -> Entries:
    found = Entries()
    for number in range(chance.randrange(5, 16)):
        client = Client(f"C{number}", f"Client {number}", chance.choice(_COUNTRIES))
        found.books[client.client_id] = _book(chance, client, day)
    return found


def _book(chance: random.Random, client: Client, day: date) -> ClientBook:
    book, currency = ClientBook(client), chance.choice(_CURRENCIES)
    has_levels = chance.random() < 0.85
    for hub in chance.sample(_HUBS, chance.choice((1, 1, 2, 3))):
        _line(chance, book, hub, currency, day, has_levels=has_levels)
    for partner, likely in ((ME, 0.7), ("P2", 0.2), ("P3", 0.05)):
        if chance.random() < likely:
            starts = day - timedelta(chance.randrange(-20, 900))
            ends = None if chance.random() < 0.5 else starts + timedelta(chance.choice((180, 365, 364, 730)))
            book.agreements.append(
                Agreement(f"A-{client.client_id}-{partner}", partner, client.client_id, starts, ends)
            )
    return book


def _line(chance: random.Random, book: ClientBook, hub: str, currency: str, day: date, *, has_levels: bool) -> None:
    when, paid, seller = day - timedelta(chance.randrange(30, 1_100)), 0, ME if chance.random() < 0.85 else "P2"
    edition = chance.randrange(3)
    for number in range(chance.choice((1, 1, 2, 3, 4))):
        if when > day + timedelta(30):
            return
        name = f"{hub} {_EDITIONS[edition]}"
        falls = number > 0 and chance.random() < 0.25
        if falls:
            paid = 0 if chance.random() < 0.3 else paid * chance.choice((50, 60, 75, 80, 90)) // 100
        else:
            added = (
                chance.choice(_PRICES)
                * chance.choice((1, 1, 1, 2, 3, 5))
                * chance.choice((100, 100, 90, 85, 80))
                // 100
            )
            started = not number or not paid
            kind = chance.choice((DealType.NET_NEW, DealType.CROSS_SELL)) if started else DealType.UPSELL
            if not started and chance.random() < 0.2:
                kind = DealType.INCREASE
            motion = Motion.SOURCED if chance.random() < 0.7 else Motion.ASSISTED
            sale_id = f"S-{book.client.client_id}-{hub[0:2]}-{number}"
            money = Money(added, currency)
            book.sales.append(Sale(sale_id, seller, book.client.client_id, name, kind, motion, money, when))
            paid += added
        if has_levels:
            book.levels.append(SubscriptionLevel(book.client.client_id, name, Money(paid, currency), when))
        when += timedelta(chance.randrange(20, 400))


def _my_sales(entries: Entries) -> list[Sale]:
    return [sale for book in entries.books.values() for sale in book.sales if sale.partner_id == ME]


def _agreements(entries: Entries) -> list[Agreement]:
    return [each for book in entries.books.values() for each in book.agreements if each.partner_id == ME]


def _with_sale(entries: Entries, sale: Sale, *others: Sale) -> Entries:
    """The entries with other sales in the place of one."""

    def change(book: ClientBook) -> ClientBook:
        return replace_sales(book, [each for each in book.sales if each is not sale] + list(others))

    return entries.changed(sale.client_id, change)


def replace_sales(book: ClientBook, sales: list[Sale]) -> ClientBook:
    """The book with other sales."""
    return ClientBook(book.client, sales, book.levels, book.agreements)


def _sale_becomes(other: Callable[[random.Random, Sale, Entries], Sale | None]) -> _Make:
    def make(chance: random.Random, entries: Entries, _day: date, _program: Program) -> _Error | None:
        sales = _my_sales(entries)
        if not sales:
            return None
        sale = chance.choice(sales)
        found = other(chance, sale, entries)
        if found is None:
            return None
        return _Error(entries, _with_sale(entries, sale, found), sale.sale_id, sale.client_id)

    return make


def _missing_there(chance: random.Random, entries: Entries, _day: date, _program: Program) -> _Error | None:
    if not (sales := _my_sales(entries)):
        return None
    sale = chance.choice(sales)
    return _Error(entries, _with_sale(entries, sale), sale.sale_id, sale.client_id)


def _twice_there(chance: random.Random, entries: Entries, _day: date, _program: Program) -> _Error | None:
    if not (sales := _my_sales(entries)):
        return None
    sale = chance.choice(sales)
    again = replace(sale, sale_id=f"{sale.sale_id}-copy")
    return _Error(entries, _with_sale(entries, sale, sale, again), sale.sale_id, sale.client_id)


def _twice_here(chance: random.Random, entries: Entries, day: date, program: Program) -> _Error | None:
    error = _twice_there(chance, entries, day, program)
    return error and replace(error, ours=error.theirs, theirs=error.ours)


def _missing_here(chance: random.Random, entries: Entries, day: date, program: Program) -> _Error | None:
    error = _missing_there(chance, entries, day, program)
    if error is None:
        return None
    [sale] = [each for each in _my_sales(entries) if each.sale_id == error.entry_id]
    return _Error(error.theirs, error.ours, None, error.client_id, missing=sale)


def _other_type(chance: random.Random, sale: Sale, _entries: Entries) -> Sale:
    return replace(sale, deal_type=chance.choice([each for each in DealType if each is not sale.deal_type]))


def _other_motion(_chance: random.Random, sale: Sale, _entries: Entries) -> Sale:
    return replace(sale, motion=Motion.ASSISTED if sale.motion is Motion.SOURCED else Motion.SOURCED)


def _other_day(chance: random.Random, sale: Sale, _entries: Entries) -> Sale:
    kind = chance.randrange(3)
    if kind == 0:
        return replace(sale, sold_on=sale.sold_on + timedelta(chance.choice((-3, -2, -1, 1, 2, 3))))
    if kind == 1 and sale.sold_on.day <= 12:
        return replace(sale, sold_on=date(sale.sold_on.year, sale.sold_on.day, sale.sold_on.month))
    month = sale.sold_on.month - 1 + chance.choice((-2, -1, 1, 2, -12, 12)) + 12 * sale.sold_on.year
    return replace(sale, sold_on=date(month // 12, month % 12 + 1, min(sale.sold_on.day, 28)))


def _other_amount(chance: random.Random, sale: Sale, entries: Entries) -> Sale | None:
    whole = [
        each.mrr.minor
        for each in entries.books[sale.client_id].levels
        if each.effective_on == sale.sold_on and each.product_line == sale.product_line
    ]
    if chance.random() < 0.4 and whole:
        return replace(sale, mrr=replace(sale.mrr, minor=whole[0])) if whole[0] != sale.mrr.minor else None
    return replace(sale, mrr=replace(sale.mrr, minor=sale.mrr.minor * 12))


def _origin(chance: random.Random, entries: Entries, day: date, _program: Program) -> _Error | None:
    """The dashboard has the line begin on the other side of the day from which sourced sales earn 5."""
    upsells = [
        sale
        for sale in _my_sales(entries)
        if sale.deal_type in (DealType.UPSELL, DealType.INCREASE)
        and max(_BOUNDARY, day - timedelta(365)) <= sale.sold_on <= day
        and sale.motion is Motion.SOURCED
    ]
    if not upsells:
        return None
    sale = chance.choice(upsells)
    book = entries.books[sale.client_id]
    hub = sale.product_line.rsplit(" ", 1)[0]
    line = [each for each in book.sales if each.product_line.startswith(hub) and each.sold_on <= sale.sold_on]
    first = min(line, key=lambda each: each.sold_on)
    begins_late = first.sold_on < _BOUNDARY
    moved = _BOUNDARY if begins_late else _BOUNDARY - timedelta(40)
    if moved > sale.sold_on or (day - moved).days < 370 < (day - first.sold_on).days:
        return None
    if (day - first.sold_on).days < 366 or (day - moved).days < 366:
        return None  # its own points would move as well
    return _Error(entries, _with_sale(entries, first, replace(first, sold_on=moved)), sale.sale_id, sale.client_id)


def _as_of(chance: random.Random, entries: Entries, day: date, _program: Program) -> _Error | None:
    last = day.replace(day=15) if day.day > 15 else (day.replace(day=1) - timedelta(1)).replace(day=15)
    other = chance.choice([*(day + timedelta(apart) for apart in (-3, -2, -1, 1, 2, 3)), last, last])
    return _Error(entries, entries, None, their_day=other)


def _currency_table(chance: random.Random, entries: Entries, _day: date, program: Program) -> _Error | None:
    currency = chance.choice(("EUR", "GBP", "SGD"))
    [parameter] = [each for each in program.parameters if each.path == f"currencies.{currency}"]
    value = chance.choice([dated.value for dated in parameter.dated])
    other = replace(parameter, dated=tuple(replace(dated, value=value) for dated in parameter.dated))
    theirs = Program([other if each is parameter else each for each in program.parameters])
    return _Error(entries, entries, currency, their_program=theirs)


def _order(_chance: random.Random, entries: Entries, _day: date, program: Program) -> _Error | None:
    """The dashboard takes every decrease from the oldest sale first."""
    [parameter] = [each for each in program.parameters if each.path == "sold.decrease_consumes"]
    other = replace(parameter, dated=tuple(replace(dated, value="oldest") for dated in parameter.dated))
    theirs = Program([other if each is parameter else each for each in program.parameters])
    return _Error(entries, entries, None, their_program=theirs)


def _agreement_becomes(other: Callable[[random.Random, Agreement, date], list[Agreement] | None]) -> _Make:
    def make(chance: random.Random, entries: Entries, day: date, _program: Program) -> _Error | None:
        agreements = _agreements(entries)
        if not agreements:
            return None
        agreement = chance.choice(agreements)
        found = other(chance, agreement, day)
        if found is None:
            return None

        def change(book: ClientBook) -> ClientBook:
            kept = [each for each in book.agreements if each is not agreement]
            return ClientBook(book.client, book.sales, book.levels, [*kept, *found])

        return _Error(
            entries, entries.changed(agreement.client_id, change), agreement.agreement_id, agreement.client_id
        )

    return make


def _agreement_here(chance: random.Random, entries: Entries, day: date, program: Program) -> _Error | None:
    error = _agreement_becomes(lambda *_: [])(chance, entries, day, program)
    return error and _Error(error.theirs, error.ours, None, error.client_id)


def _shared(_chance: random.Random, agreement: Agreement, _day: date) -> list[Agreement]:
    return [agreement, replace(agreement, agreement_id=f"{agreement.agreement_id}-x", partner_id="P9")]


def _unshared(chance: random.Random, entries: Entries, day: date, program: Program) -> _Error | None:
    error = _agreement_becomes(_shared)(chance, entries, day, program)
    return error and (replace(error, ours=error.theirs, theirs=error.ours) if chance.random() < 0.5 else error)


def _agreement_day(chance: random.Random, entries: Entries, day: date, program: Program) -> _Error | None:
    """Our agreement ends within days of the day asked about, and the dashboard's ends on the other side of it."""
    agreements = _agreements(entries)
    if not agreements:
        return None
    agreement = chance.choice(agreements)
    ends = day + timedelta(chance.randrange(-3, 3))
    apart = chance.choice((1, 2, 3)) if ends < day else -chance.choice((1, 2, 3))
    near = replace(agreement, ends_on=ends, starts_on=min(agreement.starts_on, ends))

    def put(found: Agreement) -> Callable[[ClientBook], ClientBook]:
        def change(book: ClientBook) -> ClientBook:
            kept = [each for each in book.agreements if each.agreement_id != agreement.agreement_id]
            return ClientBook(book.client, book.sales, book.levels, [*kept, found])

        return change

    ours = entries.changed(agreement.client_id, put(near))
    theirs = entries.changed(agreement.client_id, put(replace(near, ends_on=ends + timedelta(apart))))
    return _Error(ours, theirs, agreement.agreement_id, agreement.client_id)


def _country(chance: random.Random, entries: Entries, day: date, program: Program) -> _Error | None:
    client_id = chance.choice(list(entries.books))
    growth = program.on(day).is_growth_market(entries.books[client_id].client.country)

    def change(book: ClientBook) -> ClientBook:
        client = replace(book.client, country="US" if growth else "IN")
        return ClientBook(client, book.sales, book.levels, book.agreements)

    return _Error(entries, entries.changed(client_id, change), client_id, client_id)


def _level_becomes(other: Callable[[random.Random, SubscriptionLevel, date], list[SubscriptionLevel]]) -> _Make:
    def make(chance: random.Random, entries: Entries, day: date, _program: Program) -> _Error | None:
        levels = [each for book in entries.books.values() for each in book.levels if each.effective_on <= day]
        if not levels:
            return None
        level = chance.choice(levels)

        def change(book: ClientBook) -> ClientBook:
            kept = [each for each in book.levels if each is not level]
            return ClientBook(book.client, book.sales, [*kept, *other(chance, level, day)], book.agreements)

        return _Error(entries, entries.changed(level.client_id, change), None, level.client_id)

    return make


def _ended(_chance: random.Random, level: SubscriptionLevel, day: date) -> list[SubscriptionLevel]:
    return [level, replace(level, mrr=replace(level.mrr, minor=0), effective_on=day)]


def _other_figure(chance: random.Random, entries: Entries, _day: date, _program: Program) -> _Error:
    return _Error(entries, entries, None, figure=chance.choice(tuple(Figure)))


_ERRORS: dict[Kind, _Make] = {
    Kind.SALE_MISSING_THERE: _missing_there,
    Kind.SALE_TWICE_THERE: _twice_there,
    Kind.SALE_TWICE_HERE: _twice_here,
    Kind.SALE_MISSING_HERE: _missing_here,
    Kind.DEAL_TYPE: _sale_becomes(_other_type),
    Kind.MOTION: _sale_becomes(_other_motion),
    Kind.ORIGIN: _origin,
    Kind.SALE_DAY: _sale_becomes(_other_day),
    Kind.AMOUNT: _sale_becomes(_other_amount),
    Kind.CURRENCY_TABLE: _currency_table,
    Kind.LEVEL_MISSING_THERE: _level_becomes(lambda *_: []),
    Kind.CANCELLED_THERE: _level_becomes(_ended),
    Kind.DECREASE_ORDER: _order,
    Kind.AGREEMENT_MISSING_THERE: _agreement_becomes(lambda *_: []),
    Kind.AGREEMENT_MISSING_HERE: _agreement_here,
    Kind.AGREEMENT_DAY: _agreement_day,
    Kind.SHARE: _unshared,
    Kind.COUNTRY: _country,
    Kind.AS_OF: _as_of,
    Kind.OTHER_FIGURE: _other_figure,
}
PLANTED_KINDS = tuple(_ERRORS)


def _claim(chance: random.Random, error: _Error, day: date, program: Program) -> Claim | None:
    """A figure that the dashboard shows otherwise than we do, rounded as it shows it; None if none differs."""
    shown = list(_shown(chance, error, day, program))
    return chance.choice(shown) if shown else None


def _shown(chance: random.Random, error: _Error, day: date, program: Program) -> Iterator[Claim]:
    ours = error.ours.credits(program)
    theirs = error.theirs.credits(error.their_program or program)
    their_day, step = error.their_day or day, chance.choice((MICRO, MICRO // 100))
    measure = Measure.MRR if chance.random() < 0.1 else Measure.POINTS
    client_id = error.client_id if chance.random() < 0.15 else None
    for figure in Figure:
        if measure is Measure.MRR and figure not in (Figure.SOLD, Figure.MANAGED):
            continue
        value = figure_of(theirs, error.figure or figure, their_day, measure, client_id)
        unit = 1_00 if measure is Measure.MRR else step
        claim = Claim.shown(figure, day, divide_half_even(value, unit) * unit, unit, measure, client_id)
        if claim.distance(figure_of(ours, figure, day, measure, client_id)):
            yield claim


def figure_of(credits: list[Credit], figure: Figure, day: date, measure: Measure, client_id: str | None) -> int:
    """The figure by the partner's timeline, of one client by its credits alone."""
    mine = [each for each in credits if client_id is None or each.client_id == client_id]
    if client_id is not None:
        active = [each for each in mine if each.source in figure.sources and is_active(each, as_of=day)]
        values = (each.micropoints if measure is Measure.POINTS else each.program_cents for each in active)
        return sum(value or 0 for value in values)
    balance = balance_on(timeline_of(mine), day)
    if measure is Measure.MRR:
        return balance.sold_cents if figure is Figure.SOLD else balance.managed_cents
    return int(getattr(balance, figure.value))
