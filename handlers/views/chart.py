"""A chart of points over time, before anyone draws it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """A line of the chart: a value for each category. A `threshold` is a constant line, drawn as a limit."""

    name: str
    values: tuple[float, ...]
    threshold: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over one row of categories; those from index `projected_from` on are a projection."""

    title: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    projected_from: int
    y_label: str = "Points"
