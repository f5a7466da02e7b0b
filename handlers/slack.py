"""Slack's side of the conversation: commands are answered in the acknowledgement, clicks through the response_url."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from uuid import uuid4

import orjson
import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.response import BoltResponse

from handlers.conversation import QUESTIONS, Asked, Conversation
from handlers.errors import EXPECTED, Refusal, fault, refusal
from handlers.views.blocks import Message
from handlers.views.choices import ACTION, read_value
from tiercore.access import SlackUser

BUDGET_SECONDS = 2.0

Body = dict[str, Any]
Respond = Callable[[str, Body], Awaitable[None]]
log = structlog.get_logger()


class Later:
    """Tasks that go on after their request was acknowledged; held here, so that none is lost (reliability.md)."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Let the work go on by itself."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, seconds: float) -> int:
        """Wait for what is under way, at most so long; how many tasks had to be given up."""
        if not self._tasks:
            return 0
        _, unfinished = await asyncio.wait(self._tasks, timeout=seconds)
        for task in unfinished:
            task.cancel()
        return len(unfinished)


class SlackHandlers:
    """The Bolt listeners: thin, all of them over one Conversation."""

    def __init__(self, conversation: Conversation, respond: Respond, later: Later) -> None:
        self.conversation, self.respond, self.later = conversation, respond, later

    def register(self, app: AsyncApp) -> None:
        """One router for every command comes first: each listener tried before the match costs time."""
        words = "|".join(QUESTIONS)
        app.command(re.compile(f"^/({words})$"))(self.on_command)
        app.action(re.compile(f"^{ACTION}:"))(self.on_choice)
        app.event(re.compile(".*"))(_ignore)
        app.action(re.compile(".*"))(_ignore)

    async def on_command(self, body: Body) -> BoltResponse:
        """A slash command: the answer rides back in the acknowledgement, or follows it when it takes long."""
        asked = Asked(str(body["command"])[1:], str(body.get("text", "")))
        if self.conversation.answers.immediate:
            return _acknowledged(await self.reply(asked, _who(body)))
        work = asyncio.ensure_future(self.reply(asked, _who(body)))
        done, _ = await asyncio.wait((work,), timeout=BUDGET_SECONDS)
        if done:
            return _acknowledged(work.result())
        self.later.start(self._send_later(work, str(body.get("response_url", "")), replace=False))
        return BoltResponse(status=200, body="")

    async def on_choice(self, ack: AsyncAck, body: Body) -> None:
        """A button or list that asks a question: its answer takes the place of the message it was on."""
        await ack()
        chosen = read_value(_chosen_value(body))
        if chosen is None:
            log.warning("choice_not_ours", user=_who(body).user_id)
            return
        work = asyncio.ensure_future(self.reply(Asked(*chosen), _who(body)))
        self.later.start(self._send_later(work, str(body.get("response_url", "")), replace=True))

    async def reply(self, asked: Asked, viewer: SlackUser) -> Message:
        """The message for whoever asked, whatever went wrong; one log line a question."""
        started = time.perf_counter()
        try:
            message, outcome = await self.conversation.message(asked, viewer), "answered"
        except EXPECTED as error:
            refused = refusal(error, asked, viewer, self.conversation.answers.program.tier_names)
            message, outcome = refused.message, refused.code
        except Exception:
            refused = _our_fault(asked)
            message, outcome = refused.message, refused.code
        elapsed = round((time.perf_counter() - started) * 1000, 2)
        log.info("question", word=asked.word, team=viewer.team_id, user=viewer.user_id, outcome=outcome, ms=elapsed)
        return message

    async def _send_later(self, work: Awaitable[Message], response_url: str, *, replace: bool) -> None:
        message = await work
        try:
            await self.respond(response_url, {**_ephemeral(message), "replace_original": replace})
        except Exception as error:
            log.warning("response_lost", error=type(error).__name__, reason=str(error)[:200])


def _our_fault(asked: Asked) -> Refusal:
    reference = uuid4().hex[:8]
    log.exception("fault", reference=reference, word=asked.word)
    return fault(reference)


def _ephemeral(message: Message) -> Body:
    return {"response_type": "ephemeral", "text": message.text, "blocks": message.blocks}


def _acknowledged(message: Message) -> BoltResponse:
    """The message as an acknowledgement, written by orjson: the SDK's own way takes ten times as long."""
    text = orjson.dumps(_ephemeral(message)).decode()
    return BoltResponse(status=200, body=text, headers={"content-type": "application/json"})


def _who(body: Body) -> SlackUser:
    """Identity is (team, user), or (enterprise, user) where Slack names no team; a clicker's own team counts."""
    user = body.get("user")
    if isinstance(user, dict):
        team = user.get("team_id") or (body.get("team") or body.get("enterprise") or {}).get("id")
        return SlackUser(str(team), str(user.get("id")))
    return SlackUser(str(body.get("team_id") or body.get("enterprise_id")), str(body.get("user_id")))


def _chosen_value(body: Body) -> object:
    actions = body.get("actions") or [{}]
    action = actions[0] if isinstance(actions, list) and isinstance(actions[0], dict) else {}
    option = action.get("selected_option")
    return option.get("value") if isinstance(option, dict) else action.get("value")


async def _ignore(ack: AsyncAck) -> None:
    """What we don't know is acknowledged, or Slack would send it again."""
    await ack()
