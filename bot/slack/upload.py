"""Upload a picture to Slack: get an upload URL, send the bytes, complete the upload, wait until Slack has processed it.

The file can then be used in an image block: {"type": "image", "slack_file": {"id": …}, "alt_text": …}. An upload takes
a few seconds, so an acknowledgement, which has three, must not wait for it.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import SlackFailure, failure_of, retry_after

PAUSES = (0.25, 0.5, 1.0, 2.0, 4.0)
SEND_TIMEOUT = aiohttp.ClientTimeout(total=10)
MAX_WAIT = 4.0
_TRANSIENT = (aiohttp.ClientError, TimeoutError)
Answer = TypeVar("Answer")
log = structlog.get_logger()


class UploadFailed(RuntimeError):
    """The picture isn't in Slack, or isn't ready; the message names the step and Slack's answer."""


class _Retry(Exception):
    """The step may work if it is retried after `seconds`."""

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
    """Upload a PNG; the id of the file, ready to be shown. Until a message shows it, only the bot can see it.

    `pauses` are the seconds between checks for readiness. Needs files:write and files:read. If a step fails on the way,
    the upload is tried once more with a new file, and nobody sees the first. Raises UploadFailed.
    """
    try:
        file_id = await _upload(client, session, data, name, title)
    except _Retry as first:
        log.info("upload_retried", reason=str(first))
        await asyncio.sleep(first.seconds)
        try:
            file_id = await _upload(client, session, data, name, title)
        except _Retry as second:
            raise UploadFailed(str(second)) from second
    await _wait_until_ready(client, file_id, pauses)
    return file_id


async def send_file(
    client: AsyncWebClient, session: aiohttp.ClientSession, user_id: str, data: bytes, name: str, comment: str
) -> None:
    """Send a file to a user in a direct message, under the comment. Needs files:write and im:write. A step that fails
    on the way is not repeated, or the file might arrive twice. Raises UploadFailed.
    """
    try:
        opened = await _step("opening the direct message", client.conversations_open(users=user_id))
        to = {"channel_id": str(opened["channel"]["id"]), "initial_comment": comment}
        await _upload(client, session, data, name, name, to)
    except _Retry as error:
        raise UploadFailed(str(error)) from error


async def _upload(
    client: AsyncWebClient,
    session: aiohttp.ClientSession,
    data: bytes,
    name: str,
    title: str,
    to: Mapping[str, Any] | None = None,
) -> str:
    """The three steps of an upload; the file's id. Raises _Retry, UploadFailed."""
    slot = await _step("asking for an address", client.files_getUploadURLExternal(filename=name, length=len(data)))
    await _step("sending the bytes", _post(session, str(slot["upload_url"]), data))
    file_id = str(slot["file_id"])
    done = client.files_completeUploadExternal(files=[{"id": file_id, "title": title}], **(to or {}))
    await _step("finishing the upload", done)
    return file_id


async def _post(session: aiohttp.ClientSession, address: str, data: bytes) -> None:
    async with session.post(address, data=data, timeout=SEND_TIMEOUT, allow_redirects=False) as answer:
        if answer.status != HTTPStatus.OK:
            text = (await answer.text())[:100]
            raise _failed_step(
                "sending the bytes", SlackFailure(answer.status, text, retry_after=retry_after(answer.headers))
            )


async def _step(what: str, call: Awaitable[Answer]) -> Answer:
    """The call's answer. Raises _Retry, UploadFailed."""
    try:
        return await call
    except SlackApiError as error:
        raise _failed_step(what, failure_of(error)) from error
    except _TRANSIENT as error:
        raise _Retry(f"{what}: {type(error).__name__}") from error


def _failed_step(what: str, failure: SlackFailure) -> Exception:
    """_Retry where the step may work later, UploadFailed where not."""
    seconds = failure.retry_after or 0.0
    why = f"{what}: {failure.status} {failure.reason}" if failure.word else f"{what}: {failure.reason}"
    if seconds <= MAX_WAIT and (failure.is_rate_limit or failure.is_server_error):
        return _Retry(why, seconds)
    return UploadFailed(f"{why}{f', again in {seconds:.0f} s' if seconds else ''}")


async def _wait_until_ready(client: AsyncWebClient, file_id: str, pauses: Sequence[float]) -> None:
    """Poll until Slack has processed the file, through passing failures. Raises UploadFailed."""
    left, retry_after_seconds, why = sum(pauses), 0.0, "Slack is still looking at it"
    for pause in (0.0, *pauses):
        wait = min(max(pause, retry_after_seconds), left)
        await asyncio.sleep(wait)
        left, retry_after_seconds = left - wait, 0.0
        try:
            answer = await _step("waiting for the file", client.files_info(file=file_id))
        except _Retry as error:
            retry_after_seconds, why = error.seconds, str(error)
            continue
        if answer["file"].get("mimetype"):
            return
    raise UploadFailed(f"the file is not ready after {sum(pauses):.2g} s: {why}")
