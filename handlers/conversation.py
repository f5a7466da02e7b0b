"""The four beats of every question: parse, ask, view, reply. Slack, buttons and the terminal all come through here."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from handlers.cache import Kept
from handlers.command_names import BEHIND
from handlers.commands import changes, clients, convert, digest, expiring, gap, progress, recalibration, tier, why
from handlers.commands.help import help_message, overview, wants_help
from handlers.parsing.words import clean, words_of
from handlers.question import AnswerContext, InvalidInput, ParseContext, Question, Reading
from handlers.views.parts.blocks import Message
from tiercore.access import Grant, NoSuchPartner, Reach, Viewer, WhichPartner, plain

if TYPE_CHECKING:
    from tiercore.answers import Answers


_IN_ORDER = (tier, gap, expiring, progress, clients, changes, recalibration, digest, why, convert)
QUESTIONS: dict[str, Question] = {each.QUESTION.word: each.QUESTION for each in _IN_ORDER}


class NoSuchQuestion(LookupError):
    """The word is no command."""


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A question that someone put: its word, the text behind it, and a partner's id where a button named one.

    `behind_tier` is all that was typed after /tier where that began with another question's word: it may be the name of
    a partner just as well.
    """

    word: str
    text: str = ""
    partner_id: str | None = None
    behind_tier: str | None = None


def typed_command(word: str, text: str) -> TypedCommand:
    """What was typed: `/tier why sold` asks what `/why sold` asks; `/tier "why sold"` names a partner."""
    words = words_of(text)
    other = plain(words[0].text) if words and not words[0].quoted else ""
    if word != BEHIND or other == BEHIND or other not in QUESTIONS:
        return TypedCommand(word, text)
    return TypedCommand(other, clean(text)[len(words[0].text) :].strip(), behind_tier=text)


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

    def __init__(self, answers: "Answers", today: Callable[[], date], kept: Kept | None = None) -> None:
        self.answers = answers
        self.today = today
        self._kept = kept or Kept()

    async def answer(self, asked: TypedCommand, viewer: Viewer, as_of: date | None = None) -> Message | Answered:
        """The answer, or a help message. What goes wrong is raised; `handlers.errors` turns it into words."""
        if helped := _help(asked):
            return helped
        day = as_of or self.today()
        question, ask, grant, reach = await self._understood(asked, viewer, day)
        asking = AnswerContext(day, brief=False, model=reach.model, reach=reach)
        return Answered(question, await question.ask(self.answers, grant, ask.request, asking))

    async def message(self, asked: TypedCommand, viewer: Viewer) -> Message:
        """Today's answer as a message: nothing beyond one screen is read, and nothing that is known is made again."""
        if helped := _help(asked):
            return helped
        day = self.today()
        question, ask, grant, reach = await self._understood(asked, viewer, day)
        asking = AnswerContext(
            day,
            brief=True,
            model=reach.model if question.by_model else None,
            reach=reach if question.by_reach else None,
        )
        key = (question.word, ask.request, grant.partner.partner_id if grant else None, asking)
        message = self._kept.get(key, reach.version)
        if message is None:
            message = question.view(await question.ask(self.answers, grant, ask.request, asking))
            self._kept.keep(key, reach.version, message)
        return message

    async def _understood(
        self, asked: TypedCommand, viewer: Viewer, day: date
    ) -> tuple[Question, Reading, Grant | None, Reach]:
        """The question, what is asked, leave to read the partner that it is about (if any), and the reach that gave it.

        Where a partner whom the viewer may see is called like a question, `/tier NAME` is about that partner.
        """
        question = _question(asked)
        reach = await self.answers.reach(viewer)
        whole = asked.behind_tier
        if whole is not None and reach.is_called(whole):
            return self._granted(QUESTIONS[BEHIND], TypedCommand(BEHIND, whole), reach, day)
        try:
            return self._granted(question, asked, reach, day)
        except NoSuchPartner:
            if whole is None:
                raise
            with suppress(NoSuchPartner):  # the first words of a longer name: "Gap Consulting" of "Gap Consulting GmbH"
                return self._granted(QUESTIONS[BEHIND], TypedCommand(BEHIND, whole), reach, day)
            raise

    def _granted(
        self, question: Question, asked: TypedCommand, reach: Reach, day: date
    ) -> tuple[Question, Reading, Grant | None, Reach]:
        asks = question.parse(asked.text, ParseContext(day, self.answers.program.tier_names))
        if asked.partner_id:  # a button's words name no partner: its id does
            asks = [ask for ask in asks if ask.partner is None] or asks[:1]
        ask, grant = _first_granted(list(asks), reach, asked.partner_id, needed=question.needs_partner)
        return question, ask, grant, reach


def _help(asked: TypedCommand) -> Message | None:
    """The help that was asked for: `help` alone, after a command, or before the word of one (`/tier help why`)."""
    every = tuple(QUESTIONS.values())
    if not asked.word or wants_help(asked.word):
        return overview(every)
    if not wants_help(asked.text):
        return None
    about = QUESTIONS.get(plain(words_of(asked.text)[-1].text))
    return help_message(about or _question(asked), every)


def _question(asked: TypedCommand) -> Question:
    question = QUESTIONS.get(asked.word)
    if question is None:
        raise NoSuchQuestion(asked.word)
    return question


def _first_granted(
    asks: list[Reading], reach: Reach, partner_id: str | None, *, needed: bool
) -> tuple[Reading, Grant | None]:
    """The first reading of the words whose partner the viewer may see; the first reading's error if none.

    Without a grant where the choice of a partner is open and none is `needed`.
    """
    first_error: NoSuchPartner | None = None
    for ask in asks:
        if isinstance(ask.request, InvalidInput):
            raise ask.request
        try:
            return ask, reach.grant(partner_id or ask.partner)
        except WhichPartner as error:
            if error.text is None and not needed:
                return ask, None
            error.words = ask.words
            raise
        except NoSuchPartner as error:
            first_error = first_error or error
    assert first_error is not None
    raise first_error
