"""Entries of one client that contradict each other, with their figures (data#contradictions). They change no figure."""

from dataclasses import dataclass
from datetime import date

from tiercore.facts.entries import Agreement, Sale
from tiercore.facts.money import Money
from tiercore.rating.lines import LineKey


@dataclass(frozen=True, slots=True)
class Oversold:
    """On `day`, the last such one, the `sales` of a line still count for more MRR than the line pays.

    `at_most` is how many of their micropoints the MRR paid can stand behind; both None if a sale couldn't be rated.
    """

    line: LineKey
    sales: tuple[Sale, ...]
    day: date
    sold: Money
    pays: Money
    points: int | None
    at_most: int | None


@dataclass(frozen=True, slots=True)
class SoldAfterEnd:
    """A sale of a line that pays nothing from `since` on, by its levels; `points` in micropoints, None if not rated."""

    line: LineKey
    sale: Sale
    since: date
    points: int | None


@dataclass(frozen=True, slots=True)
class SoldBeforeZero:
    """A sale of a line whose first level on file, from `since` on, is 0: what the line paid after the sale is unknown.

    `points` in micropoints, None if not rated.
    """

    line: LineKey
    sale: Sale
    since: date
    points: int | None


@dataclass(frozen=True, slots=True)
class Multiple:
    """A sale that is `times` the MRR of its line, or of the rise of its line (`is_rise`).

    `of_sale` turns it round: the line's MRR or rise is `times` the sale.
    """

    line: LineKey
    sale: Sale
    times: int
    mrr: Money
    since: date
    is_rise: bool
    of_sale: bool = False


@dataclass(frozen=True, slots=True)
class StatesDifference:
    """An upsell under deal-based credit that states by how much its line rises to what it `pays` from `since` on."""

    line: LineKey
    sale: Sale
    pays: Money
    since: date


@dataclass(frozen=True, slots=True)
class SameDeal:
    """Sales of one partner and line with the same deal type and amount within days of each other, under several ids.

    `if_one` are the micropoints if they are one deal, `points` if each is its own; None if they couldn't be rated.
    """

    line: LineKey
    sales: tuple[Sale, ...]
    points: int | None
    if_one: int | None


@dataclass(frozen=True, slots=True)
class OtherCurrency:
    """A sale in another currency than its line pays from `since` on, or than `other_sale` of the line was sold for.

    Against a level, the sale's expiry is unknown while it counts.
    """

    line: LineKey
    sale: Sale
    other: Money
    since: date
    other_sale: Sale | None = None


@dataclass(frozen=True, slots=True)
class NothingManaged:
    """An agreement of a client without any subscription level: it earns nothing."""

    agreement: Agreement


OfALine = Oversold | SoldAfterEnd | SoldBeforeZero | Multiple | StatesDifference | SameDeal | OtherCurrency
Contradiction = OfALine | NothingManaged
