"""What entries and credits are worth in the figure that is asked about."""

from collections.abc import Iterable, Sequence
from datetime import date

from tiercore.explaining.claims import Claim, Measure
from tiercore.facts.entries import Agreement, Client, Motion, Sale
from tiercore.facts.money import Money
from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.program import Program
from tiercore.rating.credits import ClientBook, Credit, in_program_cents, is_active, rated
from tiercore.rating.lines import HeldLevel, level_on
from tiercore.rating.lots import expires_on
from tiercore.rating.managed import in_force
from tiercore.rating.rating import credits_of
from tiercore.rating.sold import sold_credits

SOURCE_OF = {motion: motion.source for motion in Motion}
OVERHEAD = 4  # entries that take as long to rate as it takes to begin


class Gauge:
    """Measures a partner's figure in the claim's unit. `work` counts the entries that were rated for it."""

    def __init__(self, partner_id: str, claim: Claim, program: Program) -> None:
        self.partner_id, self.claim, self.program = partner_id, claim, program
        self.sources = claim.figure.sources
        self.counts_sales = bool(self.sources - {Source.MANAGED})
        self.counts_managed = Source.MANAGED in self.sources
        self.work = 0
        self._open: dict[date, bool] = {}
        every = [program.on(each) for each in (claim.day, *program.changes)]
        self._highest = max(max(rules.growth_market_rates.values()) for rules in every)

    def counts(self, credit: Credit, day: date | None = None) -> bool:
        """Whether the credit is part of the figure on the claim's day, or another."""
        mine = credit.partner_id == self.partner_id and credit.source in self.sources
        return mine and is_active(credit, as_of=day or self.claim.day)

    def of(self, credits: Iterable[Credit], day: date | None = None) -> int:
        """What the credits add to the figure."""
        return sum(self.value(each) for each in credits if self.counts(each, day))

    def value(self, credit: Credit) -> int:
        """What the credit is worth; 0 where it can't be rated, as in the figures."""
        if credit.micropoints is None or credit.program_cents is None:
            return 0
        return credit.micropoints if self.claim.measure is Measure.POINTS else credit.program_cents

    def worth(self, minor: int, rate: int, per_100: Money | Unknown, shared_by: int = 1) -> int:
        """What an MRR is worth at a rate."""
        if isinstance(per_100, Unknown):
            return 0
        if self.claim.measure is Measure.MRR:
            return in_program_cents(minor, per_100, shared_by)
        return rated(minor, rate, per_100, shared_by)

    def is_open(self, sold_on: date) -> bool:
        """Whether a sale of that day counts on the claim's day, if nothing was taken from it."""
        found = self._open.get(sold_on)
        if found is None:
            day, months = self.claim.day, self.program.on(sold_on).expire_after_months
            found = self._open[sold_on] = sold_on <= day < expires_on(sold_on, months)
        return found

    def most(self, sale: Sale) -> int:
        """The most that the sale could add to the figure at any rate."""
        per_100 = self.program.on(sale.sold_on).per_100_usd(sale.mrr.currency)
        return self.worth(sale.mrr.minor, self._highest, per_100)

    def of_book(self, book: ClientBook) -> int:
        """What all of a client's entries add to the figure, by the rating itself."""
        self.work += OVERHEAD + len(book.sales) + len(book.levels) + len(book.agreements)
        return self.of(credits_of(book, self.program))

    def of_line(self, client: Client, sales: Sequence[Sale], levels: Sequence[HeldLevel]) -> int:
        """What the sales of a line add to the figure, by the rating itself."""
        self.work += OVERHEAD + len(sales) + len(levels)
        return self.of(sold_credits(client, sales, levels, self.program))

    def managed(self, client: Client, lines: Iterable[Sequence[HeldLevel]], agreements: Sequence[Agreement]) -> int:
        """What managing the client adds to the figure: its level on the day, divided among its managers."""
        day = self.claim.day
        managers = in_force(agreements, day)
        if not any(each.partner_id == self.partner_id for each in managers):
            return 0
        rules, total = self.program.on(day), 0
        rate = rules.rate(Source.MANAGED, growth_market=rules.is_growth_market(client.country))
        for levels in lines:
            held = level_on(levels, day)
            if held is not None and held.mrr.minor:
                total += self.worth(held.mrr.minor, rate, rules.per_100_usd(held.mrr.currency), len(managers))
        return total
