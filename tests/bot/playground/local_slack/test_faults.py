"""Slack's failures can be triggered on request, and the journal records what really happened."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.local_slack import faults
from bot.playground.local_slack.server import Slack
from bot.slack.errors import failure_of
from tests.support.waiting import TIMEOUT, wait_until, within


def client(slack: Slack) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=int(TIMEOUT))


def texts(slack: Slack) -> list[str]:
    return [each.text for each in slack.messages("#sales")]


async def test_the_next_posts_can_be_rate_limited(slack: Slack) -> None:
    slack.faults.add("chat.postMessage", faults.rate_limited(7), times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await client(slack).chat_postMessage(channel="C01SALES", text="a")
        assert caught.value.response.headers["Retry-After"] == "7"
    await client(slack).chat_postMessage(channel="C01SALES", text="a")
    assert texts(slack) == ["a"]
    assert [each.fault for each in slack.journal.calls("chat.postMessage")] == ["rate limited", "rate limited", None]


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_server_error_can_follow_a_successful_post(accepted: bool, slack: Slack) -> None:
    slack.faults.add("chat.postMessage", faults.server_error(accepted=accepted))
    with pytest.raises(SlackApiError):
        await client(slack).chat_postMessage(channel="C01SALES", text="a")
    assert texts(slack) == (["a"] if accepted else [])
    assert slack.journal.calls("chat.postMessage")[0].accepted is accepted


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("kind", [faults.web_page, faults.cut_short])
async def test_an_answer_can_be_a_web_page_or_cut_short(kind: Any, accepted: bool, slack: Slack) -> None:
    slack.faults.add("chat.postMessage", kind(accepted=accepted))
    with pytest.raises(SlackApiError) as caught:
        await client(slack).chat_postMessage(channel="C01SALES", text="a")
    assert not failure_of(caught.value).word
    assert texts(slack) == (["a"] if accepted else [])


@pytest.mark.parametrize(("fault", "shown"), [(faults.RESET, []), (faults.LOST_ANSWER, ["a"])])
async def test_a_connection_can_be_reset_before_or_after_the_post(
    fault: faults.Fault, shown: list[str], slack: Slack
) -> None:
    slack.faults.add("chat.postMessage", fault)
    with pytest.raises(aiohttp.ClientError):
        await client(slack).chat_postMessage(channel="C01SALES", text="a")
    assert texts(slack) == shown


async def test_the_sdks_retry_duplicates_a_post_whose_response_was_lost(slack: Slack) -> None:
    slack.state.rate_limits = False
    slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    hasty = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    await hasty.chat_postMessage(channel="C01SALES", text="a")
    assert texts(slack) == ["a", "a"]


@pytest.mark.parametrize(("fault", "shown"), [(faults.HANG, []), (faults.HANG_AFTER_ACCEPTING, ["a"])])
async def test_a_hanging_call_is_released_when_the_local_slack_stops(fault: Any, shown: list[str], bot: Any) -> None:
    slack = Slack(bot.url)
    await slack.start()
    slack.faults.add("chat.postMessage", fault)
    call = asyncio.create_task(client(slack).chat_postMessage(channel="#general", text="a"))
    assert await slack.until(lambda: bool(slack.journal.received))
    assert [each.text for each in slack.messages("#general")] == shown
    await slack.stop()
    with pytest.raises(aiohttp.ClientError):
        await within(call, "the hanging call is released")


async def test_a_delayed_call_is_rate_limited_as_of_its_arrival(slack: Slack) -> None:
    """A message posted to the same channel a moment earlier does not rate limit it."""
    sent_again = asyncio.Event()
    slack.faults.add("chat.postMessage", faults.accepted_once(sent_again))
    late = asyncio.create_task(client(slack).chat_postMessage(channel="C01SALES", text="first"))
    await wait_until(lambda: not slack.faults.waiting, "the first one is being sent")
    await client(slack).chat_postMessage(channel="C01SALES", text="second")
    assert texts(slack) == ["second"]
    sent_again.set()
    with pytest.raises(aiohttp.ClientError):
        await within(late, "the late one is released")
    assert texts(slack) == ["second", "first"]
    assert slack.journal.calls("chat.postMessage")[-1].accepted


async def test_triggers_and_response_urls_can_be_made_to_expire(slack: Slack, bot: Any) -> None:
    await slack.command("anna", "/tier", wait=0)
    slack.faults.add("views.open", faults.EXPIRED_TRIGGER)
    slack.faults.add("response_url", faults.SPENT_RESPONSE_URL)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client(slack).views_open(trigger_id=bot.payloads[0]["trigger_id"], view={})
    assert await bot.respond(bot.payloads[0], {"text": "a"}) == (404, {"ok": False, "error": "used_url"})
    assert (await bot.respond(bot.payloads[0], {"text": "a"}))[0] == 200


async def test_faults_can_be_set_call_by_call(slack: Slack) -> None:
    slack.faults.chooser = lambda method: faults.refused("fatal_error") if method == "auth.test" else None
    with pytest.raises(SlackApiError, match="fatal_error"):
        await client(slack).auth_test()
    slack.faults.clear()
    await client(slack).auth_test()
