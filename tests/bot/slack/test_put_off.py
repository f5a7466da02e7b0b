"""Slack's rate limits (429): nothing was accepted, and the call is retried when Slack allows (slack#rate-limits)."""

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import SlackClient, answering_session
from bot.slack.errors import SlackFailure, failure_in
from bot.slack.poster import SlackPoster
from handlers.gateway import SlackRefused
from scheduler.poster import RetryLater
from tiercore.notifications.outbox_types import Posted

WHERE = Posted("C1", "1.1")
LONG = "47"  # seconds: longer than a person should wait, so the wait is reported instead
BODIES = {
    "bare": ("", "text/plain"),
    "a page": ("<html>Too Many Requests</html>", "text/html"),
    "a page that calls itself JSON": ("<html>", "application/json"),
    "a word": ("rate_limited", "text/plain"),
    "JSON": ('{"ok": false, "error": "ratelimited"}', "application/json"),
    "JSON without a word": ('{"ok": false}', "application/json"),
}


class Refusing:
    """Answers every request with 429, a body and optionally Retry-After."""

    def __init__(self) -> None:
        self.body, self.headers, self.asked = BODIES["bare"], dict[str, str](), 0
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._answer)
        self.server = TestServer(app)

    async def _answer(self, _request: web.Request) -> web.Response:
        self.asked += 1
        text, content_type = self.body
        return web.Response(status=429, text=text, content_type=content_type, headers=self.headers)


@pytest.fixture
async def refusing() -> AsyncIterator[Refusing]:
    made = Refusing()
    async with made.server:
        yield made


@pytest.fixture
async def poster(refusing: Refusing) -> AsyncIterator[SlackPoster]:
    async with aiohttp.ClientSession() as session:
        address = str(refusing.server.make_url("/api/"))
        yield SlackPoster(AsyncWebClient("xoxb-local", address, session=session, retry_handlers=[]))


@pytest.fixture
async def client(refusing: Refusing) -> AsyncIterator[SlackClient]:
    address = str(refusing.server.make_url("/"))
    async with answering_session() as session:
        yield SlackClient("xoxb-local", f"{address}api/", address, session)


CALLS: dict[str, Callable[[SlackPoster], Awaitable[object]]] = {
    "posting": lambda poster: poster.post("C1", {"text": "a"}, "mark", None),
    "posting to a user": lambda poster: poster.post("U1", {"text": "a"}, "mark", None),
    "replying": lambda poster: poster.post("C1", {"text": "a"}, "mark", WHERE),
    "changing": lambda poster: poster.change(WHERE, {"text": "a"}),
    "looking": lambda poster: poster.search("C1", None, "1662379200.000000", "1662379300.000000"),
    "removing": lambda poster: poster.remove(WHERE),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_rate_limited_call_waits_as_long_as_slack_says(
    refusing: Refusing, poster: SlackPoster, call: Callable[[SlackPoster], Awaitable[object]], body: tuple[str, str]
):
    """The message is neither in doubt, which would search for it first, nor dead."""
    refusing.body, refusing.headers = body, {"Retry-After": LONG}
    with pytest.raises(RetryLater) as put_off:
        await call(poster)
    assert put_off.value.seconds == float(LONG)
    assert str(put_off.value) in ("ratelimited", "rate_limited"), "what /metrics counts as put off"


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_a_rate_limit_without_retry_after_waits_one_second(
    refusing: Refusing, poster: SlackPoster, body: tuple[str, str]
):
    refusing.body = body
    with pytest.raises(RetryLater) as put_off:
        await CALLS["posting"](poster)
    assert put_off.value.seconds == 1.0


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_an_answer_rate_limited_for_long_fails_with_the_wait(
    refusing: Refusing, client: SlackClient, body: tuple[str, str]
):
    refusing.body, refusing.headers = body, {"Retry-After": LONG}
    for call in (
        client.post("C1", {"text": "a"}),
        client.respond(str(refusing.server.make_url("/answer")), {"text": "a"}),
        client.update_view("V1", {}),
    ):
        with pytest.raises(SlackRefused) as refused:
            await call
        assert refused.value.after == float(LONG)
    assert refusing.asked == 3


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_an_answer_rate_limited_for_zero_seconds_is_retried(
    refusing: Refusing, client: SlackClient, body: tuple[str, str]
):
    refusing.body, refusing.headers = body, {"Retry-After": "0"}
    with pytest.raises(SlackRefused):
        await client.post("C1", {"text": "a"})
    assert refusing.asked == 3


def test_a_bare_429_and_the_error_code_alone_are_both_rate_limits():
    assert SlackFailure(429).is_rate_limit
    assert SlackFailure(200, "ratelimited").is_rate_limit
    assert SlackFailure(200, "rate_limited").is_rate_limit
    assert not SlackFailure(503).is_rate_limit
    found = failure_in(429, {"retry-after": LONG}, "")
    assert found is not None
    assert (found.is_rate_limit, found.retry_after) == (True, float(LONG))
