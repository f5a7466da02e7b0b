"""Moving from one bot token to many workspaces: links, subscriptions and channels are as they were
(running#many-workspaces).
"""

from datetime import UTC, datetime

from bot.playground.local_slack.server import Slack
from bot.wiring import Core
from tests.support.delivered import MONDAY, messages_to, wait_for_messages
from tests.support.installed_app import PARTNERS, installed_app
from tests.support.served_bot import WORKSPACE, Clock, ServedBot, connected_bot, text_of
from tests.support.waiting import TIMEOUT

ASKED = (("ana", "/tier", ""), ("carla", "/portfolio", ""), ("ana", "/digest", "status"), ("admin", "/tier", "here"))


async def told(slack: Slack) -> list[str]:
    """What people of the program's workspace are answered."""
    return [text_of(await slack.command(who, command, text)) for who, command, text in ASKED]


async def test_the_programs_workspace_is_what_it_was(core: Core):
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        bot = connected_bot(core, slack, Clock(datetime(2022, 9, 5, 12, tzinfo=UTC)))
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        await slack.command("ana", "/digest", "monday 9:00")
        await slack.command("admin", "/tier", "here PA")
        before = await told(slack)
        await bot.stop()
    assert "Mondays at 9:00" in before[2]
    assert "Partner A" in before[3]
    async with installed_app(core) as app:
        assert await told(app.slack) == before
        await app.beside(PARTNERS, "PB")
        assert await told(app.slack) == before, "a partner's workspace beside it changes nothing"
        app.clock.jump(MONDAY)
        served = ServedBot(app.slack, app.bot, app.core, app.clock)
        [digest] = await wait_for_messages(served, "U0ANA", 1)
        assert "420 points" in digest
        assert len(messages_to(served, "U0ANA")) == 1
