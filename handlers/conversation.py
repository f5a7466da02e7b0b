"""The four steps of every question: parse, ask, view, reply. Slack, buttons and the command line all use them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from handlers.cache import AnswerCache
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
    """No command has this name."""


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A command as typed or clicked: its word, the text after it, and a partner's id where a button names one.

    `behind_tier` is the whole text after /tier where it begins with another command's word. It may also be the name of
    a partner.
    """

    word: str
    text: str = ""
    partner_id: str | None = None
    behind_tier: str | None = None


def typed_command(word: str, text: str) -> TypedCommand:
    """The command that was typed: `/tier why sold` is `/why sold`; `/tier "why sold"` names a partner."""
    words = words_of(text)
    first = plain(words[0].text) if words and not words[0].quoted else ""
    if word != BEHIND or first == BEHIND or first not in QUESTIONS:
        return TypedCommand(word, text)
    return TypedCommand(first, clean(text)[len(words[0].text) :].strip(), behind_tier=text)


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its typed result, to be shown as a message or as a record."""

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


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as a message, and the id of the partner that it is about; None for help, and a portfolio."""

    message: Message
    partner_id: str | None = None


class Conversation:
    """Answers commands for any viewer, from one set of answers and one clock."""

    def __init__(self, answers: "Answers", today: Callable[[], date], cache: AnswerCache | None = None) -> None:
        self.answers = answers
        self.today = today
        self._cache = cache or AnswerCache()

    async def answer(self, command: TypedCommand, viewer: Viewer, as_of: date | None = None) -> Message | Answer:
        """The full answer, or a help message. Raises what `handlers.errors` knows how to put into words."""
        if help_reply := _help(command):
            return help_reply
        day = as_of or self.today()
        question, reading, grant, reach = await self._resolve(command, viewer, day)
        context = AnswerContext(day, brief=False, model=reach.model, reach=reach)
        return Answer(question, await question.ask(self.answers, grant, reading.request, context))

    async def message(self, command: TypedCommand, viewer: Viewer) -> Shown:
        """Today's answer as a message: only one screen is read, and cached while the data is the same."""
        if help_reply := _help(command):
            return Shown(help_reply)
        day = self.today()
        question, reading, grant, reach = await self._resolve(command, viewer, day)
        context = AnswerContext(
            day,
            brief=True,
            model=reach.model if question.by_model else None,
            reach=reach if question.by_reach else None,
        )
        partner_id = grant.partner.partner_id if grant else None
        key = (question.word, reading.request, partner_id, context)
        message = self._cache.get(key, reach.version)
        if message is None:
            message = question.view(await question.ask(self.answers, grant, reading.request, context))
            self._cache.put(key, reach.version, message)
        return Shown(message, partner_id)

    async def _resolve(
        self, command: TypedCommand, viewer: Viewer, day: date
    ) -> tuple[Question, Reading, Grant | None, Reach]:
        """The question, the reading of its text, a grant for its partner (if it has one), and the viewer's reach.

        Where a partner that the viewer may see is named like a command, `/tier NAME` is about that partner.
        """
        question = _question(command)
        reach = await self.answers.reach(viewer)
        partner_name = command.behind_tier
        if partner_name is not None and reach.is_called(partner_name):
            return self._read(QUESTIONS[BEHIND], TypedCommand(BEHIND, partner_name), reach, day)
        try:
            return self._read(question, command, reach, day)
        except NoSuchPartner:
            if partner_name is None:
                raise
            with suppress(NoSuchPartner):  # the first words of a longer name: "Gap Consulting" of "Gap Consulting GmbH"
                return self._read(QUESTIONS[BEHIND], TypedCommand(BEHIND, partner_name), reach, day)
            raise

    def _read(
        self, question: Question, command: TypedCommand, reach: Reach, day: date
    ) -> tuple[Question, Reading, Grant | None, Reach]:
        readings = question.parse(command.text, ParseContext(day, self.answers.program.tier_names))
        if command.partner_id:  # a button names the partner by its id, never in the text
            readings = [reading for reading in readings if reading.partner is None] or readings[:1]
        reading, grant = _first_granted(readings, reach, command.partner_id, needed=question.needs_partner)
        return question, reading, grant, reach


def _help(command: TypedCommand) -> Message | None:
    """The help that the command asks for: `help` alone, after a command, or before one's name (`/tier help why`)."""
    questions = tuple(QUESTIONS.values())
    if not command.word or wants_help(command.word):
        return overview(questions)
    if not wants_help(command.text):
        return None
    named = QUESTIONS.get(plain(words_of(command.text)[-1].text))
    return help_message(named or _question(command), questions)


def _question(command: TypedCommand) -> Question:
    question = QUESTIONS.get(command.word)
    if question is None:
        raise NoSuchQuestion(command.word)
    return question


def _first_granted(
    readings: Sequence[Reading], reach: Reach, partner_id: str | None, *, needed: bool
) -> tuple[Reading, Grant | None]:
    """The first reading whose partner the viewer may see, and its grant. Raises the first reading's error if none fits.

    The grant is None where the viewer named none of several partners and the question needs none.
    """
    first_error: NoSuchPartner | None = None
    for reading in readings:
        if isinstance(reading.request, InvalidInput):
            raise reading.request
        try:
            return reading, reach.grant(partner_id or reading.partner)
        except WhichPartner as error:
            if error.text is None and not needed:
                return reading, None
            error.words = reading.words
            raise
        except NoSuchPartner as error:
            first_error = first_error or error
    assert first_error is not None
    raise first_error
