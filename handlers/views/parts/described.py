"""What a proposal is about, in the words of its kind."""

from dataclasses import dataclass

from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import day
from tiercore.approvals.types import Shown


@dataclass(frozen=True, slots=True)
class Described:
    """A proposal in words: its `title` (within a sentence), the details as blocks, the `question` that Slack asks
    before it is approved, and what follows once it is `done`.
    """

    title: str
    blocks: list[Block]
    question: str
    done: str


def nobody_asked(shown: Shown) -> str:
    """Why nobody was asked yet, and what happens next."""
    who = "the partner's CAM, CC or an admin" if shown.proposal.partner_id else "another admin"
    ends = day(shown.proposal.expires_at.date())
    return (
        f"I couldn't ask anybody yet: nobody who may decide this is linked in Slack. As soon as {who} is linked "
        f"(/tier link), I'll send them this. It expires on {ends}."
    )
