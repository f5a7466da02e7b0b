"""Everything in a chart except its lines: title, axis, categories, and the background of the projection."""

from dataclasses import dataclass

from bot.charts.canvas import Pen
from bot.charts.scale import Frame, figure, shown_columns, span, ticks
from handlers.views.parts.chart import Chart, Series

# Between light and dark: on white and on Slack's dark grey alike, text has a contrast of 4 to 1.
INK = GREY = RULE = SHADE = "#7c7d80"
_RULE_OPACITY, _ZERO_OPACITY, _SHADE_OPACITY = 0.25, 0.7, 0.13
MARGIN = 28.0
FIGURE_SIZE, LABEL_SIZE, CATEGORY_SIZE, TITLE_SIZE = 20.0, 22.0, 20.0, 30.0
KEY_WIDTH = 22.0  # width of the marker before a label
_TOP_MARGIN, _BOTTOM_MARGIN = 116.0, 62.0
_PLOT_PADDING_LEFT, _PLOT_PADDING_RIGHT = 26.0, 16.0
_MAX_LABEL_WIDTH = 330.0
_MAX_CATEGORY_WIDTH = 150.0
_MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Label:
    """The label at the right end of a line, after its marker: the last value and, `offset` pixels to the right, the
    name.
    """

    figure: str
    name: str
    offset: float
    width: float


def label_of(series: Series, pen: Pen) -> Label:
    """The label of a series, with its name clipped to the available width."""
    value = figure(series.values[-1])
    offset = pen.width_of(value, LABEL_SIZE, bold=True) + 9
    name = clipped(series.name, _MAX_LABEL_WIDTH - KEY_WIDTH - offset, LABEL_SIZE, pen)
    return Label(value, name, offset, KEY_WIDTH + offset + pen.width_of(name, LABEL_SIZE))


def clipped(text: str, width: float, size: float, pen: Pen, *, bold: bool = False) -> str:
    """The text, or its beginning and an ellipsis, within so many pixels."""
    line = " ".join(text[:_MAX_CHARACTERS].split())
    if len(line) * size <= width or (len(text) <= _MAX_CHARACTERS and pen.width_of(line, size, bold=bold) <= width):
        return line
    while line and pen.width_of(f"{line}…", size, bold=bold) > width:
        line = line[:-1].rstrip()
    return f"{line}…"


def frame(chart: Chart, pen: Pen) -> tuple[Frame, list[float]]:
    """The plot area, between the axis figures on the left and the labels on the right, and the values of the axis."""
    low, high = span(value for series in chart.series for value in series.values)
    ticks_at = ticks(low, high, whole=chart.kind == "bar")
    figures = max(pen.width_of(figure(each), FIGURE_SIZE) for each in ticks_at)
    labels_width = max((label_of(each, pen).width for each in chart.series if each.values), default=0.0)
    left = MARGIN + figures + 12 + _PLOT_PADDING_LEFT
    right = pen.width - MARGIN - labels_width - 12 - _PLOT_PADDING_RIGHT
    top = pen.height - _TOP_MARGIN
    return Frame(left, _BOTTOM_MARGIN, right, top, low, high, len(chart.categories)), ticks_at


def draw_background(chart: Chart, plot: Frame, ticks_at: list[float], pen: Pen) -> None:
    """Draw everything below the lines."""
    _projection(chart, plot, pen)
    left, right = plot.left - _PLOT_PADDING_LEFT, plot.right + _PLOT_PADDING_RIGHT
    for value in ticks_at:
        height = plot.y(value)
        opacity = _RULE_OPACITY if value else _ZERO_OPACITY
        pen.line([(left, height), (right, height)], RULE, 1.5 if value else 2, opacity=opacity)
        pen.text_at((left - 12, height), figure(value), FIGURE_SIZE, GREY, align="right")
    title = clipped(chart.title, pen.width - 2 * MARGIN, TITLE_SIZE, pen, bold=True)
    pen.text_at((MARGIN, pen.height - 42), title, TITLE_SIZE, INK, bold=True)
    pen.text_at((MARGIN, pen.height - 80), clipped(chart.y_label, 400, FIGURE_SIZE, pen), FIGURE_SIZE, GREY)
    _categories(chart, plot, pen)
    if not (chart.categories and chart.series):
        pen.text_at(((left + right) / 2, plot.y(plot.high / 2)), "No data yet", LABEL_SIZE, GREY, align="center")


def _projection(chart: Chart, plot: Frame, pen: Pen) -> None:
    """Shade the background from the last known category on."""
    if not 0 <= chart.projected_from < len(chart.categories):
        return
    known = chart.projected_from - 1
    start = plot.x(known) if known >= 0 else plot.left - _PLOT_PADDING_LEFT
    pen.area(start, plot.bottom, plot.right + _PLOT_PADDING_RIGHT, plot.top + 34, SHADE, opacity=_SHADE_OPACITY)
    pen.text_at((plot.right + _PLOT_PADDING_RIGHT - 12, plot.top + 17), "projected", FIGURE_SIZE, GREY, align="right")


def _categories(chart: Chart, plot: Frame, pen: Pen) -> None:
    names = [clipped(each, _MAX_CATEGORY_WIDTH, CATEGORY_SIZE, pen) for each in chart.categories]
    if not names:
        return
    widest = pen.width_of(max(names, key=len), CATEGORY_SIZE)
    limit = int((plot.right - plot.left) / (widest + 22)) + 1
    today = min(max(chart.projected_from, 1), len(names)) - 1
    for index in shown_columns(len(names), today, limit):
        now = index == today and 0 < chart.projected_from < len(names)
        pen.line([(plot.x(index), plot.bottom), (plot.x(index), plot.bottom - 7)], RULE, 1.5, opacity=_ZERO_OPACITY)
        pen.text_at(
            (plot.x(index), plot.bottom - 26),
            names[index],
            CATEGORY_SIZE,
            INK if now else GREY,
            bold=now,
            align="center",
        )
