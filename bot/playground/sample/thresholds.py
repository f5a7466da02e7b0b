"""The SAMPLE table: thresholds invented for the demo, chosen so that its partners spread over the tiers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

LABEL = "SAMPLE thresholds, invented for the demo"
_SOURCE = "invented for the demo"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A tier's requirements, in points; `selling` is the sold or, since 2025, the sourced minimum."""

    tier: str
    combined: int
    selling: int
    managed: int | None


POINTS = {
    date(2022, 7, 18): (
        Thresholds("gold", 210, 90, 60),
        Thresholds("platinum", 645, 270, 150),
        Thresholds("diamond", 1900, 780, 600),
        Thresholds("elite", 5000, 1950, 1700),
    ),
    date(2025, 7, 15): (
        Thresholds("gold", 220, 80, 63),
        Thresholds("platinum", 680, 240, 158),
        Thresholds("diamond", 2000, 700, 630),
        Thresholds("elite", 5250, 1750, 1785),
    ),
    date(2026, 1, 15): (
        Thresholds("gold", 220, 80, None),
        Thresholds("platinum", 680, 240, None),
        Thresholds("diamond", 2000, 700, None),
        Thresholds("elite", 5250, 1750, None),
    ),
}
DOLLARS = {"gold": (3_000, 6_000), "platinum": (9_000, 20_000), "diamond": (26_000, 65_000)}

_DOLLAR_MODEL = date(2021, 1, 1)
_SOURCED_SINCE = date(2025, 7, 15)
_PUBLISHED = ("platinum.combined", date(2022, 7, 18))


@dataclass(frozen=True, slots=True)
class _Value:
    path: str
    unit: str
    since: date
    value: int


def sample_table() -> str:
    """The table as the text of program.toml."""
    paragraphs = [f'label = "{LABEL}"']
    by_path: dict[tuple[str, str], list[_Value]] = {}
    for value in (*_dollar_values(), *_points_values()):
        by_path.setdefault((value.path, value.unit), []).append(value)
    for (path, unit), values in sorted(by_path.items()):
        paragraphs.append("\n".join([f"[thresholds.{path}]", f'unit = "{unit}"', *map(_entry, values)]))
    return "\n\n".join(paragraphs) + "\n"


def _entry(value: _Value) -> str:
    return f'{value.since} = {{ value = {value.value}, confidence = "sample", source = "{_SOURCE}" }}'


def _dollar_values() -> Iterator[_Value]:
    for tier, (sold, managed) in DOLLARS.items():
        yield _Value(f"{tier}.sold_dollars", "US$", _DOLLAR_MODEL, sold)
        yield _Value(f"{tier}.managed_dollars", "US$", _DOLLAR_MODEL, managed)


def _points_values() -> Iterator[_Value]:
    for since, tiers in POINTS.items():
        selling = "sourced_minimum" if since >= _SOURCED_SINCE else "sold_minimum"
        for tier in tiers:
            thresholds = {"combined": tier.combined, selling: tier.selling, "managed_minimum": tier.managed}
            for name, value in thresholds.items():
                path = f"{tier.tier}.{name}"
                if value is not None and (path, since) != _PUBLISHED:
                    yield _Value(path, "points", since, value)
