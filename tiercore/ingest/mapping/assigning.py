"""Which table of an export is which input of a mapping."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePath

from tiercore.ingest.mapping.layout import Layout
from tiercore.ingest.mapping.mapping import ExportMapping, Input, Names, RawTable, names_in
from tiercore.ingest.mapping.mistakes import KIND
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.problems import BadCell, Problem


@dataclass(slots=True)
class Assigned:
    """The tables of each input, what is wrong, and which tables are passed over."""

    tables: dict[str, list[RawTable]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def assign(mapping: ExportMapping, tables: Sequence[RawTable]) -> Assigned:
    """The tables of each input by name; where an export has one table only, it is the input whose columns it has."""
    assigned = Assigned({name: [] for name in mapping.inputs})
    for table in tables:
        each = _input_of(mapping, table, alone=len(tables) == 1)
        if each is None:
            assigned.warnings.append(_passed_over(mapping, table))
        else:
            assigned.tables[each.name].append(table)
    for name, each in mapping.inputs.items():
        if not assigned.tables[name] and not each.optional:
            assigned.problems.append(_lacking(mapping, each, tables))
    return assigned


def _input_of(mapping: ExportMapping, table: RawTable, *, alone: bool) -> Input | None:
    name = plain(table.sheet or PurePath(table.name).stem)
    named = [each for each in mapping.inputs.values() if any(fnmatchcase(name, plain(of)) for of in each.tables)]
    if alone:
        named = named or list(mapping.inputs.values())
        return max(named, key=lambda each: _fit(mapping, each, table), default=None)
    fitting = [each for each in named if _fit(mapping, each, table)]
    return max(fitting, key=lambda each: _fit(mapping, each, table), default=None)


def _fit(mapping: ExportMapping, each: Input, table: RawTable) -> int:
    """How many of the columns that an input needs the table has."""
    layout = Layout.of(table.name, table.header)
    return sum(_has(layout, names) for names in {*_needed(mapping, each)})


def _has(layout: Layout, names: Names) -> bool:
    try:
        return layout.find(names) is not None
    except BadCell:
        return True


def _needed(mapping: ExportMapping, each: Input) -> Iterable[Names]:
    yield from filter(None, (each.id, *each.joins.values(), *(by.names for by in each.filters)))
    for rule in mapping.rules:
        if rule.input == each.name:
            for recipe in rule.cells.values():
                yield from names_in(recipe)


def _passed_over(mapping: ExportMapping, table: RawTable) -> Problem:
    names = ", ".join(f"{each.name} ({' or '.join(each.tables)})" for each in mapping.inputs.values())
    message = "is passed over: no input of the mapping takes a table of this name with these columns"
    return Problem(table.name, 0, "", "", "passed over", message, f"inputs of {mapping.origin}: {names}")


def _lacking(mapping: ExportMapping, each: Input, tables: Sequence[RawTable]) -> Problem:
    there = ", ".join(table.name for table in tables) or "none"
    message = f"finds no table for the input {each.name}; there are: {there}"
    remedy = f"name it like {' or '.join(each.tables)}, add the name to tables, or say optional = true"
    return Problem(mapping.origin, each.line, f"inputs.{each.name}", "", KIND, message, remedy)
