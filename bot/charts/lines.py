"""The lines of a chart, their markers, and the figures and names next to them."""

import math
from dataclasses import dataclass

from bot.charts.axes import INK, KEY_WIDTH, LABEL_SIZE, label_of
from bot.charts.canvas import Pen, Point
from bot.charts.scale import Frame, figure, is_figure, spread
from handlers.views.parts.chart import Chart, Series

# A chart's colours by the position of the series, as Slack assigns its own: sold, managed, combined, threshold, and
# what open deals would add. No red and no green, which stand for states; each has a contrast of 4 to 1 in both themes.
COLOURS = ("#1e80d1", "#9b65cc", "#c75f0a", "#7a7e84", "#118a99", "#d1479e", "#997911", "#6b7cac")
_SHAPES = ("o", "s", "^", "D", "v", "P", "X", "p", "*", "h", "<", ">")
_DASHES, _LIMIT_DASHES, _PIPELINE_DASHES = (2.2, 1.6), (7.0, 4.0), (4.0, 3.0)
_LABEL_GAP, _FIGURE_GAP, _FIGURE_OFFSET = 33.0, 24.0, 23.0
_FIGURE_SIZE, _MAX_FIGURES = 20.0, 5


@dataclass(frozen=True, slots=True)
class Style:
    """How a series is distinguished from the others."""

    colour: str
    shape: str


def draw_lines(chart: Chart, plot: Frame, pen: Pen) -> None:
    """Draw the thresholds, then the other series, then the figures and labels."""
    styles = _styles(chart)
    for series in chart.series:
        if series.threshold:
            points = _points(series, plot)
            ends = [(plot.left - 26, points[0][1]), *points, (plot.right + 16, points[-1][1])]
            pen.line(ends, INK, 2, _LIMIT_DASHES)
    for series, style in zip(chart.series, styles, strict=True):
        if not series.threshold:
            points = _points(series, plot)
            if series.pipeline:
                _draw_pipeline(points[max(0, chart.projected_from - 1) :], style, pen)
            else:
                _draw_series(points, chart.projected_from, style, pen)
    _draw_current_values(chart, plot, styles, pen)
    _draw_labels(chart, plot, styles, pen)


def _styles(chart: Chart) -> list[Style]:
    """A style per series: the same for all thresholds, for each other one the colour and shape of its position."""
    return [
        Style(INK, "") if each.threshold else Style(COLOURS[at % len(COLOURS)], _SHAPES[at % len(_SHAPES)])
        for at, each in enumerate(chart.series)
    ]


def _points(series: Series, plot: Frame) -> list[Point]:
    """The points of the values; those that can't be drawn are gaps."""
    heights = (plot.y(value) if is_figure(value) else math.nan for value in series.values)
    return [(plot.x(index), height) for index, height in enumerate(heights)]


def _draw_series(points: list[Point], projected_from: int, style: Style, pen: Pen) -> None:
    known, projected = points[:projected_from], points[projected_from:]
    if projected:
        pen.line([*known[-1:], *projected], style.colour, 3, _DASHES)
        pen.marks(projected, style.shape, 10, style.colour, hollow=True)
    if known:
        pen.line(known, style.colour, 4.5)
        pen.marks(known, style.shape, 12, style.colour)


def _draw_pipeline(points: list[Point], style: Style, pen: Pen) -> None:
    """What open deals would add: dashes from the last known value on."""
    pen.line(points, style.colour, 2.5, _PIPELINE_DASHES)
    pen.marks(points[1:], style.shape, 9, style.colour, hollow=True)


def _draw_current_values(chart: Chart, plot: Frame, styles: list[Style], pen: Pen) -> None:
    """Draw the last known values next to their markers, unless they are the last values anyway, or too many to read."""
    today = chart.projected_from - 1
    if not 0 <= today < len(chart.categories) - 1:
        return
    lines = zip(chart.series, styles, strict=True)
    values = [(each.values[today], style) for each, style in lines if not (each.threshold or each.pipeline)]
    shown = sorted(((plot.y(value), value, style) for value, style in values if is_figure(value)), key=lambda it: it[0])
    if len(shown) > _MAX_FIGURES:
        return
    preferred = _beside_markers([height for height, _, _ in shown])
    heights = spread(preferred, _FIGURE_GAP, plot.bottom + 14, plot.top + 20)
    for (_, value, style), height in zip(shown, heights, strict=True):
        at = (plot.x(today), height)
        pen.text_at(at, figure(value), _FIGURE_SIZE, style.colour, bold=True, align="center")


def _beside_markers(heights: list[float]) -> list[float]:
    """Heights for figures: above each marker if there is room below the next one, else below it; in ascending order."""
    above = [*heights, math.inf][1:]
    return [
        height + (_FIGURE_OFFSET if over - height > 2 * _FIGURE_OFFSET else -_FIGURE_OFFSET)
        for height, over in zip(heights, above, strict=True)
    ]


def _draw_labels(chart: Chart, plot: Frame, styles: list[Style], pen: Pen) -> None:
    """Draw each line's last value and name at its end, spread apart, with a connecting line where they had to move."""
    last = [each.values[-1] for each in chart.series]
    ends = [plot.y(each) if is_figure(each) else plot.bottom for each in last]
    gap = min(_LABEL_GAP, (plot.top - plot.bottom + 12) / max(1, len(ends)))
    heights = spread(ends, gap, plot.bottom - 4, plot.top + 8)
    start = plot.right + 28
    for series, style, end, height in zip(chart.series, styles, ends, heights, strict=True):
        if abs(height - end) > 5:
            pen.line([(plot.right + 9, end), (start - 4, height)], style.colour, 1.5, opacity=0.6)
        _draw_key((start + 6, height), style, pen)
        label = label_of(series, pen)
        pen.text_at((start + KEY_WIDTH, height), label.figure, LABEL_SIZE, style.colour, bold=True)
        pen.text_at((start + KEY_WIDTH + label.offset, height), label.name, LABEL_SIZE, style.colour)


def _draw_key(point: Point, style: Style, pen: Pen) -> None:
    """Draw a line's marker, or for a threshold a piece of its line."""
    if style.shape:
        pen.marks([point], style.shape, 10, style.colour)
    else:
        pen.line([(point[0] - 8, point[1]), (point[0] + 8, point[1])], style.colour, 2, (3.0, 2.0))
