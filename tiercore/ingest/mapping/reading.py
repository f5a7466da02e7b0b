"""Reading a mapping's TOML. It is strict: an unknown key, a value that fits nowhere and a missing column are errors."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from tiercore.ingest.day_forms import DateOrder
from tiercore.ingest.files import FORMATS
from tiercore.ingest.mapping.mapping import ExportMapping, Input, Recipe, RowFilter, Rule
from tiercore.ingest.mapping.mistakes import KIND, MappingError, Mistakes
from tiercore.ingest.mapping.recipes import RecipeReader
from tiercore.ingest.mapping.settings import settings_of
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.mapping.toml_lines import Path, lines_of_keys
from tiercore.ingest.plain_numbers import DecimalMark
from tiercore.ingest.problems import Problem

ONLY = "export"  # the input of a mapping that names none
_OURS = {file.removesuffix(".csv"): file for file in FORMATS}
_TOP = ("about", "dates", "decimal", "settings", "inputs", "rows", *_OURS)
_AT_LINE = re.compile(r"\(at line (\d+)")


def read_mapping(text: str, origin: str, settings: Mapping[str, str] = MappingProxyType({})) -> ExportMapping:
    """The mapping that a TOML text says; `origin` is its name in messages, `settings` what --set gives.

    Raises MappingError with everything that is wrong with it.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        problem = Problem(origin, int(at[1]) if at else 0, "", "", KIND, f"is not TOML: {error}", "correct the line")
        raise MappingError([problem]) from None
    mistakes = Mistakes(origin, lines_of_keys(text))
    mapping = _Reader(mistakes, settings_of(content, settings, mistakes)).read(content)
    if mistakes.found:
        raise MappingError(sorted(mistakes.found, key=lambda problem: problem.line))
    return mapping


