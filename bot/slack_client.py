"""The way out to Slack: one shared session, a Web API client, and posts to response_urls."""

from typing import Any

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.upload import UploadFailed, upload_png

TIMEOUT_SECONDS = 2.5
log = structlog.get_logger()


class ResponseRefused(RuntimeError):
    """A response_url was not Slack's, or Slack did not take the message."""


class SlackOut:
    """Open it, use the client, `respond` and `upload`, close it. No message is sent again by itself: a repeat could
    double a post.
    """

    def __init__(self, token: str, api_url: str, response_prefix: str) -> None:
        self._token, self._api_url, self._prefix = token, api_url, response_prefix
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None

    async def open(self) -> AsyncWebClient:
        """The Web API client over the shared session."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        self._client = AsyncWebClient(
            token=self._token,
            base_url=self._api_url,
            session=self._session,
            retry_handlers=[],
            trust_env_in_session=False,
        )
        return self._client

    async def respond(self, response_url: str, body: dict[str, Any]) -> None:
        """Post a message to a response_url (5 times within 30 minutes at most). Raises ResponseRefused."""
        if not response_url.startswith(self._prefix) or self._session is None:
            raise ResponseRefused("not one of Slack's addresses")
        async with self._session.post(response_url, json=body, allow_redirects=False) as answer:
            said = await answer.text()
            if answer.status != 200 or '"ok":false' in said.replace(" ", ""):
                raise ResponseRefused(f"{answer.status} {said[:100]}")

    async def upload(self, data: bytes, name: str, title: str) -> str:
        """The id of a picture that is ready to be shown in an image block; takes some seconds. Raises UploadFailed."""
        if self._session is None or self._client is None:
            raise UploadFailed("there is no connection to Slack")
        return await upload_png(self._client, self._session, data, name, title)

    async def close(self) -> None:
        """Let go of the session."""
        if self._session is not None:
            await self._session.close()
