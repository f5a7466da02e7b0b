"""Showing an answer where it was asked for: in the acknowledgement, in place of a message, in a window."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from handlers.gateway import SlackGateway, SlackRefused
from handlers.payload import view_of, who
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.chart import Chart
from handlers.views.parts.surfaces import (
    CHART,
    MOST_IN_A_MESSAGE,
    MOST_IN_A_VIEW,
    NATIVES,
    TABLE,
    modal,
    native_kinds,
    skeleton,
    without,
)
from handlers.views.replies import plain_reply

Body = dict[str, Any]
log = structlog.get_logger()
_NOT_OPENED = plain_reply("Slack couldn't open the window.", "Press the button again.")


class Presenter:
    """How this workspace takes native blocks is learnt from the first of each kind that is sent to it.

    An acknowledgement can't tell: so a kind that was never taken is sent by response_url first, where Slack answers.
    The operator may know it beforehand: all are `taken`, or all `refused`.
    """

    def __init__(self, gateway: SlackGateway, *, taken: bool = False, refused: bool = False) -> None:
        self.gateway = gateway
        self._known = NATIVES if taken else frozenset(), NATIVES if refused else frozenset()
        self.forget_what_was_learned()

    def forget_what_was_learned(self) -> None:
        """Forget what was learnt, not what the operator knows: the workspace may take other blocks by now."""
        taken, refused = self._known
        self._taken, self._refused, self._no_charts_at_home = set(taken), set(refused), bool(refused)

    def fits_acknowledgement(self, message: Message) -> bool:
        """Whether the message can go in an acknowledgement as it is."""
        return native_kinds(message) <= self._taken

    def without_native_blocks(self, message: Message) -> list[Block]:
        """The message's blocks for where no native one can be shown: numbers for charts, sections for tables."""
        return without(message, NATIVES, [None for _ in message.charts], MOST_IN_A_MESSAGE)

    async def respond(self, response_url: str, message: Message, *, replace: bool) -> None:
        """Send the message, with other means where Slack refuses a native block. Raises SlackRefused."""
        needed = native_kinds(message)
        if not needed & self._refused:
            try:
                await self.gateway.respond(response_url, ephemeral(message, message.blocks, replace=replace))
                self._taken |= needed
                return
            except SlackRefused as error:
                if error.word != "invalid_blocks" or not needed:
                    raise
                log.warning("native_blocks_refused", kinds=sorted(needed), detail=error.detail)
                self._refused |= needed - self._taken
                self._taken -= needed  # what was taken once is no longer sure
                needed = needed | self._refused
        fitting = await self._fitted(message, needed, MOST_IN_A_MESSAGE)
        await self.gateway.respond(response_url, ephemeral(message, fitting, replace=replace))

    async def update(self, view_id: str, title: str, message: Message) -> None:
        """Show the message in an open window. Raises SlackRefused."""
        fitting = await self._fitted(message, NATIVES, MOST_IN_A_VIEW)
        await self.gateway.update_view(view_id, modal(title, fitting))

    async def post(self, channel: str, message: Message) -> None:
        """Post the message to a channel, or to a user's own, as every workspace takes it. Raises SlackRefused."""
        await self.gateway.post(channel, {"text": message.text, "blocks": self.without_native_blocks(message)})

    async def publish(self, user_id: str, page: Message, as_view: Callable[[list[Block]], Body]) -> None:
        """Show the page in someone's Home tab: its charts natively, or as pictures where Slack refuses them there."""
        if CHART in native_kinds(page) and not self._no_charts_at_home:
            found = without(page, {TABLE}, [None for _ in page.charts], MOST_IN_A_VIEW)
            try:
                await self.gateway.publish_home(user_id, as_view(found))
                return
            except SlackRefused as error:
                if error.word not in ("invalid_blocks", "invalid_arguments"):
                    raise
                log.warning("no_charts_at_home", detail=error.detail)
                self._no_charts_at_home = True
        found = await self._fitted(page, NATIVES, MOST_IN_A_VIEW)
        await self.gateway.publish_home(user_id, as_view(found))

    async def _fitted(self, message: Message, refused: frozenset[str], most: int) -> list[Block]:
        pictures = [await self._picture(chart) if CHART in refused else None for chart in message.charts]
        return without(message, refused, pictures, most)

    async def _picture(self, chart: Chart) -> str | None:
        """The chart's picture; without one its numbers are shown, so a failure is noted and no more."""
        try:
            return await self.gateway.picture(chart)
        except Exception as error:
            log.warning("no_picture", error=type(error).__name__, reason=str(error)[:200])
            return None

    async def answer(self, work: Awaitable[Message], body: Body, *, replace: bool) -> None:
        """Through the request's response_url: below it, or in the place of the message that was clicked."""
        message = await work
        with logged_refusals():
            await self.respond(str(body.get("response_url", "")), message, replace=replace)

    async def answer_in_window(self, work: Awaitable[Message], title: str, body: Body, *, push: bool) -> None:
        """In a window, opened at once; where none can be opened, where it was asked for."""
        made = asyncio.ensure_future(work)
        view_id = await self._opened(skeleton(title), body, push=push)
        with logged_refusals():
            if view_id is None:
                await self._below(await made, title, body)
            else:
                await self.update(view_id, title, await made)

    async def open_form(self, form: Body, body: Body) -> None:
        """A window to fill in; where it can't be opened, that one may try again."""
        if await self._opened(form, body) is None:
            with logged_refusals():
                await self._below(_NOT_OPENED, "tierbot", body)

    async def _opened(self, view: Body, body: Body, *, push: bool = False) -> str | None:
        """The window's id; None where Slack or the network failed to open it."""
        try:
            return await self.gateway.open_view(str(body.get("trigger_id", "")), view, push=push)
        except Exception as error:
            log.warning("window_not_opened", error=type(error).__name__, reason=str(error)[:200])
            return None

    async def _below(self, message: Message, title: str, body: Body) -> None:
        """In the window or below the message that it was asked from; what Home asked comes as a message of its own."""
        view = view_of(body)
        if view is not None and view.get("type") == "modal":
            await self.update(str(view.get("id")), title, message)
        elif body.get("response_url"):
            await self.respond(str(body["response_url"]), message, replace=False)
        else:
            await self.post(who(body).user_id, message)

    async def fill_window(self, work: Awaitable[Message], title: str, view_id: str) -> None:
        """In the place of what a window shows."""
        with logged_refusals():
            await self.update(view_id, title, await work)


@contextmanager
def logged_refusals() -> Iterator[None]:
    """What Slack or the network refuses is logged: the person sees that nothing came, and asks again."""
    try:
        yield
    except SlackRefused as error:
        log.warning("response_lost", error=error.word, reason=error.detail[:200])
    except Exception as error:
        log.warning("response_lost", error=type(error).__name__, reason=str(error)[:200])


def ephemeral(message: Message, found: list[Block], *, replace: bool = False) -> Body:
    """The message for the asker alone."""
    body: Body = {"response_type": "ephemeral", "text": message.text, "blocks": found}
    return {**body, "replace_original": True} if replace else body
