"""How a partner trades month by month: new clients, more lines, upsells, renewals, falls and cancellations."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from bot.playground.sample.agencies import SIZES, Agency, Size
from bot.playground.sample.book import Book, Line
from bot.playground.sample.catalogue import LAST_DAY, MARKETS, currency_of, pick_product, price, usd_of
from bot.playground.sample.names import Names
from tiercore.facts.entries import Client, DealType, Motion
from tiercore.facts.money import Money

_YEARS = {2019: 0.7, 2020: 0.75, 2021: 1.05, 2022: 1.0, 2023: 0.9, 2024: 0.95, 2025: 1.15, 2026: 1.25}
_SOURCED = 0.6


@dataclass(slots=True)
class Trade:
    """One partner's trade: its own lines and its own chance, so that no partner changes another's figures."""

    book: Book
    names: Names
    agency: Agency
    random: Random
    lines: list[Line] = field(default_factory=list)

    @property
    def size(self) -> Size:
        return SIZES[self.agency.size]

    def run(self, since: date) -> None:
        """Trade from the day on until the sample's last."""
        for month in months(since):
            for day, line in self._days(month, since):
                if line is None:
                    self._deal(day)
                elif line.minor and line.steps[-1][0] < day:
                    self._renewal(line, day)

    def _days(self, month: date, since: date) -> list[tuple[date, Line | None]]:
        """The month's deals (None) and yearly renewals, by day."""
        rate = self.size.deals / 12 * _YEARS[month.year] * self._mood(month)
        days: list[tuple[date, Line | None]] = [
            (month.replace(day=self.random.randint(1, 28)), None) for _ in range(drawn(self.random, rate))
        ]
        for line in self.lines:
            began = line.steps[0][0]
            if began.month == month.month and began.year < month.year:
                days.append((began.replace(year=month.year), line))
        return sorted((each for each in days if since <= each[0] <= LAST_DAY), key=lambda each: each[0])

    def _mood(self, month: date) -> float:
        return next((factor for first, last, factor in self.agency.moods if first <= month <= last), 1.0)

    def _deal(self, day: date) -> None:
        alive = [line for line in self.lines if line.minor and line.steps[-1][0] < day]
        chance = self.random.random()
        if not alive or chance < 0.24:
            self._net_new(day)
        elif chance < 0.44:
            self._cross_sell(day, self.random.choice(alive).client)
        elif chance < 0.95:
            self._upsell(day, self.random.choice(alive))
        else:
            self._fall(day, self.random.choice(alive))

    def _net_new(self, day: date) -> None:
        markets = MARKETS[self.agency.country] if self.agency.sells_abroad else self.agency.country
        country = self.random.choice(markets.split())
        client = self.book.client(self.names.fresh(country), country)
        self._open(day, client, DealType.NET_NEW)
        if self.random.random() < 0.88:
            self._manage(day, client)

    def _cross_sell(self, day: date, client: Client) -> None:
        self._open(day, client, DealType.CROSS_SELL)

    def _open(self, day: date, client: Client, deal: DealType) -> None:
        held = {line.product_line: line.currency for line in self.book.lines[client.client_id]}
        product = pick_product(self.random, day, self.size.scale, frozenset(held))
        if product is None:
            return
        currency = next(iter(held.values()), currency_of(client.country))
        line = self.book.line(client, product.name, currency)
        self.lines.append(line)
        self._sell(line, day, deal, product.usd * self.size.scale * self.random.uniform(0.6, 1.4))

    def _upsell(self, day: date, line: Line) -> None:
        deal = DealType.INCREASE if self.random.random() < 0.1 else DealType.UPSELL
        self._sell(line, day, deal, self._usd(line) * self.random.uniform(0.1, 0.45))

    def _sell(self, line: Line, day: date, deal: DealType, usd: float) -> None:
        motion = Motion.SOURCED if self.random.random() < _SOURCED else Motion.ASSISTED
        minor = price(usd, line.currency).minor
        self.book.sell(self.agency.partner_id, line, day, deal, motion, minor)

    def _renewal(self, line: Line, day: date) -> None:
        """A yearly renewal: some are cancelled, some reduced, and not every one is told as a deal."""
        chance = self.random.random()
        if chance < 0.10:
            line.step(day, 0)
        elif chance < 0.20:
            self._fall(day, line)
        elif chance < 0.27:
            self._sell(line, day, DealType.INCREASE, self._usd(line) * 0.06)
        elif chance < 0.50:
            self.book.sell(self.agency.partner_id, line, day, DealType.RENEWAL, Motion.ASSISTED, line.minor)

    def _fall(self, day: date, line: Line) -> None:
        left = price(self._usd(line) * self.random.uniform(0.35, 0.9), line.currency).minor
        line.step(day, min(left, line.minor))

    def _usd(self, line: Line) -> float:
        return usd_of(Money(line.minor, line.currency))

    def _manage(self, day: date, client: Client) -> None:
        """Agreements one after the other, until one is open or not renewed."""
        starts_on = day + timedelta(self.random.randint(0, 45))
        while starts_on <= LAST_DAY:
            if self.random.random() < 0.5:
                self.book.agree(self.agency.partner_id, client, starts_on)
                return
            ends_on = starts_on + timedelta(self.random.choice((364, 545, 729)))
            self.book.agree(self.agency.partner_id, client, starts_on, ends_on)
            if self.random.random() < 0.2:
                return
            starts_on = ends_on + timedelta(days=1)


def months(since: date) -> Iterator[date]:
    """The first day of every month from the day's own to the sample's last."""
    month = since.replace(day=1)
    while month <= LAST_DAY:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)


def drawn(random: Random, rate: float) -> int:
    """A whole number of events with this average: the whole part, and one more by chance, give or take one."""
    whole = int(rate) + (random.random() < rate % 1)
    return max(0, whole + random.choice((-1, 0, 0, 1))) if whole else 0
