"""The row "chart PNG 1200×600": drawing a chart after a warm-up, against an empty picture of the same size."""

import time
from collections.abc import Callable
from io import BytesIO

from bot.charts.png import HEIGHT, WIDTH, draw
from handlers.views.parts.chart import Chart, Series

_ROUNDS = 25
_MONTHS = tuple(f"{month} {year}" for year in (2021, 2022) for month in "Jan Feb Mar Apr May Jun Jul Aug Sep".split())
_CHART = Chart(
    "Partner A: points against Platinum",
    _MONTHS,
    (
        Series("Combined", tuple(380 + 11.5 * (9 - abs(9 - each)) for each in range(18))),
        Series("Sold", tuple(210 + 5.25 * (9 - abs(9 - each)) for each in range(18))),
        Series("Managed", tuple(170 + 6.25 * (9 - abs(9 - each)) for each in range(18))),
        Series("Platinum asks for", (645.0,) * 18, threshold=True),
    ),
    12,
)


def chart_picture() -> tuple[float, float]:
    """Seconds for the chart and for an empty picture, as medians of alternating rounds."""
    from PIL import Image

    def blank() -> None:
        Image.new("RGB", (WIDTH, HEIGHT), "white").save(BytesIO(), "PNG")

    drawn, empty = [], []
    for round_ in range(_ROUNDS + 1):
        times = _seconds(lambda: draw(_CHART)), _seconds(blank)
        if round_:
            drawn.append(times[0])
            empty.append(times[1])
    return sorted(drawn)[_ROUNDS // 2], sorted(empty)[_ROUNDS // 2]


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
