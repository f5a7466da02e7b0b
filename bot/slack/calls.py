"""One call to Slack: what its failure means to whoever made it, and when it is made again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.slack.errors import SlackFailure, failure_of
from handlers.gateway import SlackRefused

_MAX_RETRIES = 2
DEFAULT_PAUSE = 1.0  # seconds, without a Retry-After
_MAX_PAUSE = 8.0  # seconds; shorter than a stopping bot waits for what it has acknowledged


async def checked(call: Awaitable[Any], *, repeatable: bool = False) -> Any:
    """The call's answer. Raises SlackRefused; that of a `repeatable` (idempotent) call allows a retry after a failure
    of Slack's.
    """
    try:
        return await call
    except SlackApiError as error:
        raise refused(failure_of(error), repeatable=repeatable) from error


def refused(failure: SlackFailure, *, repeatable: bool) -> SlackRefused:
    """What the failure is to whoever called."""
    may_retry = failure.is_rate_limit or (repeatable and failure.is_server_error)
    after = failure.retry_after if failure.retry_after is not None else DEFAULT_PAUSE
    return SlackRefused(failure.word or str(failure.status), failure.detail, after if may_retry else None)


async def with_retries(call: Callable[[], Awaitable[Any]]) -> Any:
    """The call's answer, retried when Slack asks for it. Not for opening a modal: its trigger expires in 3 seconds."""
    for _ in range(_MAX_RETRIES):
        try:
            return await call()
        except SlackRefused as error:
            if error.after is None or error.after > _MAX_PAUSE:
                raise
            await asyncio.sleep(error.after)
    return await call()
