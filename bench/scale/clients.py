"""The generated clients: about ten sales each, on up to three product lines, with the levels that follow from them."""

from collections.abc import Iterator
from random import Random

from bench.scale.files import ProgramFiles
from bench.scale.market import CURRENCIES, DAYS, LINES, MARKETS, PER_100_USD, PRODUCTS, TODAY
from bench.scale.partners import GeneratedPartner

_SALES_PER_CLIENT = (3, 5, 7, 8, 9, 10, 11, 12, 15, 20)
_SALES_PER_LINE, _DAYS_APART = 5, 30
_LATER_DEALS = ("upsell", "upsell", "upsell", "renewal", "renewal", "increase")
_LATER = tuple(zip(_LATER_DEALS, (20, 35, 15, 0, 0, 8), strict=True))  # with the rise in percent of the list price
_SHARED, _FELL, _CANCELLED, _ENDED = 0.04, 0.12, 0.08, 0.2


class ClientWriter:
    """Writes the clients of one partner after the other; IDs go on from partner to partner."""

    def __init__(self, files: ProgramFiles, random: Random) -> None:
        self._files, self._random = files, random
        self._clients = self._sales = self._agreements = 0

    def write(self, partner: GeneratedPartner) -> list[str]:
        """Write the partner's clients until it has its number of sales; the IDs of its first clients."""
        left, first = partner.sales, list[str]()
        while left > 0:
            count = min(left, self._random.choice(_SALES_PER_CLIENT))
            client_id = self._write_client(partner, count)
            if len(first) < 10:
                first.append(client_id)
            left -= count
            self._files.flush_full()
        return first

    def _write_client(self, partner: GeneratedPartner, sales: int) -> str:
        self._clients += 1
        random, client_id = self._random, f"C{self._clients:07d}"
        country = random.choice(MARKETS[partner.market][2])
        lines = -(-sales // _SALES_PER_LINE)
        span = min(_DAYS_APART * -(-sales // lines) + 40, TODAY - partner.joined - 30)
        start = max(partner.joined + 20, TODAY - span - int(random.random() ** 2 * 1500))
        self._files.rows["clients"].append(f"{client_id},Client {self._clients} Ltd,{country}")
        deal = "net_new"
        for product, count in zip(self._products(lines), self._shares(sales, lines), strict=True):
            since = min(start + int(random.random() * 20), TODAY - _DAYS_APART * count)
            self._write_line(partner, (client_id, country), product, count, (since, deal))
            deal = "cross_sell"
        self._write_agreements(partner, client_id, start)
        self._write_usage(client_id, start)
        return client_id

    def _products(self, count: int) -> list[int]:
        """Places in PRODUCTS of as many different lines."""
        found: dict[str, int] = {}
        while len(found) < count:
            at = int(self._random.random() ** 1.5 * len(PRODUCTS))
            found.setdefault(LINES[at], at)
        return list(found.values())

    def _shares(self, sales: int, lines: int) -> list[int]:
        return [sales // lines + (line < sales % lines) for line in range(lines)]

    def _write_line(
        self, partner: GeneratedPartner, client: tuple[str, str], product: int, count: int, begins: tuple[int, str]
    ) -> None:
        """Write a line's sales, which are some days apart, and its levels, one by each sale; it may fall or end."""
        random, rows = self._random.random, self._files.rows
        sales, levels = rows["sales"], rows["subscriptions"]
        (client_id, country), (day, deal), (name, usd) = client, begins, PRODUCTS[product]
        currency = CURRENCIES.get(country, "USD")
        listed = usd * PER_100_USD[currency] // 100
        head, level_head = f",{partner.partner_id},{client_id},{name},", f"{client_id},{name},"
        step, last = (TODAY - day) // count, day
        mrr, rise = 0, 80 + int(random() * 60)
        for _ in range(count):
            self._sales += 1
            sold = max(1, listed * rise // 100) if rise else mrr
            mrr += sold if rise else 0
            motion = "assisted" if random() < 0.35 else "sourced"
            sales.append(f"S{self._sales:08d}{head}{deal},{motion},{sold},{currency},{DAYS[day]}")
            levels.append(f"{level_head}{mrr},{currency},{DAYS[day]},{DAYS[day + 365]}")
            last, day = day, day + 10 + int(random() * (step - 10))
            deal, rise = _LATER[int(random() * 6)]
        ends = random()
        if ends < _FELL and last + 10 < TODAY:
            left = 0 if ends < _CANCELLED else mrr * 7 // 10
            levels.append(f"{level_head}{left},{currency},{DAYS[last + 10 + int(random() * (TODAY - last - 10))]},")

    def _write_agreements(self, partner: GeneratedPartner, client_id: str, start: int) -> None:
        """One with the partner, open or ended; some clients have another with the partner of the next number."""
        for partner_id, since in self._managing(partner, start):
            self._agreements += 1
            ends = DAYS[since + 365 + int(self._random.random() * 700)] if self._random.random() < _ENDED else ""
            agreement = f"A{self._agreements:07d},{partner_id},{client_id},{DAYS[since]},{ends}"
            self._files.rows["agreements"].append(agreement)

    def _managing(self, partner: GeneratedPartner, start: int) -> Iterator[tuple[str, int]]:
        yield partner.partner_id, start
        if self._random.random() < _SHARED and partner.number > 1:
            yield f"P{partner.number - 1:05d}", max(start, 520)

    def _write_usage(self, client_id: str, start: int) -> None:
        month, tools = DAYS[start][:7], 2 + int(self._random.random() * 6)
        rows = self._files.rows["usage"]
        rows.append(f"{client_id},{month},{tools}")
        later = DAYS[start + int(self._random.random() * (TODAY - start))][:7]
        if later != month:
            rows.append(f"{client_id},{later},{max(1, tools + self._random.choice((-1, 1)))}")
