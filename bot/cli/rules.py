"""`tierbot rules`: the rules of a day, each number with its source."""

from datetime import date

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tiercore.facts.unknown import Unknown
from tiercore.program import Dated, Program, ended_values, unset_rules
from tiercore.program.entered import overruled_from

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
            table.add_row(path, Text(_value(dated, unit)), _since(dated), _confidence(dated), Text(_source(dated)))
    out.print(table)
    for overruled in overruled_values(program):
        out.print(f"note: {overruled}", style="yellow", markup=False)
    missing = unset_rules(program, day)
    if missing:
        out.print(
            f"\nNot configured on {day} (tierbot rules --template > program.toml writes a table for them):",
            style="bold",
        )
        out.print(*(f"  {each.path}" for each in missing), sep="\n", markup=False)


def overruled_values(program: Program) -> list[str]:
    """A sentence for each rule whose entered values TIERBOT_PROGRAM wins over, from the day on which it does."""
    base = {parameter.path: parameter for parameter in program.base.parameters}
    entered = {each.path: each for each in program.entered if not each.is_replaced}
    first = {path: overruled_from(base.get(path)) for path in sorted(entered)}
    return [
        f"{path}: TIERBOT_PROGRAM sets it from {day} on, and wins over what was entered in Slack or by rules set"
        for path, day in first.items()
        if day is not None
    ]


def _source(dated: Dated) -> str:
    """Where a value is from, and for one that people entered, who entered and approved it."""
    entry = dated.entry
    if entry is None:
        return dated.source
    entered, approved = f"{entry.entered_at:%Y-%m-%d}", f"{entry.approved_at:%Y-%m-%d}"
    who = f"entered by {entry.entered_by} on {entered}, approved by {entry.approved_by} on {approved}"
    return f"{dated.source} ({who})"


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
