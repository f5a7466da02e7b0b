"""What is said, whatever went wrong: to a question, to a deed that was typed, to one that was clicked."""

import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

import structlog

from handlers import alert_buttons
from handlers.commands.account import CLICKS, SUBCOMMANDS, Context
from handlers.commands.subscriptions import DIGEST_SUBCOMMANDS
from handlers.conversation import QUESTIONS, Conversation, TypedCommand
from handlers.errors import EXPECTED, Refusal, fault, refusal
from handlers.views.parts.blocks import Message
from tiercore.access import SlackUser

Counted = Callable[[str, str], object]
ON_CLICK = {
    **CLICKS,
    **{word: DIGEST_SUBCOMMANDS[word].do for word in ("pause", "resume", "now")},
    "acknowledge": alert_buttons.acknowledge,
    "snooze": alert_buttons.snooze,
    "tell": alert_buttons.tell,
}

log = structlog.get_logger()


class Responder:
    """Questions and deeds end in a message, errors too; each is logged and `counted` by word and outcome."""

    def __init__(self, conversation: Conversation, context: Context, counted: Counted) -> None:
        self._conversation, self._context, self._counted = conversation, context, counted

    async def reply(self, asked: TypedCommand, viewer: SlackUser) -> Message:
        """The answer for whoever asked, whatever went wrong."""
        return await self._safely(self._conversation.message(asked, viewer), asked, viewer)

    async def done(self, word: str, deed: str, text: str, viewer: SlackUser) -> Message:
        """What came of a deed that was typed after a command, whatever went wrong."""
        doing = (DIGEST_SUBCOMMANDS if word == "digest" else SUBCOMMANDS)[deed].do
        return await self._safely(doing(self._context, viewer, text), TypedCommand(word, deed), viewer)

    async def clicked(self, deed: str, about: str, viewer: SlackUser) -> Message:
        """What came of a deed that a button asked for."""
        return await self._safely(ON_CLICK[deed](self._context, viewer, about), TypedCommand("tier", deed), viewer)

    async def _safely(self, work: Awaitable[Message], asked: TypedCommand, viewer: SlackUser) -> Message:
        """The message, or what is said of an error; one log line for each."""
        started = time.perf_counter()
        try:
            message, outcome = await work, "answered"
        except EXPECTED as error:
            refused = refusal(error, asked, viewer, self._conversation.answers.program.tier_names)
            message, outcome = refused.message, refused.code
        except Exception:
            refused = _our_fault(asked)
            message, outcome = refused.message, refused.code
        self._counted(asked.word if asked.word in QUESTIONS else "other", outcome)
        elapsed = round((time.perf_counter() - started) * 1000, 2)
        log.info("question", word=asked.word, team=viewer.team_id, user=viewer.user_id, outcome=outcome, ms=elapsed)
        return message


def _our_fault(asked: TypedCommand) -> Refusal:
    reference = str(structlog.contextvars.get_contextvars().get("request") or uuid4().hex[:8])
    log.exception("fault", reference=reference, word=asked.word)
    return fault(reference)
