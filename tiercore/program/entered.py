"""Figures of the tier table that people entered, laid over the shipped rules and under the operator's table
(running#tier-table).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from tiercore.facts.unknown import not_configured
from tiercore.program.parameter import Confidence, Dated, Entry, Parameter, Value
from tiercore.program.program import Program
from tiercore.program.schema import kind_of
from tiercore.program.table import NOT_CONFIGURED

NOT_SET = NOT_CONFIGURED
FILE = "/tier setup"
# The figures that a table can have, as they are called in one: those of the points model, and retention in percent.
FIGURES: Mapping[str, str] = {
    "sourced_minimum": "sourced minimum",
    "sold_minimum": "sold minimum",
    "managed_minimum": "managed minimum",
    "combined": "total",
    "retention": "retention",
}


@dataclass(frozen=True, slots=True)
class Entered:
    """A figure that was entered: its value as written in a table of rules ("322.5", "not set"), and from which day on
    it holds; `entry` says who entered and approved it. One of another day may have ended it, or one of the same day
    replaced it: see `is_replaced`.
    """

    tier: str
    figure: str
    value: str
    valid_from: date
    valid_until: date | None
    source: str
    entry: Entry

    @property
    def path(self) -> str:
        """The rule that it sets."""
        return path_of(self.tier, self.figure)

    @property
    def is_replaced(self) -> bool:
        """Whether another value of the same day has replaced it, so that it never holds."""
        return self.valid_until is not None and self.valid_until <= self.valid_from

    @property
    def dated(self) -> Dated:
        """The same as a dated value of the rule."""
        value = value_of(self.path, self.value)
        return Dated(
            value,
            self.valid_from,
            self.source,
            Confidence.OPERATOR,
            FILE,
            overlay=True,
            text=self.value,
            entry=self.entry,
        )


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure of a tier, as written in a table of rules ("322.5", "not set"), and what held `before`."""

    tier: str
    figure: str
    value: str
    before: str

    @property
    def path(self) -> str:
        """The rule that it sets."""
        return path_of(self.tier, self.figure)

    @property
    def name(self) -> str:
        """What a reader calls the figure."""
        return FIGURES[self.figure]


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


def value_of(path: str, text: str) -> Value:
    """A figure's value from its text in a table of rules. Raises Wrong."""
    kind = kind_of(tuple(path.split(".")))
    assert kind is not None, path
    if text == NOT_SET:
        return not_configured(path)
    return kind.parse(int(text) if text.isdecimal() else text, path.rpartition(".")[2])


def with_entered(program: Program, entered: Sequence[Entered]) -> Program:
    """The program with these figures in place of those that it had entered before."""
    base = program.base
    by_path: dict[str, list[Entered]] = {}
    for each in entered:
        by_path.setdefault(each.path, []).append(each)
    if not by_path:
        return base
    known = {parameter.path: parameter for parameter in base.parameters}
    changed = {path: merged(known.get(path), path, of_path) for path, of_path in by_path.items()}
    return Program({**known, **changed}.values(), base.label, base=base, entered=tuple(entered))


def merged(parameter: Parameter | None, path: str, entered: Iterable[Entered]) -> Parameter:
    """A rule with the figures entered for it. The operator's table wins from the first day that it sets the rule on."""
    kind = kind_of(tuple(path.split(".")))
    assert kind is not None, path
    shipped = parameter.dated if parameter else ()
    first = overruled_from(parameter)
    by_day = {each.since: each for each in shipped}
    by_day |= {
        each.valid_from: each.dated
        for each in entered
        if not each.is_replaced and (first is None or each.valid_from < first)
    }
    return Parameter(path, kind.unit.format(name=path.rpartition(".")[2]), tuple(by_day[day] for day in sorted(by_day)))


def overruled_from(parameter: Parameter | None) -> date | None:
    """The day from which the operator's table (TIERBOT_PROGRAM) sets the rule; None if it doesn't."""
    days = (each.since for each in (parameter.dated if parameter else ()) if each.overlay and each.entry is None)
    return min(days, default=None)
