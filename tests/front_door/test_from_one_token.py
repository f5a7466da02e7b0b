"""From a single token to an app that is installed by a click, with data: everything goes on."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.playground.local_slack.server import Slack
from bot.wiring import Core
from tests.support.delivered import MONDAY, messages_to, rows, wait_for_messages
from tests.support.installed_app import PARTNERS, InstalledApp, installed_app
from tests.support.served_bot import WORKSPACE, Clock, ServedBot, connected_bot, link_user, text_of
from tests.support.waiting import TIMEOUT, wait_until
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.notifications import OutboxRow, SubscriptionRow
from tiercore.storage.tables.people import ChannelRow, HomeViewRow

KEPT = (LinkRow, SubscriptionRow, ChannelRow, HomeViewRow)
CHANNEL = "C01SALES"


@pytest.fixture
async def before(core: Core) -> dict[type, list]:
    """What people set up while the bot had a single token, by table."""
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        clock = Clock(datetime(2022, 9, 5, 12, tzinfo=UTC))
        bot = connected_bot(core, slack, clock)
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        for user, word, text in (
            ("ana", "/digest", "monday 9:00"),
            ("carla", "/tier", "here Partner A"),
            ("carla", "/digest", "monday 9:00 here"),
            ("carla", "/digest", "monday 9:00"),
        ):
            await slack.command(user, word, text)
        await slack.open_home("ana")
        await bot.stop()
        served = ServedBot(slack, bot, core, clock)
        found = {each: sorted(rows(served, each)) for each in KEPT}
    assert {each.place for each in found[SubscriptionRow]} == {"U0ANA", "U0CARLA", CHANNEL}
    assert all(found.values())
    return found


@pytest.fixture
async def app(core: Core, before: dict[type, list]) -> AsyncIterator[InstalledApp]:
    """The same data served as an app that was installed by the program's invitation."""
    async with installed_app(core) as running:
        yield running


def seen_in(app: InstalledApp) -> ServedBot:
    return ServedBot(app.slack, app.bot, app.core, app.clock)


async def test_nothing_that_was_set_up_changes(app: InstalledApp, before: dict[type, list]):
    tierbot = seen_in(app)
    assert {each: sorted(rows(tierbot, each)) for each in KEPT} == before
    [program] = await app.workspaces.all()
    assert (program.team_id, program.role) == (WORKSPACE.team_id, "program")
    assert "Partner A" in text_of(await app.slack.command("ana", "/tier"))
    assert "Partner A" in text_of(await app.slack.command("carla", "/portfolio"))
    assert "Mondays at 9:00" in text_of(await app.slack.command("ana", "/digest", "status"))
    assert "Partner A" in text_of((await app.slack.open_home("ana")).view)
    assert "don't know who you are yet" in text_of(await app.slack.command("eve", "/tier"))


async def test_digests_go_to_the_same_people_and_channels(app: InstalledApp):
    tierbot = seen_in(app)
    app.clock.jump(MONDAY)
    [ana] = await wait_for_messages(tierbot, "U0ANA", 1)
    assert "420 points" in ana
    await wait_until(lambda: messages_to(tierbot, "U0CARLA"), "the CAM has hers")
    await wait_until(lambda: app.slack.messages(CHANNEL), "the channel has its own")
    await wait_until(lambda: {row.state for row in rows(tierbot, OutboxRow)} == {"sent"}, "all are sent")
    assert "Partner A" in text_of(app.slack.messages(CHANNEL)[0])


async def test_a_partners_workspace_beside_it_changes_nothing_here(app: InstalledApp, before: dict[type, list]):
    other = await app.beside(PARTNERS, "PB")
    link_user(app.core.engine, PARTNERS.team_id, "U0BEA2", "bea@example.com")
    assert "Zweite GmbH" in text_of(await other.command("bea", "/tier"))
    assert "Partner A" in text_of(await app.slack.command("carla", "/portfolio"))
    assert "Partner A" in text_of(await app.slack.command("admin", "/tier", "Partner A"))
    unchanged = {each: [row for row in rows(seen_in(app), each) if row in before[each]] for each in KEPT}
    assert {each: sorted(found) for each, found in unchanged.items()} == before
