"""What entering for the awards takes, as a message and as JSON (how-tiers-work#awards)."""

from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.awards import awards_aloud, awards_lines, awards_panel, awards_record, conditions_met
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import next_button
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import common_record, footing
from handlers.views.parts.formats import name, sentences, spoken
from tiercore.questions.standing import Standing


def message(standing: Standing) -> Message:
    """One screen: how many conditions are met, the revenue retention, and each condition with its colour."""
    assert standing.awards is not None
    partner, lines = standing.partner, list(awards_lines(standing.awards))
    return Message(
        text=spoken(f"{name(partner.name)}.", *awards_aloud(lines), *sentences(standing.notes)),
        blocks=[
            blocks.header(f"{name(partner.name)}: awards, {conditions_met(standing.awards)}"),
            awards_panel(lines[1:]),
            answer_row("why", partner.partner_id, next_button("tier", partner.partner_id)),
            footing(standing.as_of, standing.rules, standing.notes),
        ],
    )


def record(standing: Standing) -> dict[str, Any]:
    """The awards as JSON, as `/tier` has them."""
    assert standing.awards is not None
    return {
        **common_record("why", standing.partner, standing.as_of, standing.rules, standing.notes),
        "figure": "awards",
        **awards_record(standing.awards, standing.rules, standing.partner.currency),
    }
