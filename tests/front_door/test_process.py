"""`tierbot serve` as a separate process: it becomes ready, answers, and exits on SIGTERM."""

import asyncio
import signal

import aiohttp
import pytest

from bot.playground.local_slack.server import Slack
from bot.wiring import Core
from tests.support.process import serve_process, stop_process
from tests.support.served_bot import WORKSPACE, text_of
from tests.support.waiting import TIMEOUT, within

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def test_a_process_answers_and_exits_with_status_0_on_sigterm(core: Core):
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        process, port = await serve_process(core, slack)
        slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
        answer = await slack.command("ana", "/tier")
        assert "225 points to Platinum" in text_of(answer)
        clicked = asyncio.create_task(slack.click("ana", answer.message, "Gap"))
        assert await slack.until(lambda: len(slack.journal.sent) == 2)
        process.send_signal(signal.SIGTERM)
        assert "sold, managed or a mix" in text_of(await clicked)
        logs = await stop_process(process)
        assert process.returncode == 0
        assert slack.bot_token not in logs
        assert slack.signing_secret not in logs
        assert '"event":"question"' in logs


async def test_twenty_acknowledged_commands_are_all_answered_despite_sigterm(core: Core):
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        process, port = await serve_process(core, slack)
        slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
        models = ("points", "dollars") * 10
        await asyncio.gather(*(slack.command("ana", "/tier", f"prefer {model}", wait=0) for model in models))
        process.send_signal(signal.SIGTERM)
        assert await slack.until(lambda: len(slack.journal.calls("response_url")) == len(models), TIMEOUT)
        await stop_process(process)
        assert process.returncode == 0
        shown = [each for each in slack.state.screen.stream if "From now on, you see the" in text_of(each)]
        assert len(shown) == len(models)
        assert slack.journal.errors == []


async def test_a_second_process_on_the_same_sqlite_file_is_refused_with_a_reason(core: Core):
    if core.url.get_backend_name() != "sqlite":
        return
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        first, _ = await serve_process(core, slack)
        with pytest.raises(AssertionError, match="SQLite is for one process"):
            await serve_process(core, slack)
        first.send_signal(signal.SIGTERM)
        await stop_process(first)
        third, _ = await serve_process(core, slack)
        third.send_signal(signal.SIGTERM)
        await stop_process(third)


async def test_a_thousand_half_open_connections_stop_nobody_with_256_descriptors(core: Core):
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        process, port = await serve_process(core, slack, limit=256)
        slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
        writers = []
        for number in range(1_000):
            _, writer = await within(asyncio.open_connection("127.0.0.1", port), f"connection {number}")
            writer.write(
                b"POST /slack/events HTTP/1.1\r\nHost: tierbot\r\nContent-Length: 9\r\n" + b"\r\nx" * (number % 2)
            )
            writers.append(writer)
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/healthz") as answer:
            assert answer.status == 200
        for who in ("ana", "bea", "carla"):
            assert "Partner A" in text_of(await slack.command(who, "/tier", "")) or who == "bea"
        for writer in writers:
            writer.close()
        process.send_signal(signal.SIGTERM)
        await stop_process(process)
        assert process.returncode == 0
