"""What a proposal is about, in the words of its kind."""

from dataclasses import dataclass

from handlers.views.parts.blocks import Block


@dataclass(frozen=True, slots=True)
class Described:
    """A proposal in words: its `title` (within a sentence), the details as blocks, the `question` that Slack asks
    before it is approved, and what follows once it is `done`.
    """

    title: str
    blocks: list[Block]
    question: str
    done: str
