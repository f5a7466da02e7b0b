"""Points over time as a chart, and the chart's numbers as a table."""

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.chart import Chart, Series
from handlers.views.parts.formats import day, hundredth_points, month, name, tier
from handlers.views.parts.pipeline import SERIES, distinct, with_class
from tiercore.facts.points import hundredths
from tiercore.questions.progress import Point, Progress

_TIER_LIMIT = 10  # with " threshold", a series name has at most 20 characters


def chart_of(progress: Progress) -> Chart:
    """The points as lines, rounded to hundredths; the target's threshold, where set, as a constant."""
    shown = progress.points
    series = [
        Series("Sold", tuple(_value(each.sold) for each in shown)),
        Series("Managed", tuple(_value(each.managed) for each in shown)),
        Series("Combined", tuple(_value(each.combined) for each in shown)),
    ]
    if isinstance(progress.threshold, int):
        constant = (_value(progress.threshold),) * len(shown)
        series.append(Series(f"{name(tier(progress.target), _TIER_LIMIT)} threshold", constant, threshold=True))
    series += _with_deals(progress)  # last, so that the other lines keep their colours
    projected = [each.day for each in shown if each.projected]
    return Chart(
        title=f"Points, projected from {month(projected[0])}" if projected else "Points to date",
        categories=_categories(progress),
        series=tuple(series),
        projected_from=len(shown) - len(projected),
    )


def _with_deals(progress: Progress) -> list[Series]:
    """The combined points with open deals, a line for each class that counts more of them."""
    if progress.pipeline is None or progress.held:
        return []
    return [
        Series(
            SERIES[each.likelihood],
            tuple(_value(with_class(each, p.combined, p.day) if p.projected else p.combined) for p in progress.points),
            pipeline=True,
        )
        for each in distinct(progress.pipeline)
    ]


def _value(micropoints: int) -> float:
    return hundredths(micropoints) / 100


def _categories(progress: Progress) -> tuple[str, ...]:
    """Short months, with the year for the first one and for January; an arrow marks projected ones."""
    labels = []
    for index, each in enumerate(progress.points):
        label = month(each.day) if not index or each.day.month == 1 else month(each.day).split()[0]
        labels.append("Today" if each.day == progress.as_of else f"→ {label}" if each.projected else label)
    return tuple(labels)


def table_of(progress: Progress, chart: Chart) -> Block:
    """The chart's numbers, a row per month."""
    head = ["Month's end", *(line.name for line in chart.series), "Status"]
    rows = [
        [
            blocks.text_cell(_when(each, progress)),
            *(_cell(line, at, each) for line in chart.series),
            blocks.text_cell(_known_as(each, progress)),
        ]
        for at, each in enumerate(progress.points)
    ]
    return blocks.data_table(chart.title, head, rows, page_size=len(rows))


def _cell(line: Series, at: int, point: Point) -> dict[str, object]:
    if line.pipeline and not point.projected:
        return blocks.text_cell("–")
    return blocks.number_cell(line.values[at], hundredth_points(line.values[at]))


def _when(point: Point, progress: Progress) -> str:
    return f"Today, {day(point.day)}" if point.day == progress.as_of else month(point.day)


def _known_as(point: Point, progress: Progress) -> str:
    return "projected" if point.projected else "today" if point.day == progress.as_of else "actual"
