"""How the bot starts, stops and connects, on both engines where storage matters."""

import asyncio

import aiohttp
import pytest
import structlog

from bot import serving
from bot.playground.local_slack import faults
from bot.playground.local_slack.server import Slack
from bot.serving import CannotServe
from bot.wiring import Core, NotReadyToRun, create_core
from handlers import responder
from handlers.conversation import Conversation
from tests.support.served_bot import WORKSPACE, ServedBot, connected_bot, text_of
from tiercore.storage.bulk import table
from tiercore.storage.engine import is_sqlite
from tiercore.storage.tables.derived import DerivedRow


async def test_socket_mode_gives_the_same_answers(core: Core):
    async with Slack(workspace=WORKSPACE) as slack:
        bot = connected_bot(core, slack, slack_signing_secret=None, slack_app_token=slack.app_token)
        await bot.start()
        answer = await slack.command("ana", "/gap", "platinum")
        assert "225 points to Platinum" in text_of(answer)
        clicked = await slack.click("ana", answer.message, "Expiring")
        assert "points expire within 90 days" in text_of(clicked)
        await bot.stop()


async def test_socket_mode_alone_accepts_no_http_requests(core: Core):
    async with Slack(workspace=WORKSPACE) as slack:
        bot = connected_bot(core, slack, slack_signing_secret=None, slack_app_token=slack.app_token)
        await bot.start()
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{bot.port}/slack/events", data=b"command=/tier") as response,
        ):
            assert response.status == 401
        await bot.stop()


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ({"slack_bot_token": None}, "SLACK_BOT_TOKEN nor SLACK_CLIENT_ID is set"),
        ({"slack_signing_secret": None}, "SLACK_SIGNING_SECRET"),
        ({"slack_bot_token": "xoxb-wrong"}, "invalid_auth"),
        ({"slack_app_token": "xapp-wrong"}, "app-level token: invalid_auth"),
        ({"slack_api_url": "http://127.0.0.1:1/api/"}, "can't be reached"),
    ],
)
async def test_the_bot_does_not_start_without_its_settings_and_names_them(core: Core, missing: dict, words: str):
    async with Slack(workspace=WORKSPACE) as slack:
        with pytest.raises(CannotServe, match=words):
            await connected_bot(core, slack, **missing).start()


async def test_points_rated_under_other_rules_are_not_shown(core: Core):
    with core.engine.begin() as connection:
        connection.execute(table(DerivedRow).update().values(rating_fingerprint="of other rules"))
    async with Slack(workspace=WORKSPACE) as slack:
        with pytest.raises(NotReadyToRun, match="tierbot rebuild"):
            await connected_bot(core, slack).start()


async def test_a_pending_click_is_answered_before_the_bot_stops(core: Core):
    async with Slack(workspace=WORKSPACE) as slack:
        bot = connected_bot(core, slack)
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        answer = await slack.command("ana", "/tier")
        clicks = [asyncio.create_task(slack.click("ana", answer.message, "Gap")) for _ in range(3)]
        assert await slack.until(lambda: len(slack.journal.sent) == 4)
        await bot.stop()
        assert all("Platinum" in text_of(answer) for answer in await asyncio.gather(*clicks))


async def test_a_draining_bot_refuses_new_requests_and_says_so(tierbot: ServedBot):
    tierbot.bot.drain()
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{tierbot.bot.port}/readyz") as response,
    ):
        assert response.status == 503
        assert await response.json() == {"status": "draining"}
    assert (await tierbot.slack.command("ana", "/tier", wait=0)).sent.status == 503


async def test_a_replica_without_free_database_connections_says_so(tierbot: ServedBot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(serving, "MINIMUM_FREE_BYTES", 1 << 60)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{tierbot.bot.port}/readyz") as response,
    ):
        assert response.status == (503 if is_sqlite(tierbot.core.url) else 200)
        assert ("MiB are left" in (await response.json())["status"]) == is_sqlite(tierbot.core.url)


async def test_an_error_message_has_the_id_of_its_log_lines(tierbot: ServedBot, monkeypatch: pytest.MonkeyPatch):
    async def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Conversation, "message", broken)
    lines = structlog.testing.LogCapture()
    heard = structlog.wrap_logger(None, [structlog.contextvars.merge_contextvars, lines], structlog.stdlib.BoundLogger)
    monkeypatch.setattr(responder, "log", heard)
    answer = text_of(await tierbot.slack.command("ana", "/tier"))
    about = [each for each in lines.entries if each.get("request")]
    assert {each["event"] for each in about} == {"fault", "question"}
    [request] = {each["request"] for each in about}
    assert f"give your admin this reference: {request}" in answer


async def test_a_rate_limited_answer_is_sent_a_moment_later(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/tier")
    tierbot.slack.faults.add("response_url", faults.rate_limited(1), times=2)
    assert "225" in text_of(await tierbot.slack.click("ana", answer.message, "Gap"))
    assert [each.status for each in tierbot.slack.journal.calls("response_url")] == [429, 429, 200]


async def test_an_answer_that_failed_to_send_is_retried(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/tier")
    tierbot.slack.faults.add("response_url", faults.server_error())
    assert "225" in text_of(await tierbot.slack.click("ana", answer.message, "Gap"))
    assert [each.status for each in tierbot.slack.journal.calls("response_url")] == [500, 200]


async def test_a_lost_answer_to_a_click_is_logged_and_the_bot_keeps_working(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/tier")
    tierbot.slack.faults.add("response_url", faults.SPENT_RESPONSE_URL)
    await tierbot.slack.click("ana", answer.message, "Gap", wait=0)
    assert "225" in text_of(await tierbot.slack.command("ana", "/tier"))


@pytest.mark.slow
def test_a_database_other_than_sqlite_must_be_migrated_first(postgres):
    from bot.settings import Settings

    url = postgres.url(postgres.create_database())
    with pytest.raises(NotReadyToRun, match="tierbot migrate"):
        create_core(Settings(database_url=url))
