"""Calls to Slack for the handlers: Web API and response_urls, over one shared session."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.calls import DEFAULT_PAUSE, checked, refused, with_retries
from bot.slack.download import download
from bot.slack.errors import failure_in
from bot.slack.lookups import MEMBERS_A_PAGE, Lookups, all_members
from bot.slack.upload import UploadFailed, send_file, upload_png
from handlers.enterprise import Installation
from handlers.gateway import ChannelInfo, Profile, SlackRefused
from handlers.views.parts.chart import Chart
from tiercore.access import SlackUser

TIMEOUT_SECONDS = 2.5
_MAX_PICTURES = 500
Body = dict[str, Any]
log = structlog.get_logger()


class SlackClient:
    """Slack for the handlers (a SlackGateway), over a session that others may share. Rate limits (429) are retried;
    failures of Slack's (5xx) only for a response_url, a modal or Home, because any other retry could post twice.

    Everything sent goes through `spelled`, which spells commands as this workspace has them. Every method may raise
    SlackRefused, and what the network raises.
    """

    def __init__(
        self,
        token: str,
        api_url: str,
        response_prefix: str,
        session: aiohttp.ClientSession,
        installation: Installation | None = None,
        spelled: Callable[[Body], Body] = lambda body: body,
    ) -> None:
        self._token, self._api_url, self._prefix, self._spelled = token, api_url, response_prefix, spelled
        self._session, self._installation = session, installation
        self.client = web_client(token, api_url, session)
        self._pictures: dict[Chart, str] = {}
        self._seen = Lookups(self._channel, self._user)

    async def respond(self, response_url: str, body: Body) -> None:
        """Post a message to a response_url, which Slack accepts 5 times within 30 minutes."""
        if not response_url.startswith(self._prefix):
            raise SlackRefused("not_slacks_address")
        await with_retries(lambda: self._respond(response_url, self._spelled(body)))

    async def _respond(self, response_url: str, body: Body) -> None:
        async with self._session.post(response_url, json=body, allow_redirects=False) as answer:
            failure = failure_in(answer.status, answer.headers, await answer.text())
        if failure:
            raise refused(failure, repeatable=True)

    async def open_view(self, trigger_id: str, view: Body, *, push: bool = False) -> str:
        """Open a modal, or push it on top of the open one; its id."""
        method = self.client.views_push if push else self.client.views_open
        answer = await checked(method(trigger_id=trigger_id, view=self._spelled(view)))
        return str(answer["view"]["id"])

    async def update_view(self, view_id: str, view: Body) -> None:
        """Replace the contents of a modal."""
        spelled = self._spelled(view)
        await with_retries(lambda: checked(self.client.views_update(view_id=view_id, view=spelled), repeatable=True))

    async def publish_home(self, user_id: str, view: Body) -> None:
        """Publish a user's Home tab."""
        spelled = self._spelled(view)
        await with_retries(lambda: checked(self.client.views_publish(user_id=user_id, view=spelled), repeatable=True))

    async def post(self, channel: str, body: Body) -> str:
        """Post a message to a channel, or to a user's direct message; its timestamp."""
        spelled = self._spelled(body)
        answer = await with_retries(lambda: checked(self.client.chat_postMessage(channel=channel, **spelled)))
        return str(answer["ts"])

    async def picture(self, chart: Chart) -> str:
        """The file id of the chart as a picture, uploaded and ready to be shown; equal charts are uploaded once."""
        from bot.charts.png import draw  # loads matplotlib

        file_id = self._pictures.get(chart)
        if file_id is None:
            data = await asyncio.to_thread(draw, chart)
            file_id = await upload_png(self.client, self._session, data, "points.png", chart.title)
            self._pictures[chart] = file_id
            while len(self._pictures) > _MAX_PICTURES:
                del self._pictures[next(iter(self._pictures))]
        return file_id

    async def send_file(self, user_id: str, name: str, data: bytes, comment: str) -> None:
        """See handlers.gateway."""
        try:
            await send_file(self.client, self._session, user_id, data, name, comment)
        except UploadFailed as error:
            raise SlackRefused("upload_failed", str(error)) from error

    async def download(self, url: str, limit: int) -> bytes:
        """See handlers.gateway. Failures of Slack's and of the network are retried once."""
        try:
            return await download(self._session, self._token, self._api_url, url, limit)
        except SlackRefused as error:
            if error.word != "unreachable" and not error.word.startswith(("5", "429")):
                raise
            await asyncio.sleep(DEFAULT_PAUSE)
        return await download(self._session, self._token, self._api_url, url, limit)

    async def file(self, file_id: str) -> Body:
        """See handlers.gateway: files.info."""
        answer = await with_retries(lambda: checked(self.client.files_info(file=file_id), repeatable=True))
        return dict(answer["file"])

    async def members(self, channel_id: str, limit: int) -> list[str] | None:
        """See handlers.gateway: conversations.members, page by page."""
        page: Callable[..., Awaitable[Any]] = partial(
            self.client.conversations_members, channel=channel_id, limit=MEMBERS_A_PAGE
        )
        return await all_members(lambda more: with_retries(lambda: checked(page(**more), repeatable=True)), limit)

    async def timezone_of(self, user_id: str) -> str | None:
        """The time zone in a user's Slack profile, an IANA name; None where the app may not see it."""
        return (await self._user_or_nobody(user_id)).get("tz")

    async def email_of(self, user_id: str) -> str | None:
        """The e-mail in a user's Slack profile; None where the app may not see it."""
        return ((await self._user_or_nobody(user_id)).get("profile") or {}).get("email")

    async def channel(self, channel_id: str, *, fresh: bool = False) -> ChannelInfo | None:
        """See handlers.gateway: conversations.info."""
        return await self._seen.channel(channel_id, fresh=fresh)

    async def profile(self, user_id: str) -> Profile | None:
        """See handlers.gateway: users.info."""
        return await self._seen.profile(user_id)

    def forget(self, id_: str) -> None:
        """See handlers.gateway."""
        self._seen.forget(id_)

    async def _channel(self, channel_id: str) -> Body:
        return dict((await checked(self.client.conversations_info(channel=channel_id)))["channel"])

    async def verified_email_of(self, user: SlackUser) -> str | None:
        """See handlers.gateway.SlackGateway."""
        found = await self._user_or_nobody(user.user_id)
        not_a_member = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "is_invited_user")
        is_member = (
            user.team_id in _teams_of(found)
            and self._is_of_installation(found)
            and not any(found.get(each) for each in not_a_member)
        )
        if not is_member or found.get("is_email_confirmed") is not True:
            return None
        email = (found.get("profile") or {}).get("email")
        return str(email).strip().lower() if email else None

    def _is_of_installation(self, user: Body) -> bool:
        """Whether someone is a member of the workspace, or of the enterprise, that the token is of."""
        here = self._installation
        enterprise_id = _enterprise_user(user).get("enterprise_id")
        return here is not None and (here.team_id in _teams_of(user) or (enterprise_id or "") == here.enterprise_id)

    async def enterprise_of(self, user: SlackUser) -> str | None:
        """See handlers.gateway.SlackGateway."""
        found = await self._user_or_nobody(user.user_id)
        if user.team_id not in _teams_of(found):
            return None
        return str(_enterprise_user(found).get("enterprise_id") or "")

    async def _user(self, user_id: str) -> Body:
        return dict((await checked(self.client.users_info(user=user_id)))["user"])

    async def _user_or_nobody(self, user_id: str) -> Body:
        try:
            return await self._user(user_id)
        except SlackRefused:
            return {}


def installation_of(identity: AsyncSlackResponse) -> Installation:
    """Where a token is installed, by the answer of auth.test."""
    enterprise_id = identity.get("enterprise_id")
    return Installation(
        str(identity.get("team_id") or enterprise_id),
        str(enterprise_id) if enterprise_id else None,
        identity.get("is_enterprise_install") is True,
        str(identity.get("user_id") or ""),
    )


def web_client(token: str | None, api_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client of the Web API that never retries on its own."""
    return AsyncWebClient(token=token, base_url=api_url, session=session, retry_handlers=[], trust_env_in_session=False)


def answering_session() -> aiohttp.ClientSession:
    """A session for what people wait for."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))


def posting_session(seconds: float) -> aiohttp.ClientSession:
    """A session for messages that go out by themselves: a post may take longer than an answer."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds))


def _teams_of(user: Body) -> set[str]:
    """The workspaces that users.info says someone is a member of."""
    return {str(each) for each in (user.get("team_id"), *(_enterprise_user(user).get("teams") or ())) if each}


def _enterprise_user(user: Body) -> Body:
    """What users.info says about someone as a member of an enterprise."""
    return user.get("enterprise_user") or {}
