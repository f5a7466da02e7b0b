"""The sample under construction: entries of every kind, and product lines whose MRR follows their sales."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from bot.playground.sample.catalogue import EDITIONS, LAST_DAY, line_and_edition, product_name
from tiercore.facts.entries import (
    Agreement,
    Certification,
    Client,
    DealType,
    Motion,
    Partner,
    Person,
    PipelineDeal,
    Sale,
    SubscriptionLevel,
    TierCredited,
    ToolUsage,
)
from tiercore.facts.money import Money


@dataclass(slots=True)
class ProductLine:
    """A product line of a client: the steps of its MRR (day, minor units from then on), ascending by day.

    `billed_in` is the currency of its subscription levels, None for a line without any. `editions` are those that it
    held (day, edition from then on), and `edition_minor` is the MRR with which the latest of them began.
    """

    client: Client
    product_line: str
    currency: str
    billed_in: str | None
    steps: list[tuple[date, int]] = field(default_factory=list)
    editions: list[tuple[date, str | None]] = field(default_factory=list)
    edition_minor: int = 0

    @property
    def minor(self) -> int:
        """The MRR after the last step."""
        return self.steps[-1][1] if self.steps else 0

    def minor_on(self, day: date) -> int:
        """The MRR on a day, in minor units."""
        return next((minor for since, minor in reversed(self.steps) if since <= day), 0)

    def product_on(self, day: date) -> str:
        """The product's name on a day: the line and the edition held then."""
        held = next((edition for since, edition in reversed(self.editions) if since <= day), None)
        return product_name(self.product_line, held, day)

    def hold(self, day: date, edition: str | None, minor: int) -> None:
        """Let the client hold the edition from the day on, at an MRR of `minor`."""
        if not self.editions or self.editions[-1][1] != edition:
            self.editions.append((day, edition))
            self.edition_minor = minor

    def change_edition_at(self, day: date, minor: int) -> None:
        """Change to the next edition where the MRR doubles, and to the one before where it halves."""
        held = self.editions[-1][1] if self.editions else None
        rank = EDITIONS.index(held) if held in EDITIONS else None
        if rank is None or not self.edition_minor:
            return
        if minor >= 2 * self.edition_minor and rank + 1 < len(EDITIONS):
            self.hold(day, EDITIONS[rank + 1], minor)
        elif minor * 2 <= self.edition_minor and minor and rank:
            self.hold(day, EDITIONS[rank - 1], minor)

    def set_mrr(self, day: date, minor: int) -> None:
        """Set the MRR from the day on, in minor units; a second step on a day replaces the first."""
        if self.steps and self.steps[-1][0] >= day:
            self.steps = [step for step in self.steps if step[0] < day]
        self.steps.append((day, minor))

    def next_renewal(self, day: date) -> date:
        """The first yearly renewal after the day."""
        start = self.steps[0][0]
        this_year = start.replace(year=day.year)
        return this_year if this_year > day else start.replace(year=day.year + 1)

    def levels(self) -> Iterator[SubscriptionLevel]:
        """The line's levels: one per step, and one per yearly renewal while it is active."""
        if self.billed_in is None:
            return
        days = dict(self.steps)
        minor = 0
        for day in sorted({*days, *self._renewals()}):
            before, minor = minor, days.get(day, minor)
            if minor or before:
                renews_on = self.next_renewal(day) if minor else None
                money = Money(minor, self.billed_in)
                yield SubscriptionLevel(self.client.client_id, self.product_on(day), money, day, renews_on)

    def _renewals(self) -> Iterator[date]:
        start = self.steps[0][0]
        for year in range(start.year + 1, LAST_DAY.year + 1):
            if start.replace(year=year) <= LAST_DAY:
                yield start.replace(year=year)


@dataclass(slots=True)
class Sample:
    """The sample's entries, each kind in the order of its file."""

    partners: list[Partner] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    levels: list[SubscriptionLevel] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    usage: list[ToolUsage] = field(default_factory=list)
    certifications: list[Certification] = field(default_factory=list)
    tiers: list[TierCredited] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    pipeline: list[PipelineDeal] = field(default_factory=list)


@dataclass(slots=True)
class DraftLedger:
    """A sample under construction, with its product lines by client id."""

    sample: Sample = field(default_factory=Sample)
    lines: dict[str, list[ProductLine]] = field(default_factory=dict)

    def add_client(self, name: str, country: str) -> Client:
        """Add a client."""
        client = Client(f"C{len(self.sample.clients) + 1:04d}", name, country)
        self.sample.clients.append(client)
        self.lines[client.client_id] = []
        return client

    def line_of(self, client: Client, product: str, currency: str) -> ProductLine:
        """The client's line that the product belongs to, added if it is new."""
        product_line, _ = line_and_edition(product)
        for line in self.lines[client.client_id]:
            if line.product_line == product_line:
                return line
        line = ProductLine(client, product_line, currency, currency)
        self.lines[client.client_id].append(line)
        return line

    def add_sale(
        self, partner_id: str, line: ProductLine, day: date, deal: DealType, motion: Motion, minor: int
    ) -> None:
        """Add a sale, in minor units; unless it is a renewal, it raises the line's MRR."""
        sale_id, money = f"S{len(self.sample.sales) + 1:05d}", Money(minor, line.currency)
        client_id = line.client.client_id
        self.sample.sales.append(Sale(sale_id, partner_id, client_id, line.product_on(day), deal, motion, money, day))
        if deal is not DealType.RENEWAL:
            line.set_mrr(day, line.minor + minor)

    def add_agreement(self, partner_id: str, client: Client, starts_on: date, ends_on: date | None = None) -> None:
        """Add an agreement; `ends_on` is its last day, None without an end."""
        agreement_id = f"A{len(self.sample.agreements) + 1:04d}"
        self.sample.agreements.append(Agreement(agreement_id, partner_id, client.client_id, starts_on, ends_on))
