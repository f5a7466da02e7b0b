"""Where what was made goes: after a command, in the place of a message, into a window."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager

import structlog

from handlers.gateway import SlackRefused
from handlers.payload import Body, view_of, who
from handlers.presenter import Presenter
from handlers.views.parts.blocks import Message
from handlers.views.parts.surfaces import skeleton
from handlers.views.replies import plain_reply

log = structlog.get_logger()
_NOT_OPENED = plain_reply("Slack couldn't open the window.", "Press the button again.")


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

    def __init__(self, presenter: Presenter) -> None:
        self._showing = presenter

    async def respond(self, work: Awaitable[Message], body: Body, *, replace: bool) -> None:
        """Through the request's response_url: below it, or in the place of the message that was clicked."""
        message = await work
        with told():
            await self._showing.respond(str(body.get("response_url", "")), message, replace=replace)

    async def open(self, work: Awaitable[Message], title: str, body: Body, *, push: bool) -> None:
        """In a window, opened at once; where none can be opened, where it was asked for."""
        made = asyncio.ensure_future(work)
        view_id = await self._opened(skeleton(title), body, push=push)
        with told():
            if view_id is None:
                await self._below(await made, title, body)
            else:
                await self._showing.update(view_id, title, await made)

    async def fill_in(self, form: Body, body: Body) -> None:
        """A window to fill in; where it can't be opened, that one may try again."""
        if await self._opened(form, body) is None:
            with told():
                await self._below(_NOT_OPENED, "tierbot", body)

    async def _opened(self, view: Body, body: Body, *, push: bool = False) -> str | None:
        """The window's id; None where Slack or the network failed to open it."""
        try:
            return await self._showing.gateway.open_view(str(body.get("trigger_id", "")), view, push=push)
        except Exception as error:
            log.warning("window_not_opened", error=type(error).__name__, reason=str(error)[:200])
            return None

    async def _below(self, message: Message, title: str, body: Body) -> None:
        """In the window or below the message that it was asked from; what Home asked comes as a message of its own."""
        view = view_of(body)
        if view is not None and view.get("type") == "modal":
            await self._showing.update(str(view.get("id")), title, message)
        elif body.get("response_url"):
            await self._showing.respond(str(body["response_url"]), message, replace=False)
        else:
            await self._showing.post(who(body).user_id, message)

    async def update(self, work: Awaitable[Message], title: str, view_id: str) -> None:
        """In the place of what a window shows."""
        with told():
            await self._showing.update(view_id, title, await work)
