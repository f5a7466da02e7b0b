"""Figures of the tier table that people entered, as dated values laid over the shipped rules (running#tier-table)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

NOT_SET = "not set"
FIGURES: Mapping[str, str] = {
    "sourced_minimum": "sourced minimum",
    "sold_minimum": "sold minimum",
    "managed_minimum": "managed minimum",
    "combined": "combined points",
    "retention": "retention",
}


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure of a tier, as written in a table of rules ("322.5", "not set"), and what held `before`."""

    tier: str
    figure: str
    value: str
    before: str


@dataclass(frozen=True, slots=True)
class TableChange:
    """What a pasted table changes from a day on, and where it is from."""

    valid_from: date
    source: str
    figures: tuple[FigureChange, ...]

    @property
    def payload(self) -> dict[str, Any]:
        """The change as JSON."""
        return {
            "valid_from": self.valid_from.isoformat(),
            "source": self.source,
            "figures": [asdict(each) for each in self.figures],
        }

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> "TableChange":
        """The change that was written as `payload`."""
        figures = tuple(FigureChange(**each) for each in payload["figures"])
        return cls(date.fromisoformat(payload["valid_from"]), payload["source"], figures)


def path_of(tier: str, figure: str) -> str:
    """The dotted path of a tier's figure."""
    return f"retention.{tier}" if figure == "retention" else f"thresholds.{tier}.{figure}"
