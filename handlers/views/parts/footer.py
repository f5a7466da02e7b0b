"""What every answer ends with: the day, the rules it was judged by, and what to know before trusting it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import day, listed, prose, rule, upper
from tiercore.facts.entries import Partner
from tiercore.facts.unknown import NotConfigured
from tiercore.program import Rules
from tiercore.questions.requirements import FIGURES, Requirement


def other_model_notes(as_of: date, judged_on: date, rules: Rules) -> list[str]:
    """What to say of an answer by a model that does not decide on the day; nothing when it does."""
    if judged_on == as_of:
        return []
    when = (
        f"decides from {day(judged_on)}; this is a preview" if judged_on > as_of else f"decided until {day(judged_on)}"
    )
    which = "dollar" if rules.model == "dollars" else rules.model
    return [f"The {which} dashboard {when}. Looking at it doesn't change your tier"]


def footing(as_of: date, rules: Rules, notes: Sequence[str], *more: str) -> Block:
    """The small print under an answer."""
    said = " · ".join([f"As of {day(as_of)}", f"{rules.version} rules", *more])
    return {**blocks.context([said, *(upper(prose(each)) for each in notes)]), "block_id": "footing"}


def not_set(paths: Sequence[str]) -> str:
    """What can't be checked because a number of the rules is not set, by what people call those numbers."""
    return f"Not set, so not checked: {listed([rule(each) for each in paths])}"


def not_configured_notes(requirements: Sequence[Requirement]) -> list[str]:
    """One note that names the figures nobody has configured; none where all are. A message has them as lines."""
    missing = [each.need.name for each in requirements if isinstance(each.need, NotConfigured) and each.name in FIGURES]
    return [f"not configured: {', '.join(missing)}"] if missing else []


def common_record(
    question: str, partner: Partner | None, as_of: date, rules: Rules, notes: Sequence[str]
) -> dict[str, Any]:
    """The part of the JSON that every answer has."""
    return {
        "question": question,
        "partner": {"id": partner.partner_id, "name": partner.name} if partner else None,
        "as_of": as_of.isoformat(),
        "program_version": rules.version,
        "notes": list(notes),
    }
