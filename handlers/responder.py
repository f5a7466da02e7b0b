"""Replies to questions, subcommands and buttons: each ends in a message, whatever goes wrong."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

import structlog

from handlers import alert_buttons, proposals
from handlers.cache import CachedAnswer, as_message
from handlers.commands import account
from handlers.commands.account import CLICKS, SUBCOMMANDS
from handlers.commands.cases import CASE_CLICKS
from handlers.commands.goals import GOAL_CLICKS
from handlers.commands.portfolio_file import PORTFOLIO_CLICKS
from handlers.commands.subscriptions import DIGEST_SUBCOMMANDS
from handlers.context import Context, Handler
from handlers.conversation import Conversation, Shown
from handlers.deal_windows import DEAL_CLICKS
from handlers.errors import EXPECTED, Refusal, fault
from handlers.first_hour import FirstHour
from handlers.presenter import as_awaitable
from handlers.read_log import ReadLog
from handlers.suggesting import refusal_with_suggestions
from handlers.typed_command import QUESTIONS, TypedCommand
from handlers.views.arrival import for_the_programs_people
from handlers.views.parts.blocks import Message
from handlers.views.sharing import frozen
from tiercore.access import NotLinked, SlackUser

CountOutcome = Callable[[str, str], object]
DECISIONS = {**account.DECISIONS, **proposals.DECISIONS, **DEAL_CLICKS}
ON_CLICK = {
    **CLICKS,
    **CASE_CLICKS,
    **GOAL_CLICKS,
    **PORTFOLIO_CLICKS,
    **DEAL_CLICKS,
    **proposals.DECISIONS,
    **{word: DIGEST_SUBCOMMANDS[word].handler for word in ("pause", "resume", "now")},
    "acknowledge": alert_buttons.acknowledge,
    "snooze": alert_buttons.snooze,
    "tell": alert_buttons.ask_contacts,
}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request, made now or kept, and whether the request did what it asked for."""

    answer: Message | CachedAnswer
    done: bool

    @property
    def message(self) -> Message:
        """The answer as a message."""
        return as_message(self.answer)


class Responder:
    """Replies to questions, subcommands and buttons, errors included; logs and counts each by word and outcome."""

    def __init__(
        self, conversation: Conversation, context: Context, count_outcome: CountOutcome, read_log: ReadLog
    ) -> None:
        self._conversation, self._context, self._count_outcome = conversation, context, count_outcome
        self._read_log, self.on_click, self.decisions = read_log, dict(ON_CLICK), set(DECISIONS)
        self.today = context.today
        self.first_hour = FirstHour(context.services, context.answers, context.today, context.installation)

    def add_decisions(self, clicks: Mapping[str, Handler]) -> None:
        """Buttons whose message the reply replaces, once what they ask for is done."""
        self.on_click.update(clicks)
        self.decisions.update(clicks)

    async def answer(self, command: TypedCommand, viewer: SlackUser) -> Reply:
        """The answer to a question, or the reply to what went wrong."""
        return await self._safely(self._conversation.message(command, viewer), command, viewer)

    async def reply(
        self, command: TypedCommand, viewer: SlackUser, *, asked: bool = True, as_of: date | None = None
    ) -> Message:
        """The answer to a question, or the reply to what went wrong; a read of the viewer's only if they `asked`.

        One `as_of` a day has nothing to click: what its controls ask is about today.
        """
        work = self._conversation.message(command, viewer, as_of)
        reply = await self._safely(work, command, viewer, asked=asked)
        return frozen(reply.message) if as_of and reply.done else reply.message

    async def reply_to(self, work: Awaitable[Message], word: str, viewer: SlackUser) -> Reply:
        """The reply that the work gives, or the reply to what went wrong with it; logged under the word."""
        return await self._safely(work, TypedCommand(word), viewer)

    async def run_subcommand(self, word: str, subcommand: str, text: str, viewer: SlackUser) -> Message:
        """The reply to a subcommand typed after /tier or /digest, or to what went wrong."""
        found = (DIGEST_SUBCOMMANDS if word == "digest" else SUBCOMMANDS)[subcommand]
        if found.for_program and self._context.is_partners:
            work: Awaitable[Message] = as_awaitable(for_the_programs_people())
        else:
            work = found.handler(self._context, viewer, text)
        return (await self._safely(work, TypedCommand(word, subcommand), viewer)).message

    async def run_button(self, action: str, value: str, viewer: SlackUser) -> Reply:
        """The reply to a button that changes something, or to what went wrong."""
        work = self.on_click[action](self._context, viewer, value)
        return await self._safely(work, TypedCommand("tier", action), viewer)

    async def _safely(
        self, work: Awaitable[Message | Shown], command: TypedCommand, viewer: SlackUser, *, asked: bool = True
    ) -> Reply:
        """The message, or the reply to an error; one log line either way."""
        started, partner_id = time.perf_counter(), None
        try:
            found, outcome = await work, "answered"
            shown = found if isinstance(found, Shown) else Shown(found)
            reply, partner_id = Reply(shown.answer, done=True), shown.partner_id
        except Exception as error:
            refused = await self._refused(error, command, viewer)
            reply, outcome = Reply(refused.message, done=False), refused.code
        self._count_outcome(command.word if command.word in QUESTIONS else "other", outcome)
        if asked:
            self._read_log.add(viewer, command.word, partner_id, outcome)
        elapsed = round((time.perf_counter() - started) * 1000, 2)
        log.info("question", word=command.word, team=viewer.team_id, user=viewer.user_id, outcome=outcome, ms=elapsed)
        return reply

    async def _refused(self, error: Exception, command: TypedCommand, viewer: SlackUser) -> Refusal:
        """The reply to the error; to one that isn't expected, also while looking for suggestions, a reference."""
        try:
            if isinstance(error, NotLinked) and (instead := await self.first_hour.instead_of_a_link(viewer)):
                return Refusal("first_steps", instead)
            if isinstance(error, EXPECTED):
                return await refusal_with_suggestions(error, command, viewer, self._conversation)
            raise error
        except Exception:
            return unexpected(command.word)


def unexpected(word: str) -> Refusal:
    """The reply to an error that isn't expected; the log has it under the reply's reference."""
    reference = str(structlog.contextvars.get_contextvars().get("request") or uuid4().hex[:8])
    log.exception("fault", reference=reference, word=word)
    return fault(reference)
