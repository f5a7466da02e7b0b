"""What the platform enforces on delivery: membership, archives, deactivation, limits on histories, and its own time."""

from dataclasses import replace
from email.utils import parsedate_to_datetime

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.local_slack.server import Slack
from tests.support.waiting import TIMEOUT


def client(slack: Slack) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=int(TIMEOUT))


async def refusal(call) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_private_channel_does_not_exist_for_a_bot_outside(slack: Slack):
    private = replace(slack.directory.channels["C04AWAY"], is_private=True)
    assert await refusal(client(slack).chat_postMessage(channel="C04AWAY", text="a")) == "not_in_channel"
    slack.directory.change(private)
    assert await refusal(client(slack).chat_postMessage(channel="C04AWAY", text="a")) == "channel_not_found"
    assert await refusal(client(slack).conversations_info(channel="C04AWAY")) == "channel_not_found"
    assert await refusal(client(slack).conversations_history(channel="C04AWAY")) == "channel_not_found"


async def test_an_archived_channel_takes_no_changes_either(slack: Slack):
    posted = await client(slack).chat_postMessage(channel="C01SALES", text="a")
    slack.directory.change(replace(slack.directory.channels["C01SALES"], is_archived=True))
    for call in (client(slack).chat_update, client(slack).chat_delete):
        assert await refusal(call(channel="C01SALES", ts=posted["ts"], text="b")) == "is_archived"
    assert (await client(slack).conversations_info(channel="C01SALES"))["channel"]["is_archived"]


async def test_a_deactivated_account_is_marked_and_gets_no_direct_message(slack: Slack):
    slack.directory.change(replace(slack.directory.people["U02BEN"], deleted=True))
    assert (await client(slack).users_info(user="U02BEN"))["user"]["deleted"] is True
    assert await refusal(client(slack).conversations_open(users="U02BEN")) == "user_disabled"


async def test_histories_can_be_limited_as_for_most_apps(slack: Slack, clock):
    """15 messages a page, one call a minute, for any conversation."""
    slack.state.rate_limits = False
    for number in range(20):
        await client(slack).chat_postMessage(channel="C01SALES", text=str(number))
    slack.limit_history()
    page = await client(slack).conversations_history(channel="C01SALES", limit=200)
    assert (len(page["messages"]), page["has_more"]) == (15, True)
    with pytest.raises(SlackApiError) as caught:
        await client(slack).conversations_history(channel="C02SHARED")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "60")
    clock.now += 61
    last = page["messages"][-1]["ts"]
    rest = await client(slack).conversations_history(channel="C01SALES", latest=last, oldest="0")
    assert [each["text"] for each in rest["messages"]] == ["4", "3", "2", "1", "0"]


async def test_a_thread_begins_with_its_root_on_every_page(slack: Slack):
    slack.state.rate_limits = False
    root = (await client(slack).chat_postMessage(channel="C01SALES", text="root"))["ts"]
    await client(slack).chat_postMessage(channel="C01SALES", text="reply", thread_ts=root)
    found = await client(slack).conversations_replies(channel="C01SALES", ts=root, oldest="1900000000.000000")
    assert [each["text"] for each in found["messages"]] == ["root"]


async def test_slacks_time_can_differ_from_the_machines(slack: Slack, clock):
    slack.ahead = 150
    answer = await client(slack).chat_postMessage(channel="C01SALES", text="a")
    assert float(answer["ts"]) == pytest.approx(clock.now + 150)
    assert parsedate_to_datetime(answer.headers["Date"]).timestamp() == pytest.approx(clock.now + 150, abs=1)
