"""A chart as a picture of 1200×600 pixels, for places where Slack draws none itself.

Known values are solid lines with filled marks; from the last known value on, what is projected is dashed, lighter, its
marks hollow and the ground behind it shaded. Series differ in colour and in the shape of their marks.
"""

import threading

from handlers.views.parts.chart import Chart

WIDTH, HEIGHT = 1200, 600
_ONE_AT_A_TIME = threading.Lock()  # matplotlib does not promise to be thread-safe


def draw(chart: Chart) -> bytes:
    """The picture as PNG. Takes some 30 ms, and half a second the first time: for a worker thread.

    Raises ValueError when a series does not have exactly one value for each category.
    """
    for series in chart.series:
        if len(series.values) != len(chart.categories):
            raise ValueError(f"{series.name!r} has {len(series.values)} values for {len(chart.categories)} categories")
    with _ONE_AT_A_TIME:
        return _drawn(chart)


def _drawn(chart: Chart) -> bytes:
    from bot.charts.axes import draw_paper, frame
    from bot.charts.canvas import Pen
    from bot.charts.lines import draw_lines

    pen = Pen(WIDTH, HEIGHT)
    room, figures = frame(chart, pen)
    draw_paper(chart, room, figures, pen)
    if chart.categories:
        draw_lines(chart, room, pen)
    return pen.png()
