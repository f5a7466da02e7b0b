"""Where things stand in the picture, in pixels from its lower left corner, and how figures are written."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"))
_LARGEST = 1e15
_WRITTEN_OUT = 1e6
_AIR = 0.05


@dataclass(frozen=True, slots=True)
class Frame:
    """The room that the lines have; values from `low` to `high` fill it from bottom to top."""

    left: float
    bottom: float
    right: float
    top: float
    low: float
    high: float
    columns: int

    def x(self, index: float) -> float:
        """A category's place; one by itself stands in the middle."""
        share = index / (self.columns - 1) if self.columns > 1 else 0.5
        return self.left + share * (self.right - self.left)

    def y(self, value: float) -> float:
        """A value's height."""
        share = value / (self.high - self.low) - self.low / (self.high - self.low)
        return self.bottom + share * (self.top - self.bottom)


def is_figure(value: float) -> bool:
    """Whether it can be drawn: not infinite, not "not a number", and not so large that sums with it overflow."""
    return abs(value) < 1e300


def span(values: Iterable[float]) -> tuple[float, float]:
    """From the lowest to the highest value with a little air, zero always among them."""
    finite = [each for each in values if is_figure(each)]
    low, high = min([0.0, *finite]), max([0.0, *finite])
    if low == high:
        return 0.0, 1.0
    air = high * _AIR - low * _AIR
    return low - (air if low < 0 else 0.0), high + (air if high > 0 else 0.0)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round figures from low to high, zero among them where it lies between."""
    step = _step(high / about - low / about)
    return [each * step for each in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _step(rough: float) -> float:
    """The round figure next above."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next((nice * power for nice in _NICE if nice * power >= rough * 0.999), 10 * power)


def shown_columns(count: int, anchor: int, most: int) -> list[int]:
    """Which categories are named when there is room for `most`: every so many, `anchor` among them."""
    every = max(1, math.ceil(count / max(1, most)))
    return [each for each in range(count) if (each - anchor) % every == 0]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights for labels at least `gap` apart and within low to high, as near as can be to where they are wanted.

    Of equals the first stands highest.
    """
    order = sorted(range(len(wanted)), key=lambda at: (wanted[at], -at))
    heights = [min(max(wanted[at], low), high) for at in order]
    for at, (below, above) in enumerate(pairwise(range(len(order)))):
        heights[at + 1] = max(heights[above], heights[below] + gap)
    ceiling = high
    for at in reversed(range(len(heights))):
        heights[at] = min(heights[at], ceiling)
        ceiling = heights[at] - gap
    return [height for _, height in sorted(zip(order, heights, strict=True))]


def figure(value: float) -> str:
    """ "1,234", "0.5", "1.2M"; powers of ten beyond that."""
    size = abs(value)
    if not is_figure(value):
        return "–"
    if size >= _LARGEST or 0 < size < 0.005:
        return f"{value:.1e}"
    if size >= _WRITTEN_OUT:
        unit, letter = next(each for each in _UNITS if size >= each[0])
        return _plain(value / unit) + letter
    return _plain(value)


def _plain(value: float) -> str:
    rounded = round(value, 2)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.2f}".rstrip("0")
