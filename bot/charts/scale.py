"""Positions in the picture, in pixels from its lower left corner, and the format of figures."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_ROUND_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"))
_EXPONENT_FROM = 1e15
_ABBREVIATED_FROM = 1e6
_MARGIN = 0.05


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot area; values from `low` to `high` fill it from bottom to top."""

    left: float
    bottom: float
    right: float
    top: float
    low: float
    high: float
    columns: int

    def x(self, index: float) -> float:
        """A category's x position; a single one is in the middle."""
        share = index / (self.columns - 1) if self.columns > 1 else 0.5
        return self.left + share * (self.right - self.left)

    def y(self, value: float) -> float:
        """A value's y position."""
        share = value / (self.high - self.low) - self.low / (self.high - self.low)
        return self.bottom + share * (self.top - self.bottom)


def is_figure(value: float) -> bool:
    """Whether it can be drawn: finite, and not so large that sums overflow."""
    return abs(value) < 1e300


def span(values: Iterable[float]) -> tuple[float, float]:
    """The range of the axis: from the lowest to the highest value with a small margin, always including zero."""
    finite = [each for each in values if is_figure(each)]
    low, high = min([0.0, *finite]), max([0.0, *finite])
    if low == high:
        return 0.0, 1.0
    margin = high * _MARGIN - low * _MARGIN
    return low - (margin if low < 0 else 0.0), high + (margin if high > 0 else 0.0)


def ticks(low: float, high: float, about: int = 5, *, whole: bool = False) -> list[float]:
    """Round figures from low to high, including zero if it is in between; of what is counted, `whole` numbers."""
    step = _step(high / about - low / about)
    if whole and not step.is_integer():
        step = 1.0 if step < 1 else 5.0  # in place of 2.5
    return [each * step for each in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _step(rough: float) -> float:
    """The next larger round step."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next((step_size * power for step_size in _ROUND_STEPS if step_size * power >= rough * 0.999), 10 * power)


def shown_columns(count: int, anchor: int, limit: int) -> list[int]:
    """Which categories are labelled if there is room for `limit`: at regular intervals that include `anchor`."""
    every = max(1, math.ceil(count / max(1, limit)))
    return [each for each in range(count) if (each - anchor) % every == 0]


def spread(preferred: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights for labels, at least `gap` apart and between low and high, as close as possible to the preferred ones.

    Of equal heights, the first label gets the highest.
    """
    order = sorted(range(len(preferred)), key=lambda at: (preferred[at], -at))
    heights = [min(max(preferred[at], low), high) for at in order]
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
    if size >= _EXPONENT_FROM or 0 < size < 0.005:
        return f"{value:.1e}"
    if size >= _ABBREVIATED_FROM:
        unit, letter = next(each for each in _UNITS if size >= each[0])
        return _plain(value / unit) + letter
    return _plain(value)


def _plain(value: float) -> str:
    rounded = round(value, 2)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.2f}".rstrip("0")
