"""The checks that ask Slack, with reading calls only."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor.finding import Finding, good, must, note
from bot.settings import Settings
from bot.slack.errors import failure_of
from bot.slack.scopes import SCOPES
from bot.slack.slack_time import TOLERABLE_SECONDS
from tiercore.notifications.types import Subscription

TIMEOUT_SECONDS = 10
_NOT_IN = frozenset({"not_in_channel", "channel_not_found"})


async def check_slack(
    settings: Settings,
    subscriptions: Sequence[Subscription],
    enterprises: Mapping[str, str],
    clock: Callable[[], float] = time.time,
) -> list[Finding]:
    """Check the token, its scopes, the clock, and the channels with subscriptions; a note where no token is set.

    `enterprises` has the enterprise of each workspace that is of one. `clock` gives this machine's time in seconds
    since 1970.
    """
    if settings.slack_bot_token is None:
        return [note("Slack: left out, because neither SLACK_BOT_TOKEN nor SLACK_CLIENT_ID is set")]
    token = settings.slack_bot_token.get_secret_value()
    found = [] if settings.slack_signing_secret or settings.slack_app_token else [_NO_DELIVERY]
    remedy = "copy the Bot User OAuth Token from OAuth & Permissions (xoxb-…)"
    return [*found, *await check_token(settings, token, remedy, subscriptions, enterprises, clock)]


async def check_token(
    settings: Settings,
    token: str,
    remedy: str,
    subscriptions: Sequence[Subscription],
    enterprises: Mapping[str, str],
    clock: Callable[[], float] = time.time,
) -> list[Finding]:
    """Check one workspace's token, and with it what check_slack does; `remedy` is for a refused one."""
    client = AsyncWebClient(
        token, base_url=settings.slack_api_url, timeout=TIMEOUT_SECONDS, retry_handlers=[], trust_env_in_session=False
    )
    try:
        answer = await client.auth_test()
        received = clock()
    except SlackApiError as error:
        return [must(f"Slack: the bot token is refused: {failure_of(error).reason}", remedy)]
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        what = f"Slack: {settings.slack_api_url} can't be reached: {type(error).__name__}"
        return [must(what, "check the network, and TIERBOT_SLACK_API_URL if you set it")]
    headers = {key.lower(): value for key, value in answer.headers.items()}
    team = str(answer["team_id"])
    found = [good(f"Slack: the token is {answer['user']}'s in {answer['team']} ({team})")]
    found += _scopes(headers)
    found += _clock(headers, received)
    own = enterprises.get(team, team)
    ours = [each for each in subscriptions if enterprises.get(each.team_id, each.team_id) == own]
    return [*found, *await _channels(client, ours)]


_NO_DELIVERY = must(
    "Slack: neither SLACK_SIGNING_SECRET nor SLACK_APP_TOKEN is set, so tierbot serve can't start",
    "set the first for HTTP (Basic Information), the second for Socket Mode",
)


def _scopes(headers: Mapping[str, str]) -> Iterator[Finding]:
    header = headers.get("x-oauth-scopes")
    if header is None:
        yield note("scopes: Slack doesn't say which are granted")
        return
    granted = {each.strip() for each in header.split(",")}
    missing = [each for each in SCOPES if each.name not in granted]
    if not missing:
        yield good(f"scopes: all {len(SCOPES)} are granted")
    for each in missing:
        what = f"scopes: {each.name} is not granted: {each.without}"
        remedy = "add it under OAuth & Permissions and install the app again"
        yield note(what, remedy) if each.optional else must(what, remedy)


def _clock(headers: Mapping[str, str], now: float) -> Iterator[Finding]:
    try:
        off = now - parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        yield note("clock: Slack doesn't say what time it is")
        return
    if abs(off) <= TOLERABLE_SECONDS:
        yield good("clock: as Slack's")
        return
    what = f"clock: this machine is {abs(off):,.0f} seconds {'ahead of' if off > 0 else 'behind'} Slack"
    yield must(f"{what}; tierbot serve goes by Slack's time, other commands here don't", "set the clock by NTP")


async def _channels(client: AsyncWebClient, subscriptions: Sequence[Subscription]) -> list[Finding]:
    """Whether the bot is in each channel with subscriptions: Slack shows a channel's history only to its members."""
    channels = sorted({each.target for each in subscriptions if each.is_channel})
    if not channels:
        return [good("channels: none gets digests or alerts")]
    return [await _channel(client, each) for each in channels]


async def _channel(client: AsyncWebClient, channel: str) -> Finding:
    try:
        await client.conversations_history(channel=channel, limit=1)
    except SlackApiError as error:
        failure = failure_of(error)
        if failure.word in _NOT_IN:
            what = f"channels: {channel} gets digests or alerts, and tierbot isn't in it"
            return must(what, "type /invite @tierbot there, or /digest off here to end them")
        return note(f"channels: whether tierbot is in {channel} can't be told: {failure.reason}", "look in Slack")
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return note(f"channels: whether tierbot is in {channel} can't be told: {type(error).__name__}", "try again")
    return good(f"channels: tierbot is in {channel}, which gets digests or alerts")
