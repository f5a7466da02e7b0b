"""`tierbot ask`: the same question, the same answer as in Slack, on the operator's own command line."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.terminal.render import render
from bot.wiring import Core, command_names, open_conversation
from handlers.command_names import CommandNames
from handlers.commands.account import as_subcommand
from handlers.conversation import Answered, Conversation, TypedCommand, typed_command
from handlers.errors import EXPECTED, refusal
from handlers.views.parts.blocks import Message
from handlers.views.replies import plain_reply
from tiercore.access import Mailbox, WhichPartner


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a question: the message, its record for programs, and whether it is an answer."""

    message: Message
    record: dict[str, Any]
    ok: bool

    def spelled(self, names: CommandNames) -> "Told":
        """The same with commands named as this installation's Slack has them."""
        message = Message(names.text(self.message.text), names.spelled(self.message.blocks), self.message.charts)
        error = {**self.record.get("error", {})}
        if "message" in error:
            error["message"] = names.text(error["message"])
        return Told(message, {**self.record, **({"error": error} if error else {})}, self.ok)

    def text(self, *, colour: bool, width: int) -> str:
        """The message as a terminal shows it."""
        return render(self.message.blocks, colour=colour, width=width)

    def json(self) -> str:
        """One JSON object."""
        return json.dumps(self.record, ensure_ascii=False, indent=2)


def as_typed_command(question: str) -> TypedCommand:
    """The question as typed: "/gap platinum", the slash may be missing."""
    word, _, text = question.strip().removeprefix("/").partition(" ")
    return typed_command(word.casefold(), text.strip())


async def ask(core: Core, question: str, email: str, as_of: date | None) -> Told:
    """The answer to the question as that person would get it on the day."""
    async with open_conversation(core) as (conversation, _):
        told = await tell(conversation, as_typed_command(question), Mailbox(email), as_of)
    return told.spelled(command_names(core.settings))


async def tell(conversation: Conversation, asked: TypedCommand, viewer: Mailbox, as_of: date | None) -> Told:
    """The answer, or the refusal, as a message and as a record."""
    if asked.word == "tier" and as_subcommand(asked.text):
        said = plain_reply(f"/tier {asked.text} is for Slack.", "Here: tierbot link, unlink, invite and audit.")
        return Told(said, {"error": {"code": "slack_only", "message": said.text}}, ok=False)
    try:
        answer = await conversation.answer(asked, viewer, as_of)
    except EXPECTED as error:
        refused = refusal(error, asked, viewer, conversation.answers.program.tier_names)
        record: dict[str, Any] = {"error": {"code": refused.code, "message": refused.said}}
        if isinstance(error, WhichPartner):
            record["error"]["choices"] = [{"id": each.partner_id, "name": each.name} for each in error.choices]
        return Told(refused.message, record, ok=False)
    if isinstance(answer, Answered):
        return Told(answer.message, answer.record, ok=True)
    return Told(answer, {"question": "help", "text": answer.text}, ok=True)
