"""Uploading a picture to Slack, and what can go wrong."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.charts.png import draw
from bot.playground.local_slack import faults
from bot.playground.local_slack.server import Slack
from bot.slack.client import SlackClient, answering_session
from bot.slack.upload import UploadFailed, upload_png
from handlers.views.parts.chart import Chart

PNG = b"\x89PNG\r\n\x1a\n and the rest"
STEPS = ["files.getUploadURLExternal", "upload_url", "files.completeUploadExternal", "files.info"]
QUICK = (0.01, 0.02, 0.04)


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack() as server:
        yield server


@pytest.fixture
async def bot_client(slack: Slack) -> AsyncIterator[SlackClient]:
    async with answering_session() as session:
        yield SlackClient(slack.bot_token, slack.api_url, slack.response_prefix, session)


async def upload(bot_client: SlackClient, pauses: tuple[float, ...] = QUICK, data: bytes = PNG) -> str:
    assert bot_client.client.session is not None
    return await upload_png(bot_client.client, bot_client.client.session, data, "chart.png", "Points", pauses=pauses)


def steps(slack: Slack) -> list[str]:
    return [each.method for each in slack.journal.received]


async def test_an_uploaded_chart_can_be_shown_immediately(slack: Slack, bot_client: SlackClient) -> None:
    chart = Chart("Points", (), (), 0)
    file_id = await bot_client.picture(chart)
    assert await bot_client.picture(chart) == file_id
    image = {"type": "image", "alt_text": "No data yet", "slack_file": {"id": file_id}}
    await bot_client.client.chat_postMessage(channel="#general", text="a", blocks=[image])
    file = slack.files[file_id]
    assert (file.data, file.name, file.title, file.channels) == (draw(chart), "points.png", "Points", [])
    assert steps(slack) == [*STEPS, "chat.postMessage"]


async def test_the_upload_waits_until_slack_has_processed_the_file(slack: Slack, bot_client: SlackClient) -> None:
    slack.files.processing = 3
    file_id = await upload(bot_client)
    assert slack.files[file_id].is_picture
    assert len(slack.journal.calls("files.info")) == 4


async def test_the_upload_does_not_wait_forever(slack: Slack, bot_client: SlackClient) -> None:
    slack.files.processing = 99
    with pytest.raises(UploadFailed, match=r"not ready after 0\.07 s: Slack is still looking at it"):
        await upload(bot_client)
    assert len(slack.journal.calls("files.info")) == 4


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "fault", [faults.RESET, faults.LOST_ANSWER, faults.server_error(), faults.rate_limited(0)], ids=lambda it: it.name
)
async def test_one_failure_is_retried(step: str, fault: faults.Fault, slack: Slack, bot_client: SlackClient) -> None:
    slack.faults.add(step, fault)
    file_id = await upload(bot_client)
    assert slack.files[file_id].data == PNG
    assert slack.files[file_id].is_picture


@pytest.mark.parametrize("step", STEPS[:3])
async def test_a_second_failure_is_reported(step: str, slack: Slack, bot_client: SlackClient) -> None:
    slack.faults.add(step, faults.RESET, times=2)
    with pytest.raises(UploadFailed, match=r"(asking for an address|sending the bytes|finishing the upload): \w+"):
        await upload(bot_client)


async def test_a_rate_limited_status_check_is_repeated_when_slack_allows(slack: Slack, bot_client: SlackClient) -> None:
    slack.faults.add("files.info", faults.rate_limited(1))
    await upload(bot_client, (0.1, 1.5))
    pauses = [each.at for each in slack.journal.calls("files.info")]
    assert pauses[1] - pauses[0] >= 0.95


async def test_a_long_rate_limit_is_not_waited_for(slack: Slack, bot_client: SlackClient) -> None:
    slack.faults.add("files.getUploadURLExternal", faults.rate_limited(30))
    with pytest.raises(UploadFailed, match="asking for an address: 429 ratelimited, again in 30 s"):
        await upload(bot_client)
    assert steps(slack) == STEPS[:1]


@pytest.mark.parametrize("step", [STEPS[0], *STEPS[2:]])
async def test_a_refusal_is_reported_and_not_retried(step: str, slack: Slack, bot_client: SlackClient) -> None:
    slack.faults.add(step, faults.refused("missing_scope"))
    with pytest.raises(UploadFailed, match="missing_scope"):
        await upload(bot_client)
    assert steps(slack).count(step) == 1


async def test_bytes_refused_by_slack_are_reported(slack: Slack, bot_client: SlackClient) -> None:
    slack.faults.add("upload_url", faults.refused("nope", 400))
    with pytest.raises(UploadFailed, match="sending the bytes: 400"):
        await upload(bot_client)


@pytest.mark.parametrize("kind", ["text/html", "application/json", "text/plain"])
async def test_a_response_that_is_not_slacks_is_reported(kind: str) -> None:
    async def gateway(_request: web.Request) -> web.Response:
        return web.Response(status=502, text="<html>Bad gateway</html>", content_type=kind)

    app = web.Application()
    app.router.add_route("*", "/api/{method}", gateway)
    async with TestServer(app) as server, answering_session() as session:
        bot_client = SlackClient("xoxb-local", str(server.make_url("/api/")), "", session)
        with pytest.raises(UploadFailed, match="asking for an address: HTTP 502, not an answer from Slack"):
            await upload(bot_client)


async def test_slack_refuses_an_empty_picture(bot_client: SlackClient) -> None:
    with pytest.raises(UploadFailed, match="asking for an address: 200 invalid_arguments"):
        await upload(bot_client, data=b"")
