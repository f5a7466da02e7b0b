"""Everything of a chart but its lines: title, figures at the side, categories below, the ground of the projection."""

from dataclasses import dataclass

from bot.charts.canvas import Pen
from bot.charts.scale import Frame, figure, shown_columns, span, ticks
from handlers.views.parts.chart import Chart, Series

INK, SOFT, RULE, SHADE = "#1d1c1d", "#5c5b5e", "#e4e3e6", "#f1f0f6"
EDGE = 28.0
FIGURES, LABELS, CATEGORIES, TITLE = 20.0, 22.0, 20.0, 30.0
KEY = 22.0  # the room that the mark before a label takes
_HEAD, _FOOT = 116.0, 62.0
_BEFORE, _AFTER = 26.0, 16.0
_WIDEST_LABEL = 330.0
_WIDEST_CATEGORY = 150.0
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Label:
    """What stands at the right end of a line after its mark: its last value, `across` pixels further on its name."""

    figure: str
    name: str
    across: float
    width: float


def labelled(series: Series, pen: Pen) -> Label:
    """The label of a series, its name clipped to the room there is."""
    said = figure(series.values[-1])
    across = pen.width_of(said, LABELS, bold=True) + 9
    name = clipped(series.name, _WIDEST_LABEL - KEY - across, LABELS, pen)
    return Label(said, name, across, KEY + across + pen.width_of(name, LABELS))


def clipped(said: str, room: float, size: float, pen: Pen, *, bold: bool = False) -> str:
    """The words, or their beginning and an ellipsis, within so many pixels."""
    line = " ".join(said[:_LONGEST].split())
    if len(line) * size <= room or (len(said) <= _LONGEST and pen.width_of(line, size, bold=bold) <= room):
        return line
    while line and pen.width_of(f"{line}…", size, bold=bold) > room:
        line = line[:-1].rstrip()
    return f"{line}…"


def frame(chart: Chart, pen: Pen) -> tuple[Frame, list[float]]:
    """The room for the lines between the figures at the left and the labels at the right; and those figures."""
    low, high = span(value for series in chart.series for value in series.values)
    marks = ticks(low, high)
    figures = max(pen.width_of(figure(each), FIGURES) for each in marks)
    beside = max((labelled(each, pen).width for each in chart.series if each.values), default=0.0)
    left = EDGE + figures + 12 + _BEFORE
    right = pen.width - EDGE - beside - 12 - _AFTER
    top = pen.height - _HEAD
    return Frame(left, _FOOT, right, top, low, high, len(chart.categories)), marks


def draw_paper(chart: Chart, room: Frame, marks: list[float], pen: Pen) -> None:
    """Everything that lies under the lines."""
    _projection(chart, room, pen)
    left, right = room.left - _BEFORE, room.right + _AFTER
    for value in marks:
        height = room.y(value)
        pen.line([(left, height), (right, height)], "#a9a8ad" if value == 0 else RULE, 2 if value == 0 else 1.5)
        pen.words((left - 12, height), figure(value), FIGURES, SOFT, across="right")
    title = clipped(chart.title, pen.width - 2 * EDGE, TITLE, pen, bold=True)
    pen.words((EDGE, pen.height - 42), title, TITLE, INK, bold=True)
    pen.words((EDGE, pen.height - 80), clipped(chart.y_label, 400, FIGURES, pen), FIGURES, SOFT)
    _categories(chart, room, pen)
    if not (chart.categories and chart.series):
        pen.words(((left + right) / 2, room.y(room.high / 2)), "No data yet", LABELS, SOFT, across="center")


def _projection(chart: Chart, room: Frame, pen: Pen) -> None:
    """The ground of what is not yet known, from the last known category on."""
    if not 0 <= chart.projected_from < len(chart.categories):
        return
    known = chart.projected_from - 1
    start = room.x(known) if known >= 0 else room.left - _BEFORE
    pen.area(start, room.bottom, room.right + _AFTER, room.top + 34, SHADE)
    pen.words((room.right + _AFTER - 12, room.top + 17), "projected", FIGURES, SOFT, across="right")


def _categories(chart: Chart, room: Frame, pen: Pen) -> None:
    names = [clipped(each, _WIDEST_CATEGORY, CATEGORIES, pen) for each in chart.categories]
    if not names:
        return
    widest = pen.width_of(max(names, key=len), CATEGORIES)
    most = int((room.right - room.left) / (widest + 22)) + 1
    today = min(max(chart.projected_from, 1), len(names)) - 1
    for index in shown_columns(len(names), today, most):
        now = index == today and 0 < chart.projected_from < len(names)
        pen.line([(room.x(index), room.bottom), (room.x(index), room.bottom - 7)], "#a9a8ad", 1.5)
        pen.words(
            (room.x(index), room.bottom - 26), names[index], CATEGORIES, INK if now else SOFT, bold=now, across="center"
        )
