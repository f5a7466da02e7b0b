"""What the rating of plain lines needs of the rules, by numbers in place of objects (architecture#rebuilds)."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from typing import Any

from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.program import ProductLine, Program
from tiercore.rating.lots import expires_on

_MOST_LINES = 50_000
Day = tuple[int, int, int]  # its ordinal, the number of its rules, and when a sale of that day expires


class PlainRules:
    """A program's rules, each numbered by its place among the program's changes; `[0]` are those before the first.

    `earning` are the deal types that earn, `follow_origin` whether a sale keeps the rate of its line's origin,
    `consumes_newest` whether a decrease takes from the newest sales first, and `rates` the points per US$100 by whether
    the client is in a growth market and by source. `days` are known by what the driver gives for them, `lines` by text.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.changes = [day.toordinal() for day in program.changes]
        self._rules = [program.on(date.min), *map(program.on, program.changes)]
        self.rating_changes = [day.toordinal() for day in program.rating_changes]
        self.earning = [frozenset(each.value for each in rules.earning) for rules in self._rules]
        self.follow_origin = [rules.rate_follows_origin for rules in self._rules]
        self.consumes_newest = [rules.decrease_consumes == "newest" for rules in self._rules]
        self.rates = [
            [{each.value: rules.rate(each, growth_market=growth) for each in Source} for growth in (False, True)]
            for rules in self._rules
        ]
        self.days = _Days(self)
        self.lines = _Lines(program)
        self._growing: dict[str, Sequence[bool]] = {}
        self._per_100_usd: dict[str, Sequence[int]] = {}
        self._deal_based_from: dict[str, int | None] = {}

    def number(self, ordinal: int) -> int:
        """The number of the rules on a day."""
        return bisect_right(self.changes, ordinal)

    def growing(self, country: str) -> Sequence[bool]:
        """By the rules' numbers, whether the country is a growth market."""
        found = self._growing.get(country)
        if found is None:
            found = self._growing[country] = [rules.is_growth_market(country) for rules in self._rules]
        return found

    def per_100_usd(self, currency: str) -> Sequence[int]:
        """By the rules' numbers, the minor units of the currency that stand for US$100; 0 without a table."""
        found = self._per_100_usd.get(currency)
        if found is None:
            tables = [rules.per_100_usd(currency) for rules in self._rules]
            found = [0 if isinstance(each, Unknown) else each.minor for each in tables]
            self._per_100_usd[currency] = found
        return found

    def deal_based_from(self, country: str) -> int | None:
        """The first day (an ordinal) on which deal-based credit applies to clients of the country, None for never."""
        if country not in self._deal_based_from:
            applies = (at for at, rules in enumerate(self._rules) if rules.deal_based_in(country))
            first = next(applies, None)
            self._deal_based_from[country] = None if first is None else (0, *self.changes)[first]
        return self._deal_based_from[country]


class _Days(dict[Any, Day]):
    """By ISO text or date, as the driver gives it."""

    def __init__(self, rules: PlainRules) -> None:
        self._rules = rules

    def __missing__(self, value: Any) -> Day:
        day = date.fromisoformat(value) if type(value) is str else value
        ordinal, months = day.toordinal(), self._rules.program.on(day).expire_after_months
        self[value] = found = (ordinal, self._rules.number(ordinal), expires_on(day, months).toordinal())
        return found


class _Lines(dict[str, ProductLine]):
    """Product lines by the text that names them."""

    def __init__(self, program: Program) -> None:
        self._catalogue = program.catalogue

    def __missing__(self, text: str) -> ProductLine:
        found = self._catalogue.line_of(text)
        if len(self) < _MOST_LINES:
            self[text] = found
        return found
