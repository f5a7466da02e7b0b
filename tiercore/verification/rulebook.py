"""The program's dated numbers by ordinals, and what a client's lines held (how-tiers-work#product-lines)."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from itertools import groupby
from typing import NamedTuple

from tiercore.program import ProductLine, Program
from tiercore.verification.entries import Level

LineKey = tuple[str, str]  # the hub by its latest name, and the account


class Held(NamedTuple):
    """What a line pays from `day` on, and its edition."""

    day: int
    minor: int
    currency: str
    edition: str | None


class Rulebook:
    """The program by ordinals: `on(day)` are a day's rules, `changes` the days on which a rule of rating changes."""

    def __init__(self, program: Program) -> None:
        self.line_of = program.catalogue.line_of
        self.changes = [day.toordinal() for day in program.rating_changes]
        self.on = cache(lambda day: program.on(date.fromordinal(day)))

    def is_deal_based(self, country: str, days: Iterable[int]) -> bool:
        """Whether deal-based credit applies to a client on one of the days (how-tiers-work#deal-based)."""
        return any(self.on(day).deal_based_in(country) for day in days)

    def table(self, currency: str, day: int) -> int | None:
        """The minor units that stand for US$100 on the day, None where no table says so."""
        amount = self.on(day).amounts_per_100_usd.get(currency)
        return amount.minor if amount else None

    def held(self, levels: Iterable[Level]) -> Mapping[LineKey, list[Held]]:
        """What each line and account of one client paid, ascending by day."""
        lines: dict[LineKey, list[Level]] = defaultdict(list)
        for level in levels:
            lines[self.line_of(level.product_line).hub, level.account].append(level)
        return {key: list(self._one_line(line)) for key, line in lines.items()}

    def _one_line(self, levels: list[Level]) -> Iterator[Held]:
        current: ProductLine | None = None
        edition: str | None = None
        paid_as: set[tuple[str, str | None]] = set()
        levels.sort(key=lambda each: (each.day, each.product_line))
        for day, same_day in groupby(levels, key=lambda each: each.day):
            named = [(self.line_of(each.product_line), each) for each in same_day]
            paying = [(line.rank, each.minor, each.product_line, line, each) for line, each in named if each.minor]
            if paying:
                *_, current, level = max(paying, key=lambda each: each[:3])
                edition = current.edition or edition
                paid_as |= {(line.name, line.edition) for *_, line, _ in paying}
                yield Held(day, level.minor, level.currency, edition)
                continue
            ending = [(line, level) for line, level in named if current is None or _ends(line, current, paid_as)]
            for line, level in ending[:1]:
                yield Held(day, 0, level.currency, line.edition or edition)
                current = edition = None


def _ends(zero: ProductLine, current: ProductLine, paid_as: set[tuple[str, str | None]]) -> bool:
    """Whether a zero ends what is held: it has the same name, or one that never paid and names no other edition."""
    name, held = (zero.name, zero.edition), (current.name, current.edition)
    return name == held or (name not in paid_as and (None in (zero.edition, held[1]) or zero.edition == held[1]))


@cache
def months_later(day: int, months: int) -> int:
    """The same day so many calendar months later, clipped to the month's end (how-tiers-work#expiry)."""
    start = date.fromordinal(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])).toordinal()


def nearest(amount: int, divisor: int) -> int:
    """The whole number nearest to a quotient, of two equally near ones the even one (how-tiers-work#rounding)."""
    above, rest = divmod(2 * amount + divisor, 2 * divisor)
    return above - above % 2 if rest == 0 else above
