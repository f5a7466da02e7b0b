"""Where what was made goes: after a command, in the place of a message, into a window."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager

import structlog

from handlers.outside import SlackRefused
from handlers.payload import Body
from handlers.showing import Showing
from handlers.views.blocks import Message

log = structlog.get_logger()


@contextmanager
def told() -> Iterator[None]:
    """What Slack or the network refuses is logged: the person sees that nothing came, and asks again."""
    try:
        yield
    except SlackRefused as error:
        log.warning("response_lost", error=error.word, reason=error.detail[:200])
    except Exception as error:
        log.warning("response_lost", error=type(error).__name__, reason=str(error)[:200])


class Replies:
    """Ways to give a message that is being made to whoever asked; none of them raises."""

    def __init__(self, showing: Showing) -> None:
        self._showing = showing

    async def respond(self, work: Awaitable[Message], body: Body, *, replace: bool) -> None:
        """Through the request's response_url: below it, or in the place of the message that was clicked."""
        message = await work
        with told():
            await self._showing.respond(str(body.get("response_url", "")), message, replace=replace)

    async def open(self, work: Awaitable[Message], title: str, body: Body, *, push: bool) -> None:
        """In a window; where it can't be opened any more, in the place that it was asked from."""
        trigger, made = str(body.get("trigger_id", "")), asyncio.ensure_future(work)
        with told():
            try:
                await self._showing.open(trigger, title, made, push=push)
            except SlackRefused as error:
                if error.word == "push_limit_reached":
                    await self._showing.update(str(body["view"]["id"]), title, await made)
                elif error.word not in ("expired_trigger_id", "exchanged_trigger_id") or not body.get("response_url"):
                    raise
                else:
                    await self._showing.respond(str(body["response_url"]), await made, replace=False)

    async def update(self, work: Awaitable[Message], title: str, view_id: str) -> None:
        """In the place of what a window shows."""
        with told():
            await self._showing.update(view_id, title, await work)
