"""`tierbot rules`: the rules of a day, each number with where it comes from."""

from datetime import date

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tiercore.facts.unknown import Unknown
from tiercore.program import Dated, Program, Rules

_STYLES = {"stated": "green", "inferred": "yellow", "chosen": "yellow", "unknown": "red", "sample": "magenta"}


def print_rules(program: Program, day: date, out: Console) -> None:
    """Every rule that holds on the day, then what nobody has configured."""
    rules = program.on(day)
    label = f" · {program.label}" if program.label else ""
    out.print(f"Rules on {day}: version {rules.version}, {rules.model} model{label}", style="bold", markup=False)
    found = [(parameter.path, parameter.unit, parameter.on(day)) for parameter in program.parameters]
    table = Table("rule", "value", "since", "confidence", "source", box=None, pad_edge=False, header_style="bold")
    for path, unit, dated in found:
        if not isinstance(dated.value, Unknown):
            table.add_row(path, Text(_value(dated, unit)), _since(dated), _confidence(dated), Text(dated.source))
    out.print(table)
    missing = [path for path, _, dated in found if isinstance(dated.value, Unknown) and _is_asked_for(path, rules)]
    if missing:
        out.print(f"\nNot configured on {day} (put them into your own table, TIERBOT_PROGRAM=FILE):", style="bold")
        out.print(*(f"  {path}" for path in missing), sep="\n", markup=False)


def _is_asked_for(path: str, rules: Rules) -> bool:
    """Whether the day's rules have a use for the number: its tier, its model and its minimum exist on that day."""
    group, *rest = path.split(".")
    if group not in ("thresholds", "retention", "tiers"):
        return True
    tier = next((tier for tier in rules.tiers if tier.name == rest[0]), None)
    if tier is None or group != "thresholds":
        return tier is not None and (group == "tiers" or rules.model == "points")
    if rules.model == "dollars":
        return rest[1].endswith("_dollars")
    return rest[1] in {"combined", *(f"{minimum.source}_minimum" for minimum in tier.minimums)}


def _value(dated: Dated, unit: str) -> str:
    if isinstance(dated.value, bool):
        return "yes" if dated.value else "no"
    return f"{dated.text} {unit}".strip()


def _since(dated: Dated) -> str:
    return "always" if dated.since == date.min else dated.since.isoformat()


def _confidence(dated: Dated) -> str:
    style = _STYLES.get(dated.confidence.value, "cyan")
    return f"[{style}]{dated.confidence.value}[/]"
