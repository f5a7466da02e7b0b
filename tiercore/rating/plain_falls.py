"""What decreases of a plain line take from its sales, straight from rows to rows (architecture#rebuilds)."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tiercore.facts.points import MICRO, divide_half_even
from tiercore.rating.credits import US_100_IN_CENTS, Cause
from tiercore.rating.lots import consume
from tiercore.rating.plain_rules import PlainRules

Row = tuple[Any, ...]
_CANCELLED, _FELL = Cause.CANCELLATION.value, Cause.DOWNGRADE.value


class Fall(NamedTuple):
    """A decrease of a line's MRR on a day (an ordinal), in minor units."""

    day: int
    minor: int
    cause: str


class Lot:
    """A sale while it counts: the row of all of it, what is `left`, and the cuts as (day, cause, what they left)."""

    __slots__ = ("cuts", "expires_on", "left", "per_100_usd", "row", "starts_on")

    def __init__(self, row: Row, per_100_usd: int) -> None:
        self.row, self.per_100_usd = row, per_100_usd
        self.left, self.starts_on, self.expires_on = row[6], row[10], row[11]
        self.cuts: list[tuple[int, str, int]] = []


def falls_of(levels: Sequence[Row], rules: PlainRules) -> list[Fall]:
    """Each level that is lower than the one before; `levels` ascending by day, in one currency."""
    found, before = list[Fall](), 0
    for row in levels:
        minor = row[2]
        if minor < before:
            found.append(Fall(rules.days[row[4]][0], before - minor, _FELL if minor else _CANCELLED))
        before = minor
    return found


def cut_rows(lots: Sequence[Lot], falls: Sequence[Fall], rules: PlainRules) -> list[Row]:
    """The rows of the lots after the falls, ascending by day as the lots are."""
    consume(lots, falls, lambda day: rules.consumes_newest[rules.number(day)])
    return [row for lot in lots for row in (_parts(lot) if lot.cuts else (lot.row,))]


def _parts(lot: Lot) -> Iterator[Row]:
    """The lot as rows: one for each decrease that took a part of it, and one for what is left until it expires."""
    before = lot.row[6]
    for day, cause, after in lot.cuts:
        yield _part(lot, before, after, day, cause)
        before = after
    if before:
        yield _part(lot, before, 0, lot.expires_on, lot.row[13])


def _part(lot: Lot, before: int, after: int, lapses_on: int, cause: str) -> Row:
    row, per = lot.row, lot.per_100_usd
    rate = row[8] * MICRO
    points = divide_half_even(before * rate, per) - divide_half_even(after * rate, per)
    cents = divide_half_even(before * US_100_IN_CENTS, per) - divide_half_even(after * US_100_IN_CENTS, per)
    lapsing = points if lapses_on > lot.starts_on else 0
    return (
        *(*row[:4], points, cents, before - after, *row[7:11], lapses_on),
        *(row[12], cause, *row[14:16], lapsing, *row[17:]),
    )
