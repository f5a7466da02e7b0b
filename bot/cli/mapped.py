"""`tierbot import --map`: an export in a form of its own, through a mapping; proposing one; the ready ones."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from shlex import quote

import typer
from sqlalchemy.exc import SQLAlchemyError

from bot.cli.console import err, fail, out, print_table
from bot.cli.importing import ImportOptions, database_for_import, print_outcome, run_source
from bot.cli.proposing import propose
from bot.settings import Settings
from bot.wiring import NotReadyToRun, create_core
from tiercore.ingest import report
from tiercore.ingest.mapping import MappedSource, MappingError, RawTable, read_mapping
from tiercore.ingest.mapping.exports import tables_of
from tiercore.ingest.mapping.mistakes import KIND
from tiercore.ingest.mapping.partner_names import partners_on_file
from tiercore.ingest.mapping.ready import ready_mappings, ready_text
from tiercore.ingest.mapping.values import UNTRANSLATED
from tiercore.ingest.problems import BadCell, Problem
from tiercore.program import load_program
from tiercore.suggestions import did_you_mean

NEW = "new"


def print_ready() -> None:
    """Print the ready mappings, what each reads and its settings."""
    rows = [(name, about, ", ".join(_settings_of(name))) for name, about in ready_mappings().items()]
    print_table(("mapping", "reads", "--set"), rows, empty="There are no ready mappings.")


def run(path: Path | None, name: str, to: Path | None, given: Sequence[str], options: ImportOptions) -> bool:
    """Import an export through a mapping, propose one, or copy a ready one; whether it succeeded."""
    try:
        if to is not None and name != NEW:
            return _copy(name, to)
        if path is None:
            raise typer.BadParameter("name the file to import")
        if name == NEW:
            return propose(path, to, load_program(Settings().program).catalogue, _partners())
        return _import(path, name, given, options)
    except MappingError as error:
        for line in report(error.problems):
            fail(line)
    except BadCell as bad:
        fail(str(Problem(str(path), 0, "", "", bad.kind, bad.message, bad.remedy)))
    return False


def _import(path: Path, name: str, given: Sequence[str], options: ImportOptions) -> bool:
    text, origin = _text_of(name)
    mapping = read_mapping(text, origin, _settings(given))
    mapping = replace(mapping, dates=options.dates or mapping.dates, decimal=options.decimal or mapping.decimal)
    tables = tables_of(path)
    with database_for_import(Settings(), dry_run=options.dry_run) as core:
        on_file = partners_on_file(core.engine)
        source = MappedSource(mapping, tables, path.name, core.program.catalogue, partners=on_file)
        imported = run_source(core, source, options, err=err)
    for line in source.summary:
        out.print(line, markup=False)
    print_outcome(imported, path, out=out, err=err)
    if name in ready_mappings() and any(each.kind == UNTRANSLATED for each in imported.problems):
        fail(f"To add values, copy the mapping and use the copy: tierbot import --map {name} --to mapping.toml")
    if name in ready_mappings() and any(each.kind == KIND for each in imported.problems):
        for other in _fitting(tables, given):
            command = f"tierbot import {quote(str(path))} --map {other}"
            fail(f"The ready mapping {other} has the columns of these files: {command}")
    return not imported.problems


def _partners() -> Mapping[str, str]:
    """The partners on file; none before the first import, or where the database can't be reached."""
    try:
        return partners_on_file(create_core(Settings()).engine)
    except (NotReadyToRun, SQLAlchemyError):
        return {}


def _fitting(tables: Sequence[RawTable], given: Sequence[str]) -> Iterator[str]:
    """The ready mappings whose columns the tables have; settings may be lacking."""
    said, catalogue = _settings(given), load_program(Settings().program).catalogue
    for name in ready_mappings():
        known = {key: value for key, value in said.items() if key in _settings_of(name)}
        try:
            mapping = read_mapping(ready_text(name), name, known)
        except MappingError:
            continue
        found = MappedSource(mapping, tables, name, catalogue).tables()
        if not any(each.kind == KIND for each in found.problems) and not found.warnings:
            yield name


def _copy(name: str, to: Path) -> bool:
    text, _ = _text_of(name)
    with to.open("x", encoding="utf-8") as file:  # an existing file is never overwritten
        file.write(text)
    out.print(f"Wrote {to}. Change it, then: tierbot import FILE --map {quote(str(to))} --dry-run", markup=False)
    return True


def _text_of(name: str) -> tuple[str, str]:
    """The TOML of a mapping and its name in messages: of a file, or of a ready one. Raises MappingError or OSError."""
    if name in ready_mappings():
        return ready_text(name), f"{name}.toml"
    file = Path(name)
    if not file.suffix and not file.exists():
        remedy = f"{did_you_mean(name, ready_mappings())}Ready mappings: {', '.join(ready_mappings())}."
        raise MappingError([Problem("--map", 0, "", name, "no mapping", "is no file and no ready mapping", remedy)])
    try:
        return file.read_text(encoding="utf-8-sig"), file.name
    except UnicodeDecodeError:
        problem = Problem(file.name, 0, "", "", "not UTF-8", "is not UTF-8", "save the file as UTF-8")
        raise MappingError([problem]) from None


def _settings(given: Sequence[str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not value.strip():
            raise typer.BadParameter(f"'{each}': write NAME=VALUE, such as partner_id=P001", param_hint="--set")
        settings[name.strip()] = value.strip()
    return settings


def _settings_of(name: str) -> list[str]:
    return list(tomllib.loads(ready_text(name)).get("settings", {}))
