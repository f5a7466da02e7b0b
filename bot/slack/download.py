"""Download files from Slack: only from Slack's own hosts, the token never goes anywhere else (slack#dropped-files)."""

from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from handlers.gateway import SlackRefused

DOWNLOAD_TIMEOUT = aiohttp.ClientTimeout(total=30)
_CHUNK_SIZE = 1 << 16


def is_slacks(url: str, api_url: str) -> bool:
    """Whether the URL is on the host of the Web API, or on one below it (files.slack.com), by the same scheme."""
    try:
        asked, api = urlsplit(url), urlsplit(api_url)
        same = (asked.scheme, asked.port) == (api.scheme, api.port)
    except ValueError:  # no address, or its port isn't a number
        return False
    host, of_slack = (asked.hostname or "").lower(), (api.hostname or "").lower()
    return same and not asked.username and bool(host) and (host == of_slack or host.endswith(f".{of_slack}"))


async def download(session: aiohttp.ClientSession, token: str, api_url: str, url: str, limit: int) -> bytes:
    """The file's bytes. Redirects aren't followed. Raises SlackRefused: see handlers.gateway."""
    if not is_slacks(url, api_url):
        raise SlackRefused("not_slacks_address")
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with session.get(url, headers=headers, timeout=DOWNLOAD_TIMEOUT, allow_redirects=False) as answer:
            return await _body(answer, limit)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise SlackRefused("unreachable", type(error).__name__) from error


async def _body(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    if answer.status in (HTTPStatus.FOUND, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise SlackRefused("missing_scope", "files:read")
    if answer.status != HTTPStatus.OK:
        raise SlackRefused(str(answer.status))
    if answer.content_type == "text/html":  # Slack's sign-in page, which it answers with where a scope is missing
        raise SlackRefused("missing_scope", "files:read")
    found = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK_SIZE):
        found += chunk
        if len(found) > limit:
            raise SlackRefused("too_large")
    return bytes(found)
