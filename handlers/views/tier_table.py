"""The tier table that an admin pastes: what was understood, beside what is set, and its proposal."""

from collections.abc import Mapping
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.described import Described
from handlers.views.parts.formats import day, name, tier
from tiercore.program.entered import FIGURES, TableChange

KIND = "rules"


def described(payload: Mapping[str, Any]) -> Described:
    """A proposal of thresholds, for whoever decides it."""
    change = TableChange.read(payload)
    title = f"thresholds of the tiers from {day(change.valid_from)}"
    lines = [
        blocks.line(
            blocks.bold(f"{tier(each.tier)}, {FIGURES[each.figure]}: "),
            blocks.span(f"{each.value} (now {each.before})"),
        )
        for each in change.figures
    ]
    return Described(
        title,
        [blocks.rich(blocks.bullets(lines)), blocks.context(f"Source: {name(change.source, 200)}")],
        f"Every answer about days from {day(change.valid_from)} on follows these thresholds at once.",
        f"They apply to days from {day(change.valid_from)} on.",
    )
