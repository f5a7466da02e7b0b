"""The four steps of every question: parse, ask, view, reply. Slack, buttons and the command line all use them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from handlers.cache import AnswerCache, CachedAnswer, as_message
from handlers.command_names import BEHIND
from handlers.commands.help import help_asked
from handlers.granting import Found, first_granted, most_telling, raise_nearest, similar
from handlers.parsing.sentences import politeness_removed, versions
from handlers.parsing.words import require_short
from handlers.question import AnswerContext, InvalidInput, ParseContext, Question, Reading
from handlers.typed_command import QUESTIONS, TypedCommand, question_of
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import value
from handlers.views.parts.controls import addressed
from tiercore.access import NoSuchPartner, Reach, Viewer, WhichPartner
from tiercore.people.types import NotAllowed
from tiercore.questions.client import NoSuchClient

if TYPE_CHECKING:
    from tiercore.answers import Answers


T = TypeVar("T")
MAX_TRIED = 50  # partners among whose clients one is looked for


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
    """An answer, made now or kept, and the id of the partner that it is about; None for help, and a portfolio."""

    answer: Message | CachedAnswer
    partner_id: str | None = None

    @property
    def message(self) -> Message:
        """The answer as a message."""
        return as_message(self.answer)


class Conversation:
    """Answers commands for any viewer, from one set of answers and one clock."""

    def __init__(self, answers: "Answers", today: Callable[[], date], cache: AnswerCache | None = None) -> None:
        self.answers = answers
        self.today = today
        self._cache, self.for_partners = cache, False

    def of_partners(self) -> "Conversation":
        """The same for a partner's workspace, where what only the program's people can ask isn't offered."""
        found = copy(self)
        found.for_partners = True
        return found

    async def answer(self, command: TypedCommand, viewer: Viewer, as_of: date | None = None) -> Message | Answer:
        """The full answer, or a help message. Raises what `handlers.errors` knows how to put into words."""
        if help_reply := self._help(command):
            return help_reply
        day = as_of or self.today()

        async def ask(found: Found) -> Answer:
            context = AnswerContext(day, brief=False, model=found.reach.model, reach=found.reach)
            result = await found.question.ask(self.answers, found.grant, found.reading.request, context)
            return Answer(found.question, result)

        return await self._first_answer(command, viewer, day, ask)

    async def message(self, command: TypedCommand, viewer: Viewer, as_of: date | None = None) -> Shown:
        """The answer of today (or another day) as a message: only one screen is read, and cached while the data is the
        same.
        """
        if help_reply := self._help(command):
            return Shown(help_reply)
        day = as_of or self.today()
        return await self._first_answer(command, viewer, day, lambda found: self._message(found, day))

    async def _message(self, found: Found, day: date) -> Shown:
        question, reading, grant, reach = found
        context = AnswerContext(
            day,
            brief=True,
            model=reach.model if question.by_model else None,
            reach=reach if question.by_reach else None,
        )
        partner_id = grant.partner.partner_id if grant else None
        whose = partner_id if grant and not question.by_reach else (partner_id, reach.email, reach.roles, reach.viewer)
        key = (question.word, reading.request, reading.words, whose, day, context.model)
        version = grant.version if grant and not question.by_reach else reach.version
        kept = self._cache.get(key, version) if self._cache else None
        if kept is not None:
            return Shown(kept, partner_id)
        made = question.view(await question.ask(self.answers, grant, reading.request, context))
        message = addressed(made, value(question.word, reading.words, partner_id))
        if self._cache:
            self._cache.put(key, version, message)
        return Shown(message, partner_id)

    async def leads_on(self, command: TypedCommand, viewer: Viewer, as_of: date | None = None) -> bool:
        """Whether the command would be answered, or answered once a partner is chosen. An overview of all partners is
        not computed to find out.
        """
        day = as_of or self.today()

        async def ask(found: Found) -> None:
            if not found.question.by_reach or found.reading.detail:
                await self._message(found, day)

        try:
            if not self._help(command):
                await self._first_answer(command, viewer, day, ask)
        except WhichPartner:
            return True
        except (LookupError, ValueError, NotAllowed):
            return False
        return True

    async def _first_answer(
        self, command: TypedCommand, viewer: Viewer, day: date, ask: Callable[[Found], Awaitable[T]]
    ) -> T:
        """The answer to the text as it was typed, or else to what is left of it without politeness and fillers.

        Where a partner that the viewer may see is named like a command, `/tier NAME` is about that partner.
        """
        question = question_of(command, for_partners=self.for_partners)
        require_short(command.text)
        reach = await self.answers.reach(viewer)
        _, *others = versions(command.text, question)  # the first one is the text as it is
        asked = [command, *(replace(command, text=each) for each in others)]
        if command.behind_tier is not None:
            by_name = TypedCommand(BEHIND, command.behind_tier)
            first = reach.is_called(command.behind_tier)
            asked = [by_name, *asked] if first else [*asked, by_name]
        errors: list[NoSuchPartner | NoSuchClient | InvalidInput] = []

        async def ask_unless_named(found: Found) -> T:
            """Words near a partner's name are no fillers: "a" may be Partner A."""
            if found.reading.partner is None and not command.partner_id:
                raise_nearest(errors)
            return await ask(found)

        for each in asked:
            try:
                return await self._ask(each, reach, day, ask_unless_named)
            except WhichPartner as error:
                if error.text is None:
                    raise_nearest(errors)
                raise
            except (NoSuchPartner, NoSuchClient, InvalidInput) as error:
                if isinstance(error, NoSuchPartner):
                    await similar(reach, error.text)  # the index keeps what it found
                errors.append(error)
        telling = most_telling(errors[: -1 if command.behind_tier is not None else None] or errors)
        if found := self._otherwise(command, reach, day, telling):
            return await ask(found)
        raise telling

    def _otherwise(self, command: TypedCommand, reach: Reach, day: date, error: Exception) -> Found | None:
        """What is asked where a name that is like none of those that are known may be new. Raises WhichPartner."""
        if not isinstance(error, NoSuchPartner | NoSuchClient) or error.suggestions:
            return None
        readings = self._readings(replace(command, text=politeness_removed(command.text)), day)
        found = [replace(each, request=each.otherwise) for each in readings if each.otherwise is not None]
        with suppress(NoSuchPartner):
            if found:
                return Found(question_of(command), *first_granted(found, reach, command.partner_id, needed=True), reach)
        return None

    async def _ask(self, command: TypedCommand, reach: Reach, day: date, ask: Callable[[Found], Awaitable[T]]) -> T:
        try:
            found = self._read(command, reach, day)
        except WhichPartner as error:
            if error.text is not None or error.detail is None:
                raise
            return await self._ask_whom_it_is_about(command, reach, day, ask, error)
        try:
            return await ask(found)
        except InvalidInput as error:
            error.partner_id = found.grant.partner.partner_id if found.grant else None
            raise
        except NoSuchClient as error:
            error.partner_id = found.grant.partner.partner_id if found.grant else None
            if not command.partner_id and await similar(reach, command.text):
                raise NoSuchPartner(command.text, reach.index.similar) from error
            raise

    async def _ask_whom_it_is_about(
        self,
        command: TypedCommand,
        reach: Reach,
        day: date,
        ask: Callable[[Found], Awaitable[T]],
        error: WhichPartner,
    ) -> T:
        """The answer about the only partner that has such a client. Raises WhichPartner with those that have one, and
        NoSuchPartner where nobody has, or where there are too many partners to look.
        """
        fitting = []
        for partner in error.choices if len(error.choices) <= MAX_TRIED else ():
            await asyncio.sleep(0)  # let other questions in
            one = TypedCommand(command.word, error.words, partner.partner_id)
            with suppress(NoSuchClient):
                fitting.append((partner, await ask(self._read(one, reach, day))))
        if not fitting:
            raise NoSuchPartner(str(error.detail), reach.index.similar)
        if len(fitting) > 1:
            error.choices = tuple(partner for partner, _ in fitting)
            raise error
        return fitting[0][1]

    def _help(self, command: TypedCommand) -> Message | None:
        """The help that is asked for, if any."""
        return help_asked(command.word, command.text, QUESTIONS, for_partners=self.for_partners)

    def _read(self, command: TypedCommand, reach: Reach, day: date) -> Found:
        question = question_of(command)
        readings = self._readings(command, day)
        reading, grant = first_granted(readings, reach, command.partner_id, needed=question.needs_partner)
        question.require(reach)
        return Found(question, reading, None if question.about_all(reading.request) else grant, reach)

    def _readings(self, command: TypedCommand, day: date) -> Sequence[Reading]:
        readings = question_of(command).parse(command.text, ParseContext(day, self.answers.program.tier_names))
        if not command.partner_id:
            return readings
        return [each for each in readings if each.partner is None] or readings[:1]  # a button never names it in text
