"""Reading one TOML table of rules; mistakes are collected rather than raised one at a time."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from tiercore.facts.unknown import not_configured
from tiercore.program import schema, values
from tiercore.program.mistakes import Mistake, Wrong
from tiercore.program.parameter import Confidence, Dated, Value
from tiercore.program.schema import Kind
from tiercore.suggestions import did_you_mean

NOT_CONFIGURED = "not set"
_ALSO_NOT_CONFIGURED = "not configured"  # as releases before 0.4 wrote it
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ENTRY = ("value", "source", "confidence")
_EXAMPLE = "2022-07-18 = { value = 270 }"


@dataclass(slots=True)
class Table:
    """The content of a file: dated values by dotted path, an overlay's label, and the mistakes."""

    file: str
    overlay: bool
    label: str | None = None
    dated: dict[str, list[Dated]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def read(self, path: Path) -> "Table":
        """Fill the table from the file. Never raises: a file that can't be read is a mistake, too."""
        try:
            self._group((), tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal))
        except OSError as error:
            self.wrong((), f"can't be read ({error.strerror})", "Give the path of a TOML file")
        except UnicodeDecodeError:
            self.wrong((), "is not UTF-8 text", "Save the file as UTF-8")
        except (ValueError, ArithmeticError, RecursionError) as error:
            self.wrong((), f"is not TOML: {error}", f"A rule is a table of dated values: {_EXAMPLE}")
        return self

    def wrong(self, path: Iterable[str], problem: str, remedy: str) -> None:
        """Add a mistake at a path."""
        self.mistakes.append(Mistake(self.file, ".".join(path), problem, remedy))

    def _group(self, path: schema.Path, raw: dict[str, object]) -> None:
        for key, value in raw.items():
            below = (*path, key)
            kind = schema.kind_of(below)
            if below == ("label",) and self.overlay:
                self._label(value)
            elif kind is not None:
                self._parameter(below, kind, value)
            elif not schema.is_group(below):
                self._unknown(path, key)
            elif isinstance(value, dict):
                self._group(below, value)
            else:
                self.wrong(below, "is a group of rules, not a value", f"Write a table [{'.'.join(below)}.…]")

    def _label(self, raw: object) -> None:
        if isinstance(raw, str) and raw.strip():
            self.label = raw.strip()
        else:
            self.wrong(("label",), "is not a text", 'Write label = "…": it is shown with every answer')

    def _unknown(self, path: schema.Path, key: str) -> None:
        words, hint = schema.known_below(path)
        known = f"Known here: {', '.join(words)}" if words else hint
        self.wrong((*path, key), "is not a rule", did_you_mean(key, words) + known)

    def _parameter(self, path: schema.Path, kind: Kind, raw: object) -> None:
        name = ".".join(path)
        if not isinstance(raw, dict):
            entry = values.written(raw)
            self.wrong(path, "has no date", f"Write [{name}] and below it, from the day on: 2022-07-18 = {entry}")
            return
        entries = {key: entry for key, entry in raw.items() if key != "unit"}
        unit = kind.unit.format(name=path[-1])
        if raw.get("unit", unit) != unit:
            self.wrong((*path, "unit"), f"is {values.shown(raw['unit'])}", f'This rule is in "{unit}"; convert it')
        if not entries:
            self.wrong(path, "has no dated value", f"Write below [{name}], from the day on: {_EXAMPLE}")
        for key, entry in entries.items():
            self._entry((*path, key), kind, entry)

    def _entry(self, path: schema.Path, kind: Kind, raw: object) -> None:
        try:
            found = self._dated(path, kind, raw)
        except Wrong as error:
            self.wrong(path, error.problem, error.remedy)
        else:
            self.dated.setdefault(".".join(path[:-1]), []).append(found)

    def _dated(self, path: schema.Path, kind: Kind, raw: object) -> Dated:
        since = _day(path[-1])
        if isinstance(raw, dict) and raw.get("value") == _ALSO_NOT_CONFIGURED:
            raw = {**raw, "value": NOT_CONFIGURED}
        if not isinstance(raw, dict):
            raise Wrong("is a bare value", f"Write it in braces: {path[-1]} = {values.written(raw)}")
        for key in raw.keys() - set(_ENTRY):
            raise Wrong(f"'{key}' is not known here", f"{did_you_mean(key, _ENTRY)}Known: {', '.join(_ENTRY)}")
        if "value" not in raw:
            raise Wrong("has no value", f'Write {{ value = … }}, or {{ value = "{NOT_CONFIGURED}" }} to end the rule')
        return Dated(
            value=_value(path, kind, raw["value"]),
            since=since,
            source=values.text(raw.get("source", self.file), "source"),
            confidence=self._confidence(raw.get("confidence")),
            file=self.file,
            overlay=self.overlay,
            text=values.shown(raw["value"]),
        )

    def _confidence(self, raw: object) -> Confidence:
        if raw is None and self.overlay:
            return Confidence.OPERATOR
        if isinstance(raw, str) and raw in list(Confidence):
            return Confidence(raw)
        word, known = values.shown(raw), [str(confidence) for confidence in Confidence]
        raise Wrong(f"confidence '{word}' is not known", f"{did_you_mean(word, known)}Known: {', '.join(known)}")


def _day(key: str) -> date:
    try:
        if _DATE.fullmatch(key):
            return date.fromisoformat(key)
    except ValueError as error:
        raise Wrong(f"'{key}' is not a day ({error})", f"Write the day the value holds from: {_EXAMPLE}") from None
    raise Wrong(f"'{key}' is not a date", f"Write the day the value holds from: {_EXAMPLE}")


def _value(path: schema.Path, kind: Kind, raw: object) -> Value:
    if raw != NOT_CONFIGURED:
        return kind.parse(raw, path[-2])
    if kind.required:
        raise Wrong("can't be 'not set'", "Write a value, or leave the shipped one alone")
    return not_configured(".".join(path[:-1]))
