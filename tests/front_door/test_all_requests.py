"""Whatever Slack may send is acknowledged, and acted on where something is due."""

import asyncio
import json
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.playground.local_slack.signing import FORM
from tests.support.served_bot import ServedBot
from tests.support.waiting import TIMEOUT, time_limit

WHO = {"team": {"id": "T01LOCAL"}, "user": {"id": "U0ANA", "team_id": "T01LOCAL"}, "api_app_id": "A1", "token": "x"}
MODAL = {"id": "V1", "type": "modal", "callback_id": "feedback", "private_metadata": "", "state": {"values": {}}}
MESSAGE = {"type": "message", "ts": "1.1", "text": "Hello"}
PAYLOADS = {
    "a global shortcut": {"type": "shortcut", "callback_id": "any", "trigger_id": "1.1"},
    "a message shortcut": {
        "type": "message_action",
        "callback_id": "any",
        "trigger_id": "1.1",
        "message": MESSAGE,
        "channel": {"id": "C01SALES"},
        "response_url": "https://hooks.slack.com/x",
        "message_ts": "1.1",
    },
    "a closed modal": {"type": "view_closed", "view": MODAL, "is_cleared": False},
    "a submitted modal of nobody": {"type": "view_submission", "view": {**MODAL, "callback_id": "unknown"}},
    "a menu that asks for options": {"type": "block_suggestion", "action_id": "a", "block_id": "b", "value": "x"},
    "a button of nobody": {"type": "block_actions", "actions": [{"type": "button", "action_id": "x", "value": "y"}]},
}
EVENTS = (
    *({"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BOT"]}}),
    *(
        {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}},
        {"type": "app_home_opened", "tab": "messages"},
    ),
    *(
        {"type": "message", "channel": "C01SALES", "text": "hi", "user": "U0ANA"},
        {"type": "team_join", "user": {"id": "U"}},
    ),
)


async def send(tierbot: ServedBot, body: bytes, content_type: str = FORM) -> tuple[int, str]:
    answer = await tierbot.slack.post(body, tierbot.slack.signed(body, content_type))
    return answer.status, answer.body


async def send_event(tierbot: ServedBot, event: dict) -> tuple[int, str]:
    envelope = {"type": "event_callback", "event": event, "team_id": "T01LOCAL", "event_id": "Ev1", "api_app_id": "A1"}
    return await send(tierbot, json.dumps(envelope).encode(), "application/json")


async def readiness(tierbot: ServedBot) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{tierbot.bot.port}/readyz") as answer,
    ):
        return answer.status, (await answer.json())["status"]


@pytest.mark.parametrize("kind", PAYLOADS)
async def test_every_interaction_is_acknowledged(tierbot: ServedBot, kind: str):
    payload = {**PAYLOADS[kind], **WHO}
    status, _ = await send(tierbot, urlencode({"payload": json.dumps(payload)}).encode())
    assert status == 200


async def test_a_menu_that_asks_for_options_gets_none(tierbot: ServedBot):
    payload = {**PAYLOADS["a menu that asks for options"], **WHO}
    _, body = await send(tierbot, urlencode({"payload": json.dumps(payload)}).encode())
    assert json.loads(body) == {"options": []}


async def test_a_shortcut_opens_the_viewers_standing(tierbot: ServedBot):
    await send(tierbot, urlencode({"payload": json.dumps({**PAYLOADS["a global shortcut"], **WHO})}).encode())
    assert await tierbot.slack.until(lambda: tierbot.slack.journal.calls("views.open"), TIMEOUT)


async def test_a_check_of_the_certificate_is_answered(tierbot: ServedBot):
    assert await send(tierbot, b"ssl_check=1&token=x") == (200, "")


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["type"])
async def test_every_event_is_acknowledged(tierbot: ServedBot, event: dict):
    assert (await send_event(tierbot, event))[0] == 200


@pytest.mark.parametrize("event", EVENTS[:2], ids=lambda event: event["type"])
async def test_readiness_says_that_the_app_has_to_be_installed_again(tierbot: ServedBot, event: dict):
    assert await readiness(tierbot) == (200, "ready")
    await send_event(tierbot, EVENTS[2])
    assert await readiness(tierbot) == (200, "ready")
    await send_event(tierbot, event)
    assert await readiness(tierbot) == (503, f"slack: {event['type']}")


async def lag_measured(tierbot: ServedBot) -> float:
    """How often /metrics says that the event loop's lag was measured."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{tierbot.bot.port}/metrics") as answer,
    ):
        text = await answer.text()
    [count] = [line.split()[1] for line in text.splitlines() if line.startswith("tierbot_loop_lag_seconds_count")]
    return float(count)


async def test_metrics_show_how_late_the_event_loop_is(tierbot: ServedBot):
    async with time_limit("the lag is measured"):
        while await lag_measured(tierbot) == 0:
            await asyncio.sleep(0)
