"""Socket Mode with slack_sdk's client."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.local_slack.server import Slack
from tests.support.waiting import TIMEOUT, within

Json = dict[str, Any]


class Connected:
    """A bot connected over a socket."""

    def __init__(self, client: SocketModeClient) -> None:
        self.client, self.requests, self.answer = client, list[SocketModeRequest](), dict[str, Any]()

    async def __call__(self, client: Any, request: SocketModeRequest) -> None:
        self.requests.append(request)
        if self.answer is not None:
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, self.answer or None))


@pytest.fixture
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[Slack]:
    """A local Slack; the optional parameter is its acknowledgement timeout in seconds."""
    async with Slack(ack_seconds=getattr(request, "param", TIMEOUT)) as connected:
        yield connected


@pytest.fixture
async def bot(slack: Slack) -> AsyncIterator[Connected]:
    web = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    connected = Connected(SocketModeClient(slack.app_token, web_client=web, auto_reconnect_enabled=False))
    connected.client.socket_mode_request_listeners.append(connected)
    await connected.client.connect()
    assert await slack.until(lambda: bool(slack.sockets.sockets))
    yield connected
    await connected.client.close()


async def test_a_command_sent_over_the_socket_is_answered_in_its_acknowledgement(slack: Slack, bot: Connected) -> None:
    bot.answer = {"text": "Hello"}
    answer = await slack.command("anna", "/tier", "acme")
    assert answer.text == "Hello"
    assert answer.message.ephemeral
    assert (bot.requests[0].type, bot.requests[0].payload["text"]) == ("slash_commands", "acme")
    assert bot.requests[0].accepts_response_payload


async def test_events_carry_their_retry_count(slack: Slack, bot: Connected) -> None:
    await slack.event("anna", {"type": "app_mention", "channel": "C01GENERAL"}, retry=2)
    assert (bot.requests[0].type, bot.requests[0].retry_attempt) == ("events_api", 2)
    assert bot.requests[0].retry_reason == "http_timeout"


async def test_clicks_are_sent_over_the_socket(slack: Slack, bot: Connected) -> None:
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    bot.answer = {"text": "Hello", "blocks": [{"type": "actions", "elements": [button]}]}
    shown = await slack.command("anna", "/tier")
    bot.answer = {}
    await slack.click("anna", shown.message, "Go", wait=0)
    assert bot.requests[-1].type == "interactive"
    assert bot.requests[-1].payload["actions"][0]["action_id"] == "go"


@pytest.mark.parametrize("slack", [0.05], indirect=True)
async def test_a_missing_acknowledgement_is_a_timeout(slack: Slack, bot: Connected) -> None:
    bot.answer = None  # type: ignore[assignment]
    assert (await slack.command("anna", "/tier")).error == "operation_timeout"


async def test_a_command_without_a_connected_socket_is_dispatch_failed(slack: Slack) -> None:
    assert (await slack.command("anna", "/tier")).error == "dispatch_failed"


async def test_a_socket_can_be_asked_to_disconnect(slack: Slack, bot: Connected) -> None:
    message = asyncio.Event()

    async def heard(_message: Any) -> None:
        message.set()

    bot.client.on_close_listeners.append(heard)
    await slack.sockets.disconnect("refresh_requested")
    assert await slack.until(lambda: not slack.sockets.sockets)
    await within(message.wait(), "the client learns that the socket is closed")


async def test_only_the_app_level_token_opens_a_socket(slack: Slack) -> None:
    client = AsyncWebClient(base_url=slack.api_url)
    with pytest.raises(Exception, match="not_allowed_token_type"):
        await client.apps_connections_open(app_token=slack.bot_token)


@pytest.fixture
async def bolt(slack: Slack) -> AsyncIterator[AsyncSocketModeHandler]:
    """Bolt's Socket Mode handler with an app that echoes."""
    web = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    app = AsyncApp(client=web, request_verification_enabled=False)

    @app.command("/tier")
    async def tier(ack: Any, command: Json) -> None:
        button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
        await ack(f"You said {command['text']}", blocks=[{"type": "actions", "elements": [button]}])

    @app.action("go")
    async def go(ack: Any, respond: Any) -> None:
        await ack()
        await respond("Gone", replace_original=True)

    handler = AsyncSocketModeHandler(app, slack.app_token, web_client=web)
    await handler.connect_async()
    assert await slack.until(lambda: bool(slack.sockets.sockets))
    yield handler
    await handler.close_async()


async def test_bolts_handler_answers_commands_and_clicks(slack: Slack, bolt: AsyncSocketModeHandler) -> None:
    answer = await slack.command("anna", "/tier", "acme")
    assert answer.text == "You said acme"
    clicked = await slack.click("anna", answer.message, "Go")
    assert (clicked.text, clicked.message.replaced) == ("Gone", True)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_bolts_handler_reconnects_when_asked_to(reason: str, slack: Slack, bolt: AsyncSocketModeHandler) -> None:
    (first,) = slack.sockets.sockets
    await slack.sockets.disconnect(reason)
    assert await slack.until(lambda: len(slack.sockets.sockets) == 1 and first not in slack.sockets.sockets)
    assert (await slack.command("anna", "/tier", "again")).text == "You said again"


async def test_the_eleventh_socket_is_refused(slack: Slack) -> None:
    async with aiohttp.ClientSession() as session:
        ten = [await session.ws_connect(slack.state.sockets_url) for _ in range(10)]
        assert [(await each.receive_json(timeout=TIMEOUT))["type"] for each in ten] == ["hello"] * 10
        eleventh = await session.ws_connect(slack.state.sockets_url)
        message = await eleventh.receive_json(timeout=TIMEOUT)
        assert (message["type"], message["reason"]) == ("disconnect", "too_many_websockets")
        assert (await eleventh.receive(timeout=TIMEOUT)).type is aiohttp.WSMsgType.CLOSE
