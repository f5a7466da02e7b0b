"""A chart as a picture of 1200×600 pixels, for where Slack doesn't draw charts itself.

Known values are solid lines with filled markers; from the last known value on, the projection is dashed, with hollow
markers and a shaded background. Series differ in colour and in the shape of their markers. The picture is transparent,
and its colours can be read in Slack's light and dark themes.
"""

import threading

from handlers.views.parts.chart import Chart

WIDTH, HEIGHT = 1200, 600
_LOCK = threading.Lock()  # matplotlib isn't thread-safe


def draw(chart: Chart) -> bytes:
    """The picture as PNG. It takes about 30 ms, and half a second the first time, so run it in a worker thread.

    Raises ValueError where a series doesn't have exactly one value for each category.
    """
    for series in chart.series:
        if len(series.values) != len(chart.categories):
            raise ValueError(f"{series.name!r} has {len(series.values)} values for {len(chart.categories)} categories")
    with _LOCK:
        return _drawn(chart)


def _drawn(chart: Chart) -> bytes:
    from bot.charts.axes import draw_background, frame
    from bot.charts.canvas import Pen
    from bot.charts.lines import draw_lines

    pen = Pen(WIDTH, HEIGHT)
    plot, axis_values = frame(chart, pen)
    draw_background(chart, plot, axis_values, pen)
    if chart.categories:
        draw_lines(chart, plot, pen)
    return pen.png()
