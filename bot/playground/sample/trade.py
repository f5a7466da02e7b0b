"""Simulate a partner's sales month by month: new clients, cross-sells, upsells, renewals, downgrades, cancellations."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from bot.playground.sample.agencies import SIZES, Agency, Size
from bot.playground.sample.catalogue import (
    LAST_DAY,
    MARKETS,
    currency_of,
    line_and_edition,
    pick_product,
    price,
    usd_of,
)
from bot.playground.sample.draft_ledger import DraftLedger, ProductLine
from bot.playground.sample.names import ClientNames
from tiercore.facts.entries import Client, DealType, Motion
from tiercore.facts.money import Money

_YEAR_FACTORS = {2019: 0.7, 2020: 0.75, 2021: 1.05, 2022: 1.0, 2023: 0.9, 2024: 0.95, 2025: 1.15, 2026: 1.25}
_SOURCED_SHARE = 0.6


@dataclass(slots=True)
class TradeSimulation:
    """One partner's sales, with its own lines and random generator, so that partners don't affect each other."""

    draft: DraftLedger
    names: ClientNames
    agency: Agency
    random: Random
    lines: list[ProductLine] = field(default_factory=list)

    @property
    def size(self) -> Size:
        return SIZES[self.agency.size]

    def run(self, since: date) -> None:
        """Simulate from the day on to the sample's last."""
        for month in months(since):
            for day, line in self._events(month, since):
                if line is None:
                    self._random_deal(day)
                elif line.minor and line.steps[-1][0] < day:
                    self._renew(line, day)

    def _events(self, month: date, since: date) -> list[tuple[date, ProductLine | None]]:
        """The month's deals (None) and yearly renewals, by day."""
        rate = self.size.deals / 12 * _YEAR_FACTORS[month.year] * self._spell_factor(month)
        days: list[tuple[date, ProductLine | None]] = [
            (month.replace(day=self.random.randint(1, 28)), None) for _ in range(random_count(self.random, rate))
        ]
        for line in self.lines:
            start = line.steps[0][0]
            if start.month == month.month and start.year < month.year:
                days.append((start.replace(year=month.year), line))
        return sorted((each for each in days if since <= each[0] <= LAST_DAY), key=lambda each: each[0])

    def _spell_factor(self, month: date) -> float:
        return next((factor for first, last, factor in self.agency.spells if first <= month <= last), 1.0)

    def _random_deal(self, day: date) -> None:
        active = [line for line in self.lines if line.minor and line.steps[-1][0] < day]
        chance = self.random.random()
        if not active or chance < 0.24:
            self._add_net_new(day)
        elif chance < 0.44:
            self._add_cross_sell(day, self.random.choice(active))
        elif chance < 0.95:
            self._add_upsell(day, self.random.choice(active))
        else:
            self._downgrade(day, self.random.choice(active))

    def _add_net_new(self, day: date) -> None:
        markets = MARKETS[self.agency.country] if self.agency.sells_abroad else self.agency.country
        country = self.random.choice(markets.split())
        client = self.draft.add_client(self.names.next(country), country)
        self._add_line(day, client, DealType.NET_NEW)
        if self.random.random() < 0.88:
            self._add_agreements(day, client)

    def _add_cross_sell(self, day: date, beside: ProductLine) -> None:
        """One more line for the client; a client that has them all takes more of the line that it has."""
        if not self._add_line(day, beside.client, DealType.CROSS_SELL):
            self._add_upsell(day, beside)

    def _add_line(self, day: date, client: Client, deal: DealType) -> bool:
        """Sell a line that the client doesn't have; whether there is one."""
        currencies = {line.product_line: line.currency for line in self.draft.lines[client.client_id]}
        product = pick_product(self.random, day, self.size.scale, frozenset(currencies))
        if product is None:
            return False
        currency = next(iter(currencies.values()), currency_of(client.country))
        line = self.draft.line_of(client, product.name, currency)
        self.lines.append(line)
        usd = product.usd * self.size.scale * self.random.uniform(0.6, 1.4)
        line.hold(day, line_and_edition(product.name)[1], price(usd, currency).minor)
        self._add_sale(line, day, deal, usd)
        return True

    def _add_upsell(self, day: date, line: ProductLine) -> None:
        deal = DealType.INCREASE if self.random.random() < 0.1 else DealType.UPSELL
        self._add_sale(line, day, deal, self._usd(line) * self.random.uniform(0.1, 0.45))

    def _add_sale(self, line: ProductLine, day: date, deal: DealType, usd: float) -> None:
        motion = Motion.SOURCED if self.random.random() < _SOURCED_SHARE else Motion.ASSISTED
        minor = price(usd, line.currency).minor
        if deal is DealType.UPSELL:
            line.change_edition_at(day, line.minor + minor)
        self.draft.add_sale(self.agency.partner_id, line, day, deal, motion, minor)

    def _renew(self, line: ProductLine, day: date) -> None:
        """A yearly renewal: some lines are cancelled, some reduced, and only some renewals are reported as deals."""
        chance = self.random.random()
        if chance < 0.10:
            line.set_mrr(day, 0)
        elif chance < 0.20:
            self._downgrade(day, line)
        elif chance < 0.27:
            self._add_sale(line, day, DealType.INCREASE, self._usd(line) * 0.06)
        elif chance < 0.50:
            self.draft.add_sale(self.agency.partner_id, line, day, DealType.RENEWAL, Motion.ASSISTED, line.minor)

    def _downgrade(self, day: date, line: ProductLine) -> None:
        reduced = price(self._usd(line) * self.random.uniform(0.35, 0.9), line.currency).minor
        minor = min(reduced, line.minor)
        line.change_edition_at(day, minor)
        line.set_mrr(day, minor)

    def _usd(self, line: ProductLine) -> float:
        return usd_of(Money(line.minor, line.currency))

    def _add_agreements(self, day: date, client: Client) -> None:
        """Consecutive agreements, until one is open-ended or isn't renewed."""
        starts_on = day + timedelta(self.random.randint(0, 45))
        while starts_on <= LAST_DAY:
            if self.random.random() < 0.5:
                self.draft.add_agreement(self.agency.partner_id, client, starts_on)
                return
            ends_on = starts_on + timedelta(self.random.choice((364, 545, 729)))
            self.draft.add_agreement(self.agency.partner_id, client, starts_on, ends_on)
            if self.random.random() < 0.2:
                return
            starts_on = ends_on + timedelta(days=1)


def months(since: date) -> Iterator[date]:
    """The first day of every month, from the month of `since` to the sample's last."""
    month = since.replace(day=1)
    while month <= LAST_DAY:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)


def random_count(random: Random, rate: float) -> int:
    """A random number of events that averages `rate`."""
    whole = int(rate) + (random.random() < rate % 1)
    return max(0, whole + random.choice((-1, 0, 0, 1))) if whole else 0
