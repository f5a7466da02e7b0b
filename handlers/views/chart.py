"""What a chart shows: series over one row of categories, the last of which may be a projection."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """One line, with one value for each category; `threshold` makes it a limit to be reached."""

    name: str
    values: tuple[float, ...]
    threshold: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """`projected_from` is the index of the first projected category, len(categories) when none is."""

    title: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    projected_from: int
    y_label: str = "Points"
