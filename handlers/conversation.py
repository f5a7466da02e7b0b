"""The four beats of every question: parse, ask, view, reply. Slack, buttons and the terminal all come through here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers import expiring, gap, tier
from handlers.help import help_message, wants_help
from handlers.question import Ask, BadWords, Question, Setting
from handlers.views.blocks import Message
from tiercore.access import Grant, NoSuchPartner, Reach, Viewer
from tiercore.answers import Answers

QUESTIONS: dict[str, Question] = {each.word: each for each in (tier.QUESTION, gap.QUESTION, expiring.QUESTION)}


class NoSuchQuestion(LookupError):
    """The word is no command."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that someone put: its word, the text behind it, and a partner's id where a button named one."""

    word: str
    text: str = ""
    partner_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The typed result of a question, with the view and the record that belong to it."""

    question: Question
    result: Any

    @property
    def message(self) -> Message:
        """The answer as blocks and text."""
        return self.question.view(self.result)

    @property
    def record(self) -> dict[str, Any]:
        """The answer as one JSON object."""
        return self.question.record(self.result)


class Conversation:
    """Answers questions for whoever asks, over one set of answers and one clock."""

    def __init__(self, answers: Answers, today: Callable[[], date]) -> None:
        self.answers = answers
        self.today = today

    async def answer(
        self, asked: Asked, viewer: Viewer, as_of: date | None = None, *, brief: bool = False
    ) -> Message | Answered:
        """The answer, or a help message. What goes wrong is raised; `handlers.errors` turns it into words.

        `brief` is for a message alone: nothing that does not fit one screen is read.
        """
        question = QUESTIONS.get(asked.word)
        if question is None:
            raise NoSuchQuestion(asked.word)
        if wants_help(asked.text):
            return help_message(question, tuple(QUESTIONS.values()))
        day = as_of or self.today()
        asks = question.parse(asked.text, Setting(day, self.answers.program.tier_names))
        reach = await self.answers.reach(viewer)
        ask, grant = _first_granted(list(asks), reach, asked.partner_id)
        return Answered(question, await question.ask(self.answers, grant, ask.request, day, brief=brief))


def _first_granted(asks: list[Ask], reach: Reach, partner_id: str | None) -> tuple[Ask, Grant]:
    """The first reading of the words whose partner the viewer may see; the first reading's error if none."""
    first_error: NoSuchPartner | None = None
    for ask in asks:
        if isinstance(ask.request, BadWords):
            raise ask.request
        try:
            return ask, reach.grant(partner_id or ask.partner)
        except NoSuchPartner as error:
            first_error = first_error or error
    assert first_error is not None
    raise first_error
