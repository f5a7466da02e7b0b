"""`tierbot ask`: questions on the command line, with the answers that Slack would show."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.terminal.render import render
from bot.wiring import Core, command_names, create_services, open_conversation
from handlers.command_names import CommandNames
from handlers.commands.account import as_subcommand
from handlers.commands.subscriptions import as_digest_subcommand
from handlers.conversation import Answer, Conversation
from handlers.errors import EXPECTED
from handlers.first_hour import FirstHour
from handlers.suggesting import refusal_with_suggestions
from handlers.typed_command import TypedCommand, typed_command
from handlers.views.parts.blocks import Message
from handlers.views.replies import plain_reply
from tiercore.access import Mailbox, NotLinked, WhichPartner


@dataclass(frozen=True, slots=True)
class CliAnswer:
    """The reply to a question: the message, its record for programs, and whether it is an answer (`ok`)."""

    message: Message
    record: dict[str, Any]
    ok: bool

    def spelled(self, names: CommandNames) -> "CliAnswer":
        """The same reply, with commands named as in this installation's Slack."""
        message = Message(names.text(self.message.text), names.spelled(self.message.blocks), self.message.charts)
        error = {**self.record.get("error", {})}
        if "message" in error:
            error["message"] = names.text(error["message"])
        return CliAnswer(message, {**self.record, **({"error": error} if error else {})}, self.ok)

    def text(self, *, colour: bool, width: int) -> str:
        """The message as text for a terminal of this width."""
        return render(self.message.blocks, colour=colour, width=width)

    def json(self) -> str:
        """The record as one JSON object."""
        return json.dumps(self.record, ensure_ascii=False, indent=2)


def as_typed_command(question: str) -> TypedCommand:
    """The command that was typed: "/gap platinum", with or without its slash."""
    word, _, text = question.strip().removeprefix("/").partition(" ")
    return typed_command(word.casefold(), text.strip())


async def ask(core: Core, question: str, email: str, as_of: date | None) -> CliAnswer:
    """The reply that the person with this e-mail would get on the day; today for None."""
    async with open_conversation(core) as (conversation, _):
        first_hour = FirstHour(create_services(core), conversation.answers, conversation.today)
        reply = await _reply(conversation, first_hour, as_typed_command(question), Mailbox(email), as_of)
    return reply.spelled(command_names(core.settings))


async def _reply(
    conversation: Conversation, first_hour: FirstHour, command: TypedCommand, viewer: Mailbox, as_of: date | None
) -> CliAnswer:
    """The answer or the refusal, as a message and as a record."""
    if command.word == "tier" and as_subcommand(command.text):
        return _only_in_slack(command, "On the command line, use tierbot link, unlink, invite and audit.")
    if command.word == "digest" and as_digest_subcommand(command.text):
        return _only_in_slack(command, "On the command line, tierbot digest --dry-run previews the coming digests.")
    try:
        answer = await conversation.answer(command, viewer, as_of)
    except EXPECTED as error:
        if isinstance(error, NotLinked) and (steps := await first_hour.instead_of_a_link(viewer)):
            return CliAnswer(steps, {"error": {"code": "first_steps", "message": steps.text}}, ok=False)
        refused = await refusal_with_suggestions(error, command, viewer, conversation, as_of)
        record: dict[str, Any] = {"error": {"code": refused.code, "message": refused.text}}
        if isinstance(error, WhichPartner):
            record["error"]["choices"] = [{"id": each.partner_id, "name": each.name} for each in error.choices]
        return CliAnswer(refused.message, record, ok=False)
    if isinstance(answer, Answer):
        return CliAnswer(answer.message, answer.record, ok=True)
    return CliAnswer(answer, {"question": "help", "text": answer.text}, ok=True)


def _only_in_slack(command: TypedCommand, instead: str) -> CliAnswer:
    reply = plain_reply(f"/{command.word} {command.text} works only in Slack.", instead)
    return CliAnswer(reply, {"error": {"code": "slack_only", "message": reply.text}}, ok=False)
