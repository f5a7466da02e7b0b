"""What every answer ends with: its day, the rules it follows, and what to know before relying on it."""

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
    """Notes for an answer by a model that doesn't decide on the day; none where it does."""
    if judged_on == as_of:
        return []
    when = (
        f"decides from {day(judged_on)}; this is a preview" if judged_on > as_of else f"decided until {day(judged_on)}"
    )
    which = "dollar" if rules.model == "dollars" else rules.model
    return [f"The {which} dashboard {when}. Looking at it doesn't change the tier"]


def footing(as_of: date, rules: Rules, notes: Sequence[str], *more: str) -> Block:
    """The small print under an answer."""
    said = " · ".join([f"As of {day(as_of)}", f"{rules.version} rules", *more])
    return {**blocks.context(said, *(upper(prose(each)) for each in notes)), "block_id": "footing"}


def not_set(paths: Sequence[str]) -> str:
    """Which numbers of the rules are not set, and so not checked, by the names that people use."""
    return f"Not set, so not checked: {listed([rule(each) for each in paths])}"


def not_configured_notes(requirements: Sequence[Requirement]) -> list[str]:
    """A note for the JSON that names the figures that are not set; none where all are. Messages show them as lines."""
    missing = [each.need.name for each in requirements if isinstance(each.need, NotConfigured) and each.name in FIGURES]
    return [f"not set: {', '.join(missing)}"] if missing else []


def common_record(
    question: str, partner: Partner | None, as_of: date, rules: Rules, notes: Sequence[str]
) -> dict[str, Any]:
    """The keys that every answer's JSON has."""
    return {
        "question": question,
        "partner": {"id": partner.partner_id, "name": partner.name} if partner else None,
        "as_of": as_of.isoformat(),
        "program_version": rules.version,
        "notes": list(notes),
    }


def product_record(rules: Rules, product_line: str, edition: str | None, account: str | None) -> dict[str, str | None]:
    """A product line in the JSON of an answer: its name on the day, the edition and the account, if any is known."""
    return {"product_line": rules.line_name(product_line), "edition": edition, "account": account}
