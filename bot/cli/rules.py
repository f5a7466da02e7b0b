"""`tierbot rules`: the rules of a day, each number with its source."""

from datetime import date

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tiercore.facts.unknown import Unknown
from tiercore.program import Dated, Program, ended_values, unset_rules

_STYLES = {"stated": "green", "inferred": "yellow", "chosen": "yellow", "unknown": "red", "sample": "magenta"}


def print_rules(program: Program, day: date, out: Console) -> None:
    """Print every rule in force on the day, then the numbers that aren't set."""
    rules = program.on(day)
    label = f" · {program.label}" if program.label else ""
    out.print(f"Rules on {day}: version {rules.version}, {rules.model} model{label}", style="bold", markup=False)
    found = [(parameter.path, parameter.unit, parameter.on(day)) for parameter in program.parameters]
    table = Table("rule", "value", "since", "confidence", "source", box=None, pad_edge=False, header_style="bold")
    for path, unit, dated in found:
        if not isinstance(dated.value, Unknown):
            table.add_row(path, Text(_value(dated, unit)), _since(dated), _confidence(dated), Text(dated.source))
    out.print(table)
    missing = unset_rules(program, day)
    if missing:
        out.print(
            f"\nNot configured on {day} (tierbot rules --template > program.toml writes a table for them):",
            style="bold",
        )
        out.print(*(f"  {each.path}" for each in missing), sep="\n", markup=False)


def warn_of_ended(program: Program, day: date, err: Console) -> None:
    """Print a warning for each of the operator's own numbers that has ended before the day."""
    for ended in ended_values(program, day):
        err.print(f"warning: {ended}", style="yellow", markup=False)


def _value(dated: Dated, unit: str) -> str:
    if isinstance(dated.value, bool):
        return "yes" if dated.value else "no"
    return f"{dated.text} {unit}".strip() if isinstance(dated.value, int) else dated.text


def _since(dated: Dated) -> str:
    return "always" if dated.since == date.min else dated.since.isoformat()


def _confidence(dated: Dated) -> str:
    style = _STYLES.get(dated.confidence.value, "cyan")
    return f"[{style}]{dated.confidence.value}[/]"
