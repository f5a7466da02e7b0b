"""A chart of points over time: its data, and Slack's own chart block (slack#blocks)."""

from dataclasses import dataclass
from typing import Any, Literal

MAX_CATEGORIES = 20
MAX_SERIES = 12
_LABEL_LIMIT = 20
_TITLE_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Series:
    """A line of the chart: a value for each category. A `threshold` is a constant line.

    One of the `pipeline` says what open deals would add: it is a projection only, and begins with the last known value.
    """

    name: str
    values: tuple[float, ...]
    threshold: bool = False
    pipeline: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over the same categories; those from index `projected_from` on are a projection. Of `kind` "bar" it has one
    series, with a bar for each category.
    """

    title: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    projected_from: int
    y_label: str = "Points"
    kind: Literal["line", "bar"] = "line"


def native(chart: Chart) -> dict[str, Any]:
    """The chart as Slack's own block, within its limits: 20 categories, 12 lines, labels of 20 characters.

    Slack has no bands and no line styles: a threshold is a constant line, and title and labels mark the projection.
    """
    categories = [_label(each) for each in chart.categories[:MAX_CATEGORIES]]
    return {
        "type": "data_visualization",
        "title": chart.title[:_TITLE_LIMIT],
        "chart": {
            "type": chart.kind,
            "series": [
                {
                    "name": _label(series.name),
                    "data": [
                        {"label": label, "value": value}
                        for label, value in zip(categories, series.values, strict=False)
                    ],
                }
                for series in chart.series[:MAX_SERIES]
            ],
            "axis_config": {"categories": categories, "y_label": chart.y_label[:_TITLE_LIMIT]},
        },
    }


def _label(text: str) -> str:
    return text if len(text) <= _LABEL_LIMIT else text[: _LABEL_LIMIT - 1] + "…"
