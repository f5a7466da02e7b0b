"""A picture's way into Slack: ask for an address, send the bytes, finish the upload, wait until Slack has looked at it.

What comes of it can stand in an image block: {"type": "image", "slack_file": {"id": …}, "alt_text": …}. It takes a few
seconds, so nothing that has three seconds may wait for it.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from http import HTTPStatus
from typing import TypeVar

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import SlackFailure, failure_of, retry_after

PAUSES = (0.25, 0.5, 1.0, 2.0, 4.0)
SEND_SECONDS = aiohttp.ClientTimeout(total=10)
LONGEST_WAIT = 4.0
_TRANSIENT = (aiohttp.ClientError, TimeoutError)
Answer = TypeVar("Answer")
log = structlog.get_logger()


class UploadFailed(RuntimeError):
    """The picture is not in Slack, or not ready; the message says at which step, and what Slack said."""


class _Again(Exception):
    """It may work if it is tried once more after so many seconds."""

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        super().__init__(why)
        self.seconds = seconds


async def upload_png(
    client: AsyncWebClient,
    session: aiohttp.ClientSession,
    data: bytes,
    name: str,
    title: str,
    *,
    pauses: Sequence[float] = PAUSES,
) -> str:
    """The id of the uploaded file, ready to be shown; until a message shows it, only the bot sees it.

    `pauses` are the seconds between looks at whether it is ready. Needs files:write and files:read. A step that is
    lost on the way is done once more with a new file; the first one stays unseen. Raises UploadFailed.
    """
    try:
        file_id = await _sent(client, session, data, name, title)
    except _Again as first:
        log.info("uploading once more", why=str(first))
        await asyncio.sleep(first.seconds)
        try:
            file_id = await _sent(client, session, data, name, title)
        except _Again as second:
            raise UploadFailed(str(second)) from second
    await _ready(client, file_id, pauses)
    return file_id


async def _sent(client: AsyncWebClient, session: aiohttp.ClientSession, data: bytes, name: str, title: str) -> str:
    """The three steps, one after the other. Raises _Again, UploadFailed."""
    place = await _step("asking for an address", client.files_getUploadURLExternal(filename=name, length=len(data)))
    await _step("sending the bytes", _post(session, str(place["upload_url"]), data))
    file_id = str(place["file_id"])
    done = client.files_completeUploadExternal(files=[{"id": file_id, "title": title}])
    await _step("finishing the upload", done)
    return file_id


async def _post(session: aiohttp.ClientSession, address: str, data: bytes) -> None:
    async with session.post(address, data=data, timeout=SEND_SECONDS, allow_redirects=False) as answer:
        if answer.status != HTTPStatus.OK:
            said = (await answer.text())[:100]
            raise _refusal(
                "sending the bytes", SlackFailure(answer.status, said, retry_after=retry_after(answer.headers))
            )


async def _step(what: str, call: Awaitable[Answer]) -> Answer:
    """What the call gives. Raises _Again, UploadFailed."""
    try:
        return await call
    except SlackApiError as error:
        raise _refusal(what, failure_of(error)) from error
    except _TRANSIENT as error:
        raise _Again(f"{what}: {type(error).__name__}") from error


def _refusal(what: str, failure: SlackFailure) -> Exception:
    """Whether to try again or to give up."""
    seconds = failure.retry_after or 0.0
    why = f"{what}: {failure.status} {failure.reason}" if failure.word else f"{what}: {failure.reason}"
    if seconds <= LONGEST_WAIT and (failure.is_rate_limit or failure.is_servers):
        return _Again(why, seconds)
    return UploadFailed(f"{why}{f', again in {seconds:.0f} s' if seconds else ''}")


async def _ready(client: AsyncWebClient, file_id: str, pauses: Sequence[float]) -> None:
    """Look until Slack is through with the file; what goes wrong with one look may go right with the next."""
    left, asked, why = sum(pauses), 0.0, "Slack is still looking at it"
    for pause in (0.0, *pauses):
        rest = min(max(pause, asked), left)
        await asyncio.sleep(rest)
        left, asked = left - rest, 0.0
        try:
            found = await _step("waiting for the file", client.files_info(file=file_id))
        except _Again as error:
            asked, why = error.seconds, str(error)
            continue
        if found["file"].get("mimetype"):
            return
    raise UploadFailed(f"the file is not ready after {sum(pauses):.2g} s: {why}")