class _Reader:
    def __init__(self, mistakes: Mistakes, settings: Mapping[str, str]) -> None:
        self._mistakes = mistakes
        self._recipes = RecipeReader(mistakes, settings)

    def read(self, content: Mapping[str, Any]) -> ExportMapping:
        mistakes = self._mistakes
        mistakes.unknown_keys((), content, _TOP)
        inputs = self._inputs(content)
        rules = tuple(self._rules(key, file, content[key], inputs) for key, file in _OURS.items() if key in content)
        if not rules:
            mistakes.add((), "makes none of our files", f"add at least one of {', '.join(f'[{key}]' for key in _OURS)}")
        order, mark = (self._choice(content, key, of) for key, of in (("dates", DateOrder), ("decimal", DecimalMark)))
        dates, decimal = DateOrder(order) if order else None, DecimalMark(mark) if mark else None
        about = mistakes.text(("about",), content.get("about", ""))
        found = tuple(rule for of in rules for rule in of)
        if not any(rule.file == "pipeline.csv" for rule in found):
            inputs = {name: replace(each, filters=_closed(each.filters)) for name, each in inputs.items()}
        return ExportMapping(mistakes.origin, inputs, found, dates, about, decimal)

    def _choice(self, content: Mapping[str, Any], key: str, of: type[StrEnum]) -> str:
        """One of the words that a key takes; empty if it isn't there."""
        return self._mistakes.one_of((key,), content[key], tuple(of)) if key in content else ""

    def _inputs(self, content: Mapping[str, Any]) -> dict[str, Input]:
        filters = self._filters(("rows",), content.get("rows", []))
        if "inputs" not in content:
            return {ONLY: Input(ONLY, ("*",), filters=filters)}
        if filters:
            self._mistakes.add(("rows",), "is of no input", "write [[inputs.NAME.rows]]")
        inputs = self._mistakes.table(("inputs",), content["inputs"])
        read = {name: self._input(name, value, inputs) for name, value in inputs.items()}
        for each in read.values():
            self._check_joins(each, read)
        return read

    def _input(self, name: str, value: Any, inputs: Mapping[str, Any]) -> Input:
        path: Path = ("inputs", name)
        mistakes, table = self._mistakes, self._mistakes.table(path, value)
        mistakes.unknown_keys(path, table, ("tables", "id", "join", "rows", "optional"))
        joins = mistakes.table((*path, "join"), table.get("join", {}))
        for other in joins:
            mistakes.one_of((*path, "join", other), other, tuple(inputs))
        return Input(
            name,
            mistakes.texts((*path, "tables"), table.get("tables", name)),
            mistakes.texts((*path, "id"), table["id"]) if "id" in table else (),
            {other: mistakes.texts((*path, "join", other), names) for other, names in joins.items()},
            self._filters((*path, "rows"), table.get("rows", [])),
            mistakes.flag((*path, "optional"), table.get("optional", False)),
            mistakes.line(path),
        )

    def _check_joins(self, each: Input, inputs: Mapping[str, Input]) -> None:
        for other in each.joins.keys() & inputs.keys():
            path: Path = ("inputs", each.name, "join", other)
            if not inputs[other].id:
                self._mistakes.add(path, f"[inputs.{other}] has no id", f"give it: id = what {each.name} refers to")
            if each.name in _reached(other, inputs):
                self._mistakes.add(path, f"{other} refers back to {each.name}", "take one of the joins out")

    def _filters(self, path: Path, value: Any) -> tuple[RowFilter, ...]:
        if isinstance(value, list):
            return tuple(self._filter((*path, at), each) for at, each in enumerate(value))
        self._mistakes.add(path, "is not a list of tables", "write it under [[…rows]] in double brackets")
        return ()

    def _filter(self, path: Path, value: Any) -> RowFilter:
        mistakes, table = self._mistakes, self._mistakes.table(path, value)
        mistakes.unknown_keys(path, table, ("column", "count", "skip", "open", "otherwise"))
        if "column" not in table or not table.keys() & {"count", "skip"}:
            mistakes.add(path, "says not which rows count", "give column, and the values of count or skip")
            return RowFilter((), frozenset(), frozenset())
        count, skip = (self._values((*path, key), table.get(key, [])) for key in ("count", "skip"))
        still_open = self._values((*path, "open"), table.get("open", []))
        for each in still_open & (count | skip):
            mistakes.add(path, "is in open, and in count or skip", "take it out of one", each)
        for each in count & skip:
            mistakes.add(path, "is in both count and skip", "take it out of one", each)
        otherwise = table.get("otherwise", "")
        if otherwise:
            otherwise = mistakes.one_of((*path, "otherwise"), otherwise, ("count", "skip"))
        names = mistakes.texts((*path, "column"), table["column"])
        return RowFilter(names, count, skip, otherwise, mistakes.line(path), still_open)

    def _values(self, path: Path, value: Any) -> frozenset[str]:
        return frozenset(map(plain, self._mistakes.texts(path, value))) if value != [] else frozenset()

    def _rules(self, key: str, file: str, value: Any, inputs: Mapping[str, Input]) -> list[Rule]:
        """The rules of one of our files: one table, or several in double brackets."""
        if isinstance(value, list):
            return [self._rule((key, at), file, each, inputs) for at, each in enumerate(value)]
        return [self._rule((key,), file, value, inputs)]

    def _rule(self, path: Path, file: str, value: Any, inputs: Mapping[str, Input]) -> Rule:
        mistakes, table = self._mistakes, self._mistakes.table(path, value)
        columns = {column.name: column for column in FORMATS[file].columns}
        levels = ("levels",) if file == "subscriptions.csv" else ()
        mistakes.unknown_keys(path, table, ("from", "without", "optional", "rows", "repeats", *levels, *columns))
        for name, column in columns.items():
            if name not in table and not column.optional:
                mistakes.add((*path, name), f"{file} needs {name}", 'name its column, or give { value = "…" }')
        cells: dict[str, Recipe] = {
            name: self._recipes.read((*path, name), table[name], column)
            for name, column in columns.items()
            if name in table
        }
        return Rule(
            file,
            made_from := self._from(path, table, inputs),
            cells,
            self._filters((*path, "rows"), table.get("rows", [])),
            mistakes.one_of((*path, "repeats"), table["repeats"], ("first", "last")) if "repeats" in table else "",
            "levels" in table and mistakes.one_of((*path, "levels"), table["levels"], ("added",)) == "added",
            self._without(path, table, made_from, inputs),
            self._mistakes.flag((*path, "optional"), table.get("optional", False)),
            {name: mistakes.line((*path, name)) for name in ("", *columns)},
        )

    def _from(self, path: Path, table: Mapping[str, Any], inputs: Mapping[str, Input]) -> str:
        if "from" not in table and len(inputs) == 1:
            return next(iter(inputs))
        if "from" not in table:
            self._mistakes.add(path, "says not which input it is made from", f"give from = {' or '.join(inputs)}")
            return next(iter(inputs), ONLY)
        return self._mistakes.one_of((*path, "from"), table["from"], tuple(inputs))

    def _without(self, path: Path, table: Mapping[str, Any], made_from: str, inputs: Mapping[str, Input]) -> str:
        if "without" not in table:
            return ""
        joining = tuple(name for name, each in inputs.items() if made_from in each.joins)
        return self._mistakes.one_of((*path, "without"), table["without"], joining or ("an input that joins this one",))


def _closed(filters: tuple[RowFilter, ...]) -> tuple[RowFilter, ...]:
    """The filters of a mapping that makes nothing of open deals: they don't count."""
    return tuple(replace(each, skip=each.skip | each.open, open=frozenset()) for each in filters)


def _reached(name: str, inputs: Mapping[str, Input]) -> set[str]:
    """The inputs that one refers to, itself and those that they refer to included."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        if (each := waiting.pop()) not in found and each in inputs:
            found.add(each)
            waiting += inputs[each].joins
    return found
