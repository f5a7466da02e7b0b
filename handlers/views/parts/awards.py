"""The awards' revenue retention and entry conditions: a panel, and as JSON (how-tiers-work#awards)."""

from collections.abc import Iterator, Sequence
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import month, prose, tier
from handlers.views.parts.requirement import MARKS, figure, label, record_of
from tiercore.facts.points import as_decimal
from tiercore.facts.unknown import Unknown
from tiercore.program import Rules
from tiercore.questions.awards import Awards
from tiercore.questions.requirements import Requirement, State, Unit

_MET = {State.GREEN: "met", State.RED: "not met", State.UNKNOWN: "unknown"}
_MARKS = "".join(MARKS.values())
_LABELS = {"managed_all_year": "Least managed MRR in 12 months", "reviews": "Reviews"}


def awards_aloud(lines: Sequence[str]) -> list[str]:
    """The lines in sentences."""
    return [f"{line.lstrip(_MARKS).strip()}." for line in lines]


def awards_panel(lines: Sequence[str]) -> Block:
    """The lines as a panel."""
    return {"type": "section", "text": blocks.plain("\n".join(lines), 2_000)}


def awards_lines(awards: Awards) -> Iterator[str]:
    """How many of the conditions are met, the revenue retention, and each condition with its colour."""
    yield f"Awards entry: {conditions_met(awards)}"
    yield f"Revenue retention ({month(awards.month)}, for a year): {_known(awards.revenue_retention, Unit.PERCENT)}"
    why = f": {prose(awards.tier_unknown.reason)}" if awards.tier_unknown else ""
    yield f"{MARKS[awards.tier_state]} {tier(awards.tier)} or higher: {_MET[awards.tier_state]}{why}"
    yield from (_condition(each) for each in awards.conditions)


def conditions_met(awards: Awards) -> str:
    """How many of the conditions are met, and how many of the others are unknown."""
    states = [awards.tier_state, *(each.state for each in awards.conditions)]
    unknown = f", {states.count(State.UNKNOWN)} unknown" if State.UNKNOWN in states else ""
    return f"{states.count(State.GREEN)} of {len(states)} conditions met{unknown}"


def _condition(each: Requirement) -> str:
    called = f"{MARKS[each.state]} {_LABELS.get(each.name) or label(each.name)}"
    needed = figure(each.need, each.unit)
    if isinstance(each.have, Unknown):
        return f"{called}: unknown, needs {needed}: {prose(each.have.reason)}"
    against = f" (needs {needed})" if each.unit is Unit.PERCENT else f" of {needed}"
    return f"{called}: {_MET[each.state]}, {figure(each.have, each.unit)}{against}"


def _known(value: int | Unknown, unit: Unit) -> str:
    return f"unknown: {prose(value.reason)}" if isinstance(value, Unknown) else figure(value, unit)


def awards_record(awards: Awards, rules: Rules, currency: str) -> dict[str, Any]:
    """The same as JSON: None for what is not known."""
    revenue = awards.revenue_retention
    return {
        "state": awards.state.value,
        "month": awards.month.isoformat()[:7],
        "revenue_retention": None if isinstance(revenue, Unknown) else as_decimal(revenue),
        "tier": awards.tier,
        "tier_state": awards.tier_state.value,
        "conditions": [record_of(each, rules, currency) for each in awards.conditions],
    }
