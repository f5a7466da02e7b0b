"""Shows an answer where its question was asked: in the acknowledgement, in place of a message, in a modal."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from handlers.acknowledgement import ephemeral
from handlers.gateway import SlackGateway, SlackRefused
from handlers.payload import is_only_the_clickers, thread_of, view_of, viewer_of
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.chart import Chart
from handlers.views.parts.surfaces import (
    CHART,
    MAX_BLOCKS_IN_MESSAGE,
    MAX_BLOCKS_IN_VIEW,
    NATIVES,
    TABLES,
    modal,
    native_kinds,
    skeleton,
    without,
    without_natives,
)
from handlers.views.replies import plain_reply

Body = dict[str, Any]
log = structlog.get_logger()
PUSH_LIMIT = "push_limit_reached"
_NOT_OPENED = plain_reply("Slack couldn't open the window.", "Press the button again.")


class Presenter:
    """Sends messages to Slack, and learns which native blocks this workspace accepts.

    Slack doesn't say whether it accepted an acknowledgement, so a kind of block that it has never accepted goes to the
    response_url, where it does. An operator who knows beforehand sets all kinds as `accepted`, or as `rejected`.
    """

    def __init__(self, gateway: SlackGateway, *, accepted: bool = False, rejected: bool = False) -> None:
        self.gateway = gateway
        self._configured = NATIVES if accepted else frozenset(), NATIVES if rejected else frozenset()
        self.forget_what_was_learned()

    def forget_what_was_learned(self) -> None:
        """Forget what was learned, but not what the operator set: the workspace may accept other blocks by now."""
        accepted, rejected = self._configured
        self._accepted, self._rejected, self._no_charts_at_home = set(accepted), set(rejected), bool(rejected)

    def fits_acknowledgement(self, kinds: frozenset[str]) -> bool:
        """Whether the workspace is known to accept these native blocks, so that an acknowledgement can carry them."""
        return kinds <= self._accepted

    def without_native_blocks(self, message: Message) -> list[Block]:
        """The message's blocks without native ones: numbers for charts, sections for tables."""
        return without_natives(message)

    async def respond(
        self, response_url: str, message: Message, *, replace: bool, thread_ts: str | None = None
    ) -> None:
        """Post the message, replacing its native blocks where Slack rejects them. Raises SlackRefused.

        With `replace` it takes the place of the message that was clicked, for everyone who sees that one.
        """
        needed = native_kinds(message)
        if not needed & self._rejected:
            try:
                await self.gateway.respond(
                    response_url, ephemeral(message, message.blocks, replace=replace, thread_ts=thread_ts)
                )
                self._accepted |= needed
                return
            except SlackRefused as error:
                if error.word != "invalid_blocks" or not needed:
                    raise
                log.warning("native_blocks_rejected", kinds=sorted(needed), detail=error.detail)
                self._rejected |= needed - self._accepted
                self._accepted -= needed  # an earlier acceptance no longer counts
                needed = needed | self._rejected
        blocks = await self._adapted(message, needed, MAX_BLOCKS_IN_MESSAGE)
        await self.gateway.respond(response_url, ephemeral(message, blocks, replace=replace, thread_ts=thread_ts))

    async def update(self, view_id: str, title: str, message: Message) -> None:
        """Show the message in an open modal. Raises SlackRefused."""
        blocks = await self._adapted(message, NATIVES, MAX_BLOCKS_IN_VIEW)
        await self.gateway.update_view(view_id, modal(message.window or title, blocks))

    async def post(self, channel: str, message: Message) -> None:
        """Post the message to a channel or a user, without native blocks. Raises SlackRefused."""
        await self.gateway.post(channel, {"text": message.text, "blocks": self.without_native_blocks(message)})

    async def post_natively(self, channel: str, message: Message, thread_ts: str | None = None) -> None:
        """Post the message, in a thread if named; with native tables if Slack takes them. Raises SlackRefused."""
        thread = {"thread_ts": thread_ts} if thread_ts else {}
        needed = native_kinds(message)
        if needed and not needed & self._rejected:
            try:
                await self.gateway.post(channel, {"text": message.text, "blocks": message.blocks, **thread})
                return
            except SlackRefused as error:
                if error.word != "invalid_blocks":
                    raise
                log.warning("native_blocks_rejected", kinds=sorted(needed), detail=error.detail)
        blocks = self.without_native_blocks(message)
        await self.gateway.post(channel, {"text": message.text, "blocks": blocks, **thread})

    async def publish(self, user_id: str, page: Message, as_view: Callable[[list[Block]], Body]) -> None:
        """Show the page in the user's Home tab, charts as pictures where Slack rejects them. Raises SlackRefused."""
        if CHART in native_kinds(page) and not self._no_charts_at_home:
            blocks = without(page, TABLES, [None for _ in page.charts], MAX_BLOCKS_IN_VIEW)
            try:
                await self.gateway.publish_home(user_id, as_view(blocks))
                return
            except SlackRefused as error:
                if error.word not in ("invalid_blocks", "invalid_arguments"):
                    raise
                log.warning("charts_rejected_in_home", detail=error.detail)
                self._no_charts_at_home = True
        blocks = await self._adapted(page, NATIVES, MAX_BLOCKS_IN_VIEW)
        await self.gateway.publish_home(user_id, as_view(blocks))

    async def _adapted(self, message: Message, rejected: frozenset[str], limit: int) -> list[Block]:
        drawn = [CHART in rejected and chart.kind == "line" for chart in message.charts]  # bars are shown as numbers
        pictures = [
            await self._picture(chart) if is_ else None for chart, is_ in zip(message.charts, drawn, strict=True)
        ]
        return without(message, rejected, pictures, limit)

    async def _picture(self, chart: Chart) -> str | None:
        """The file id of the chart's picture; None, with a log line, where that fails: numbers are shown instead, and
        for bars in any case.
        """
        if chart.kind == "bar":
            return None
        try:
            return await self.gateway.picture(chart)
        except Exception as error:
            log.warning("picture_failed", error=type(error).__name__, reason=str(error)[:200])
            return None

    async def answer(
        self, work: Awaitable[Message], body: Body, *, for_everyone: bool = False, below: bool = False
    ) -> None:
        """Reply at the request's response_url, to the viewer alone.

        The answer to a click replaces the clicked message where only the viewer sees that one, unless it is to be
        `below`; otherwise it appears below. With `for_everyone` it replaces the message for everyone: only for what is
        true for everyone.
        """
        message = await work
        replace = for_everyone or (is_only_the_clickers(body) and not below)
        with failures_logged():
            url, thread_ts = str(body.get("response_url", "")), None if replace else thread_of(body)
            await self.respond(url, message, replace=replace, thread_ts=thread_ts)

    async def answer_in_modal(self, work: Awaitable[Message], title: str, body: Body, *, push: bool) -> None:
        """Reply in a modal that opens immediately; where it can't be opened, reply where the question was asked."""
        answer = asyncio.ensure_future(work)
        view_id = await self._opened(skeleton(title), body, push=push)
        with failures_logged():
            if view_id is None:
                await self._reply_in_place(await answer, title, body)
            else:
                await self.update(view_id, title, await answer)

    async def open_form(self, work: Awaitable[Body], title: str, body: Body, *, push: bool = False) -> None:
        """Open a modal immediately, and show in it the view that takes time to make."""
        view = asyncio.ensure_future(work)
        view_id = await self._opened(skeleton(title), body, push=push)
        with failures_logged():
            if view_id is None:
                await view
                await self._reply_in_place(_NOT_OPENED, title, body)
            else:
                await self.gateway.update_view(view_id, await view)

    async def open_view(self, view: Body, body: Body, *, push: bool = False) -> None:
        """Open a modal, with `push` on top of the one that is open; where that fails, say to press it again."""
        if await self._opened(view, body, push=push) is None:
            with failures_logged():
                await self._reply_in_place(_NOT_OPENED, "tierbot", body)

    async def _opened(self, view: Body, body: Body, *, push: bool = False) -> str | None:
        """The id of the modal; None where Slack or the network failed to open it. On top of three it takes the
        third's place (slack#responses).
        """
        try:
            return await self._open_or_replace(view, body, push=push)
        except Exception as error:
            log.warning("modal_not_opened", error=type(error).__name__, reason=str(error)[:200])
            return None

    async def _open_or_replace(self, view: Body, body: Body, *, push: bool) -> str:
        try:
            return await self.gateway.open_view(str(body.get("trigger_id", "")), view, push=push)
        except SlackRefused as error:
            if error.word != PUSH_LIMIT:
                raise
        clicked = str((view_of(body) or {}).get("id"))
        await self.gateway.update_view(clicked, view)
        return clicked

    async def _reply_in_place(self, message: Message, title: str, body: Body) -> None:
        """Reply in the modal or below the message where the question was asked; to Home, with a direct message."""
        view = view_of(body)
        if view is not None and view.get("type") == "modal":
            await self.update(str(view.get("id")), title, message)
        elif body.get("response_url"):
            await self.respond(str(body["response_url"]), message, replace=False, thread_ts=thread_of(body))
        else:
            await self.post(viewer_of(body).user_id, message)

    async def fill_modal(self, work: Awaitable[Message], title: str, view_id: str) -> None:
        """Replace what an open modal shows."""
        with failures_logged():
            await self.update(view_id, title, await work)


async def as_awaitable(message: Message) -> Message:
    """A message that is there already, for what waits for one."""
    return message


@contextmanager
def failures_logged() -> Iterator[None]:
    """Log what Slack rejects or the network loses, and go on: the viewer sees no reply, and can ask again."""
    try:
        yield
    except SlackRefused as error:
        log.warning("response_lost", error=error.word, reason=error.detail[:200])
    except Exception as error:
        log.warning("response_lost", error=type(error).__name__, reason=str(error)[:200])
