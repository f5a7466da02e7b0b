"""Loading the shipped tables of rules, and an operator's table on top of them."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

from tiercore.program.mistakes import Mistake, ProgramError
from tiercore.program.parameter import Dated, Parameter
from tiercore.program.program import Program
from tiercore.program.schema import kind_of, names_tier
from tiercore.program.table import Table
from tiercore.suggestions import did_you_mean

_SHIPPED = Path(__file__).parent


def load_program(overlay: Path | None = None) -> Program:
    """The program by the shipped rules, overridden and extended by an operator's table.

    A dated value in the operator's table is added to the shipped ones at the same path, or replaces the one of the same
    day. It applies until the next dated value in any table: a later "not set" in the shipped rules ends it.
    Raises ProgramError with all mistakes in the tables.
    """
    tables = list(_shipped())
    if overlay is not None:
        tables.append(Table(overlay.name, overlay=True).read(overlay))
    parameters = list(_merged(tables))
    mistakes = [mistake for table in tables for mistake in table.mistakes]
    mistakes += _tiers_without_version(tables, parameters)
    if mistakes:
        raise ProgramError(mistakes)
    program = Program(parameters, tables[-1].label)
    if program.catalogue.mistakes:
        raise ProgramError(program.catalogue.mistakes)
    return program


@lru_cache(maxsize=1)
def _shipped() -> tuple[Table, ...]:
    """The tables that come with this version, read once."""
    return tuple(Table(path.name, overlay=False).read(path) for path in sorted(_SHIPPED.glob("*.toml")))


def _merged(tables: Iterable[Table]) -> Iterator[Parameter]:
    """The parameters of all tables; of two values for one day, the later table's wins."""
    by_path: dict[str, dict[date, Dated]] = {}
    for table in tables:
        for path, dated in table.dated.items():
            by_path.setdefault(path, {}).update({found.since: found for found in dated})
    for path, by_day in by_path.items():
        name = tuple(path.split("."))
        kind = kind_of(name)
        assert kind is not None, path
        yield Parameter(path, kind.unit.format(name=name[-1]), tuple(by_day[day] for day in sorted(by_day)))


def _tiers_without_version(tables: Iterable[Table], parameters: Iterable[Parameter]) -> Iterator[Mistake]:
    """A mistake for each tier with rules that no version has, which is most likely a typo."""
    tiers = sorted(_all_tiers(parameters))
    for table in tables:
        named = {tuple(path.split(".")[:2]) for path in table.dated if names_tier(tuple(path.split(".")))}
        for group, tier in sorted(named):
            if tier not in tiers:
                remedy = f"{did_you_mean(tier, tiers)}Tiers: {', '.join(tiers)} (version.tiers)"
                yield Mistake(table.file, f"{group}.{tier}", f"no version has a tier '{tier}'", remedy)


def _all_tiers(parameters: Iterable[Parameter]) -> set[str]:
    versions = next(parameter for parameter in parameters if parameter.path == "version.tiers")
    return {tier for dated in versions.dated if isinstance(dated.value, tuple) for tier in dated.value}
