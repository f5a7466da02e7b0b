"""The search for what explains that the dashboard shows another figure (how-tiers-work#doesnt-match).

One fact at a time is taken to be otherwise, and what the figure becomes is compared with what the dashboard shows. Only
the client it concerns is rated again, and only where arithmetic can't tell the difference.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dateutil.relativedelta import relativedelta

from tiercore.explaining import client_hypotheses, rule_hypotheses, sale_hypotheses
from tiercore.explaining.claims import Claim, Explained, Explanation, Kind, Measure, Reading, Row
from tiercore.explaining.hypotheses import Hypothesis, level_row
from tiercore.explaining.line import Line
from tiercore.explaining.measuring import Gauge
from tiercore.explaining.ranking import MOST, Tally, explanations
from tiercore.facts.entries import Sale, SubscriptionLevel
from tiercore.program import Program
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.lines import LineKey, key_of, level_on, levels_by_line, sales_by_line

MOST_WORK = 50_000  # entries rated again, in all: about two seconds
_CONFIRMED = 40  # fits of a kind that are rated again
_NEAREST = 10  # what comes near leaves at most a tenth of the difference unexplained
_MONTHS_AROUND = 14  # a sale that expired, or is made, within so many months may count on the dashboard


def explain(
    partner_id: str,
    books: Iterable[ClientBook],
    credits: Sequence[Credit],
    program: Program,
    claim: Claim,
    *,
    most_work: int = MOST_WORK,
) -> Explained:
    """What explains the claim, at most three single causes. `credits` are the partner's, as rated from the `books`.

    The books have all entries of the partner's clients, other partners' too: they share lots and managed credit. No
    result names them.
    """
    if claim.client_id is not None:
        books = [each for each in books if each.client.client_id == claim.client_id]
        credits = [each for each in credits if each.client_id == claim.client_id]
    return _Search(partner_id, {each.client.client_id: each for each in books}, credits, program, claim).run(most_work)


class _Search:
    def __init__(
        self,
        partner_id: str,
        books: Mapping[str, ClientBook],
        credits: Sequence[Credit],
        program: Program,
        claim: Claim,
    ) -> None:
        self._partner_id, self._books, self._credits, self._claim = partner_id, books, credits, claim
        self._gauge = Gauge(partner_id, claim, program)
        self._active = [each for each in credits if self._gauge.counts(each)]
        self._ours = self._gauge.of(self._active)
        self._unrated = sum(each.micropoints is None or each.program_cents is None for each in self._active)
        self._wanted = -claim.distance(self._ours)
        self._active_of: dict[str, list[Credit]] = defaultdict(list)
        for each in self._active:
            self._active_of[each.client_id].append(each)
        self._bases: dict[str, int] = {}
        self._tally = Tally()
        self._fits: dict[Kind, list[tuple[Hypothesis, int]]] = defaultdict(list)
        self._near: dict[Kind, list[tuple[int, Hypothesis, int]]] = defaultdict(list)
        self._complete = True
        self._other_order_in_all = 0
        self._other_order = rule_hypotheses.other_order(program, program.on(claim.day).decrease_consumes)

    def run(self, most_work: int) -> Explained:
        """Try every hypothesis, as long as there is work left."""
        claim = self._claim
        if claim.distance(self._ours) == 0:
            return Explained(claim, self._ours, (), unrated=self._unrated)
        for hypothesis, difference in self._about_rules():
            self._try(hypothesis, difference)
        for book in sorted(self._books.values(), key=lambda each: len(each.sales)):
            self._about_client(book, most_work)
        self._try(Hypothesis(Kind.DECREASE_ORDER, Row("program")), self._other_order_in_all)
        self._confirm()
        sales = (sale for book in self._books.values() for sale in book.sales if sale.partner_id == self._partner_id)
        rows = rule_hypotheses.implied(claim, self._ours, self._gauge, sales)
        if rows:
            self._tally.supposed[Kind.SALE_MISSING_HERE] = [(row, claim.value) for row in rows]
        found = explanations(self._tally.scored(claim))
        nearest = () if self._tally.fits else self._nearest()
        return Explained(claim, self._ours, found, nearest, self._complete, self._unrated)

    def _try(self, hypothesis: Hypothesis, difference: int) -> None:
        """Take the hypothesis down where it fits or comes near; one that changes nothing explains nothing."""
        if not difference:
            return
        kind, becomes = hypothesis.kind, self._ours + difference
        self._tally.tried[kind] += 1
        away = abs(self._claim.distance(becomes))
        if not away:
            self._fits[kind].append((hypothesis, becomes))
        elif away < abs(self._claim.distance(self._ours)):
            near = self._near[kind]
            if not near or away < near[0][0]:
                self._near[kind] = [(away, hypothesis, becomes)]

    def _about_rules(self) -> Iterator[tuple[Hypothesis, int]]:
        gauge = self._gauge
        mine = {
            sale.sale_id: sale
            for book in self._books.values()
            for sale in book.sales
            if sale.partner_id == self._partner_id
        }
        clients = {client_id: book.client for client_id, book in self._books.items()}
        yield from rule_hypotheses.about_day(self._credits, gauge)
        yield from rule_hypotheses.about_figure(self._credits, gauge)
        yield from rule_hypotheses.about_currencies(self._active, gauge)
        yield from rule_hypotheses.about_rates(self._active, mine, clients, gauge)

    def _about_client(self, book: ClientBook, most_work: int) -> None:
        catalogue, gauge, day = self._gauge.program.catalogue, self._gauge, self._claim.day
        sales, levels = sales_by_line(book.sales, catalogue), levels_by_line(book.levels, catalogue)
        lines = {
            key: Line(book.client, sales.get(key, ()), levels.get(key, ()), gauge)
            for key in sorted(sales.keys() | levels.keys())
        }
        if gauge.counts_sales:
            for line in lines.values():
                self._about_line(line, most_work)
        if gauge.counts_managed:
            base = gauge.managed(book.client, levels.values(), book.agreements)
            for each in client_hypotheses.about_agreements(book, self._partner_id, day):
                edited = each.edit.of(book).agreements if each.edit else ()
                self._try(each, gauge.managed(book.client, levels.values(), edited) - base)
        if self._is_concerned(book):
            entries: dict[LineKey, list[SubscriptionLevel]] = defaultdict(list)
            for level in book.levels:
                entries[key_of(level, catalogue)].append(level)
            for key, of_line in entries.items():
                self._about_levels(book, lines[key], key, of_line, most_work)
            self._about_order(book, lines.values(), most_work)
        self._about_country(book)

    def _about_line(self, line: Line, most_work: int) -> None:
        day = self._claim.day
        mine = [sale for sale in line.sales if sale.partner_id == self._partner_id]
        first, last = day - relativedelta(months=12 + _MONTHS_AROUND), day + relativedelta(months=_MONTHS_AROUND)
        for sale in mine:
            if first <= sale.sold_on <= last or line.decides_origins(sale):
                self._about_sale(sale_hypotheses.about(sale, line), line, most_work)
        if mine or self._manages(line.client.client_id):
            self._about_sale(sale_hypotheses.missing_here(line, self._partner_id, day), line, most_work)

    def _about_sale(
        self, hypotheses: Iterable[tuple[Hypothesis, Sale | None, Sale | None]], line: Line, most_work: int
    ) -> None:
        for hypothesis, before, after in hypotheses:
            if line.is_simple(before, after):
                self._try(hypothesis, line.difference(before, after))
            elif not line.reaches(before, after, self._wanted):
                self._tally.tried[hypothesis.kind] += 1
            elif self._gauge.work > most_work:
                self._complete = False
            else:
                self._try(hypothesis, line.difference(before, after))

    def _manages(self, client_id: str) -> bool:
        return any(each.partner_id == self._partner_id for each in self._books[client_id].agreements)

    def _is_concerned(self, book: ClientBook) -> bool:
        """Whether levels of the client can change the figure: it has credits, or an agreement or a sale of the year."""
        since = self._claim.day - relativedelta(months=12)
        recent = (each.sold_on >= since and each.partner_id == self._partner_id for each in book.sales)
        return bool(self._active_of.get(book.client.client_id)) or any(recent) or self._manages(book.client.client_id)

    def _about_levels(
        self, book: ClientBook, line: Line, key: LineKey, entries: Sequence[SubscriptionLevel], most_work: int
    ) -> None:
        """Hypotheses about what one line of the client pays; `entries` are all of its levels."""
        gauge, day = self._gauge, self._claim.day
        open_since = day - relativedelta(months=12)
        found = list(client_hypotheses.about_levels(book, [e.entry for e in line.levels_from(open_since)], day))
        paying = level_on(line.levels, day)
        if paying is not None and paying.mrr.minor:
            found.append(client_hypotheses.cancelled(book, paying.entry, day))
        managed = gauge.managed(book.client, [line.levels], book.agreements) if gauge.counts_managed else 0
        for each in found:
            if each.edit is None or gauge.work > most_work:
                self._complete = False
                continue
            gauge.work += (len(entries) + len(line.sales)) // 2
            held = levels_by_line(each.edit.of_levels(entries), gauge.program.catalogue).get(key, ())
            difference = gauge.managed(book.client, [held], book.agreements) - managed if gauge.counts_managed else 0
            other = Line(book.client, line.sales, held, gauge)
            if not gauge.counts_sales or (line.stands_alone and other.stands_alone):
                self._try(each, difference)
            elif line.most < abs(self._claim.distance(self._ours + difference)):
                self._tally.tried[each.kind] += 1
            else:
                self._try(each, difference + other.base - line.base)

    def _about_order(self, book: ClientBook, lines: Iterable[Line], most_work: int) -> None:
        """Decreases take from the oldest sale first there, and from the newest here; or the reverse."""
        gauge = Gauge(self._partner_id, self._claim, self._other_order)
        for line in lines:
            if gauge.counts_sales and line.falls and len(line.sales) > 1 and self._gauge.work < most_work:
                self._gauge.work += len(line.sales) + len(line.levels)
                row = level_row(line.levels[-1].entry, book.client)
                difference = gauge.of_line(book.client, line.sales, line.levels) - line.base
                self._other_order_in_all += difference
                self._try(Hypothesis(Kind.DECREASE_ORDER, row), difference)

    def _about_country(self, book: ClientBook) -> None:
        active = self._active_of.get(book.client.client_id)
        if self._claim.measure is Measure.POINTS and active:
            rules = self._gauge.program.on(self._claim.day)
            found = client_hypotheses.other_country(book, rules)
            if found is not None:
                growth = rules.is_growth_market(book.client.country)
                self._try(found, rule_hypotheses.in_other_market(active, self._gauge.program, growth=growth))

    def _base(self, book: ClientBook) -> int:
        """What the client adds to the figure, rated from its entries."""
        key = book.client.client_id
        if key not in self._bases:
            self._bases[key] = self._gauge.of_book(book)
        return self._bases[key]

    def _confirm(self) -> None:
        """Rate each fit again as a whole; one that the rating doesn't confirm is dropped."""
        for kind, fits in self._fits.items():
            kept = [(each, becomes) for each, becomes in fits if len(fits) > _CONFIRMED or self._is_confirmed(each)]
            if kept:
                self._tally.fits[kind] = [(each.row, becomes) for each, becomes in kept]

    def _is_confirmed(self, hypothesis: Hypothesis) -> bool:
        if hypothesis.edit is None:
            return True
        book = self._books[str(hypothesis.row.client_id)]
        becomes = self._ours + self._gauge.of_book(hypothesis.edit.of(book)) - self._base(book)
        return self._claim.distance(becomes) == 0

    def _nearest(self) -> tuple[Explanation, ...]:
        """The single causes that leave the least unexplained, if that is little."""
        most = abs(self._claim.distance(self._ours)) // _NEAREST
        found = sorted((each[0] for each in self._near.values() if each[0][0] <= most), key=lambda each: each[0])
        return tuple(Explanation((Reading(h.kind, (h.row,), becomes),)) for _, h, becomes in found[:MOST])
