"""The lines of a chart, their marks, and the figures and names beside them."""

import math
from dataclasses import dataclass

from bot.charts.axes import INK, KEY, LABELS, labelled
from bot.charts.canvas import Pen, Point
from bot.charts.scale import Frame, figure, is_figure, spread
from handlers.views.parts.chart import Chart, Series

# Okabe and Ito's colours, told apart by all kinds of eyes; the second of each pair is dark enough to read.
_COLOURS = (
    ("#0072b2", "#005a8c"),
    ("#d55e00", "#a84a00"),
    ("#009e73", "#00694d"),
    ("#cc79a7", "#94406f"),
    ("#e69f00", "#8a5f00"),
    ("#56b4e9", "#1f6f9c"),
)
_SHAPES = ("o", "s", "^", "D", "v", "P", "X", "p", "*", "h", "<", ">")
_LIMIT = "#3f3e42"
_DASHES, _LIMIT_DASHES = (2.2, 1.6), (7.0, 4.0)
_LABEL_GAP, _FIGURE_GAP, _ASIDE = 33.0, 24.0, 23.0
_FIGURES, _MOST_FIGURES = 20.0, 5


@dataclass(frozen=True, slots=True)
class Look:
    """How one series is told from the others."""

    line: str
    text: str
    shape: str


def draw_lines(chart: Chart, room: Frame, pen: Pen) -> None:
    """Limits first, then the other series, then all that is written beside them."""
    looks = _looks(chart)
    for series in chart.series:
        if series.threshold:
            points = _points(series, room)
            ends = [(room.left - 26, points[0][1]), *points, (room.right + 16, points[-1][1])]
            pen.line(ends, _LIMIT, 2, _LIMIT_DASHES)
    for series, look in zip(chart.series, looks, strict=True):
        if not series.threshold:
            _draw_series(_points(series, room), chart.projected_from, look, pen)
    _today(chart, room, looks, pen)
    _ends(chart, room, looks, pen)


def _looks(chart: Chart) -> list[Look]:
    """Colour and shape by a series' place among those that are no limits."""
    looks, at = [], 0
    for series in chart.series:
        if series.threshold:
            looks.append(Look(_LIMIT, INK, ""))
        else:
            looks.append(Look(*_COLOURS[at % len(_COLOURS)], _SHAPES[at % len(_SHAPES)]))
            at += 1
    return looks


def _points(series: Series, room: Frame) -> list[Point]:
    """Where the values stand; what can't be drawn is a gap."""
    heights = (room.y(value) if is_figure(value) else math.nan for value in series.values)
    return [(room.x(index), height) for index, height in enumerate(heights)]


def _draw_series(points: list[Point], projected_from: int, look: Look, pen: Pen) -> None:
    known, planned_digests = points[:projected_from], points[projected_from:]
    lighter = _mixed(look.line, 0.45)
    if planned_digests:
        pen.line([*known[-1:], *planned_digests], lighter, 4, _DASHES)
        pen.marks(planned_digests, look.shape, 11, lighter, "white")
    if known:
        pen.line(known, look.line, 4.5)
        pen.marks(known, look.shape, 12, look.line, look.line)


def _mixed(colour: str, white: float) -> str:
    """The colour with some white in it."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * white):02x}" for part in parts)


def _today(chart: Chart, room: Frame, looks: list[Look], pen: Pen) -> None:
    """The last known values beside their marks, where they are not the last ones anyway and few enough to be read."""
    today = chart.projected_from - 1
    if not 0 <= today < len(chart.categories) - 1:
        return
    lines = zip(chart.series, looks, strict=True)
    values = [(each.values[today], look) for each, look in lines if not each.threshold]
    shown = sorted(((room.y(value), value, look) for value, look in values if is_figure(value)), key=lambda it: it[0])
    if len(shown) > _MOST_FIGURES:
        return
    wanted = _clear_of_lines([height for height, _, _ in shown])
    heights = spread(wanted, _FIGURE_GAP, room.bottom + 14, room.top + 20)
    for (_, value, look), height in zip(shown, heights, strict=True):
        _boxed((room.x(today), height), figure(value), look.text, pen)


def _clear_of_lines(heights: list[float]) -> list[float]:
    """Above each mark if there is room below the next one, else below it; heights from the lowest up."""
    above = [*heights, math.inf][1:]
    return [
        height + (_ASIDE if over - height > 2 * _ASIDE else -_ASIDE)
        for height, over in zip(heights, above, strict=True)
    ]


def _boxed(at: Point, said: str, colour: str, pen: Pen) -> None:
    half = pen.width_of(said, _FIGURES, bold=True) / 2
    pen.area(at[0] - half - 3, at[1] - 11, at[0] + half + 3, at[1] + 11, "white", solid=0.8)
    pen.words(at, said, _FIGURES, colour, bold=True, across="center")


def _ends(chart: Chart, room: Frame, looks: list[Look], pen: Pen) -> None:
    """Each line's last value and name at its end, apart from each other, with a thread to the line where needed."""
    last = [each.values[-1] for each in chart.series]
    ends = [room.y(each) if is_figure(each) else room.bottom for each in last]
    gap = min(_LABEL_GAP, (room.top - room.bottom + 12) / max(1, len(ends)))
    heights = spread(ends, gap, room.bottom - 4, room.top + 8)
    start = room.right + 28
    for series, look, end, height in zip(chart.series, looks, ends, heights, strict=True):
        if abs(height - end) > 5:
            pen.line([(room.right + 9, end), (start - 4, height)], _mixed(look.line, 0.4), 1.5)
        _key((start + 6, height), look, pen)
        label = labelled(series, pen)
        pen.words((start + KEY, height), label.figure, LABELS, look.text, bold=True)
        pen.words((start + KEY + label.across, height), label.name, LABELS, look.text)


def _key(at: Point, look: Look, pen: Pen) -> None:
    """The mark by which a line is known, or a piece of a limit's line."""
    if look.shape:
        pen.marks([at], look.shape, 10, look.line, look.line)
    else:
        pen.line([(at[0] - 8, at[1]), (at[0] + 8, at[1])], look.line, 2, (3.0, 2.0))
