"""The install base: the clients whose MRR a month's retention is about, line by line (how-tiers-work#retention).

Chosen, where the program doesn't say:

- A month's install base is the clients that contribute credit and have MRR on its first day.
- Both ends of a month are valued by the program's table of its first day, so that a new table is no downgrade. A line
  with an amount in a currency without a table on either day is excluded from the month.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from tiercore.facts.entries import SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, Rules
from tiercore.rating.lines import HeldLevel, LineKey, held_levels


class Stay(NamedTuple):
    """The days on which a client contributes credit: from `starts_on` until the day before `lapses_on` (None: open)."""

    client_id: str
    starts_on: date
    lapses_on: date | None


class LineMonth(NamedTuple):
    """A product line of the base over a month: its MRR on the month's first day and on the next month's, None for none.

    `product_line` is the hub by its latest name, `account` "" where none is named; `edition` the one at the month's
    start, or of a new line the one at its end; None where none is named.

    `per_100_usd` are the amounts, in minor units, that stand for US$100 in the two currencies by the month's table.
    """

    month: int
    client_id: str
    product_line: str
    account: str
    edition: str | None
    before: Money | None
    after: Money | None
    per_100_usd: tuple[int, int]


class ClientMonth(NamedTuple):
    """A client in the base of a month: its lines, and the currencies without a table in which others are left out."""

    month: int
    lines: Sequence[LineMonth]
    no_table: Sequence[str]


class PaidLine:
    """What a product line pays from each month's first day on, from its levels' days and MRR, ascending by day."""

    def __init__(self, paid: Sequence[tuple[date, Money | None]]) -> None:
        self.last = paid[-1][0]
        last = {first_month_from(day): mrr for day, mrr in paid}
        self.months = list(last.items())

    def paying(self, month: int) -> Money | None:
        """What the line pays on the month's first day, None for nothing."""
        index = bisect_right(self.months, month, key=lambda each: each[0])
        return self.months[index - 1][1] if index else None


class Line(PaidLine):
    """What a product line pays over time."""

    def __init__(self, levels: Iterable[HeldLevel]) -> None:
        ordered = sorted(levels, key=lambda level: level.effective_on)
        self.days = [level.effective_on for level in ordered]
        self._paying = [level if level.mrr.minor else None for level in ordered]
        super().__init__([(level.effective_on, level.mrr if level.mrr.minor else None) for level in ordered])

    def on(self, day: date) -> HeldLevel | None:
        """The level of the day, None where the line pays nothing or isn't there yet."""
        index = bisect_right(self.days, day)
        return self._paying[index - 1] if index else None


Lines = Mapping[str, Mapping[LineKey, Line]]
PaidLines = Mapping[str, Mapping[LineKey, PaidLine]]


def month_of(day: date) -> int:
    """The number of the day's month, counted from January of year 0."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of the month with that number."""
    return date(month // 12, month % 12 + 1, 1)


def lines_of(levels: Iterable[SubscriptionLevel], program: Program) -> Lines:
    """Each client's product lines, by the program's catalogue: editions and former names are one line."""
    found: dict[str, dict[LineKey, list[HeldLevel]]] = defaultdict(lambda: defaultdict(list))
    for level in held_levels(levels, program.catalogue):
        found[level.client_id][LineKey(level.product_line, level.account or "")].append(level)
    return {client: {key: Line(line) for key, line in lines.items()} for client, lines in found.items()}


def months_in_base(stays: Iterable[Stay], last: int) -> dict[str, set[int]]:
    """The months up to `last` on whose first day each client contributes credit."""
    found: dict[str, set[int]] = defaultdict(set)
    for client_id, starts_on, lapses_on in stays:
        until = first_month_from(lapses_on) if lapses_on else last + 1
        found[client_id].update(range(first_month_from(starts_on), min(until, last + 1)))
    return found


@lru_cache(maxsize=50_000)
def first_month_from(day: date) -> int:
    """The first month that begins on the day or later."""
    return month_of(day) + (day.day > 1)


def client_months(
    base: Mapping[str, Iterable[int]], lines: Lines, program: Program, within: range
) -> Iterator[ClientMonth]:
    """Each client in each of its months `within` a range, if it has MRR then or a line that can't be valued."""
    days = {month: (first_day(month), first_day(month + 1)) for month in within}
    rules = {month: program.on(start) for month, (start, _) in days.items()}
    for client_id, months in base.items():
        for month in months:
            if month in days:
                found = _client_month(month, client_id, lines[client_id], days[month], rules[month])
                if found.lines or found.no_table:
                    yield found


def _client_month(
    month: int, client_id: str, lines: Mapping[LineKey, Line], days: tuple[date, date], rules: Rules
) -> ClientMonth:
    found, no_table = list[LineMonth](), list[str]()
    for key, line in lines.items():
        first, last = line.on(days[0]), line.on(days[1])
        if paid := first or last:
            before, after = (each.mrr if each else None for each in (first, last))
            tables = [_per_100_usd(each, rules) for each in (before, after)]
            missing = [each for each in tables if isinstance(each, str)]
            no_table += missing
            if not missing:
                found.append(
                    LineMonth(month, client_id, *key, paid.edition, before, after, (int(tables[0]), int(tables[1])))
                )
    return ClientMonth(month, found if any(each.before for each in found) else (), no_table)


def _per_100_usd(mrr: Money | None, rules: Rules) -> int | str:
    """What stands for US$100 in the amount's currency; 1 where there is no amount, the currency where no table."""
    if mrr is None:
        return 1
    table = rules.per_100_usd(mrr.currency)
    return mrr.currency if isinstance(table, Unknown) else table.minor
