"""Time on the page: advancing, jumping, going back, midnight; every message in between is sent once."""

import asyncio
import time
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from bot.playground.local_slack import faults
from bot.playground.page.server import PageServer
from bot.playground.world.world import World
from tests.support.page import ANA, PARTNERS, messages_to_ana, post_action, type_as_ana, upload
from tests.support.waiting import TIMEOUT

pytestmark = pytest.mark.slow


async def test_time_can_be_advanced_to_the_recalibration_and_stopped(page: tuple[PageServer, World]):
    server, world = page
    going = asyncio.create_task(post_action(server, **{"as": ANA, "do": "clock", "to": "recalibration"}))
    assert await world.slack.until(world.busy.locked, TIMEOUT)
    assert "one thing at a time" in (await post_action(server, **{"as": ANA, "do": "clock", "to": "day"}))["error"]
    assert "one thing at a time" in (await upload(server, ("partners.csv", PARTNERS)))["error"]
    await post_action(server, **{"as": ANA, "do": "clock", "to": "stop"})
    await going
    assert date(2022, 9, 5) < world.day < date(2023, 1, 15)
    await post_action(server, **{"as": ANA, "do": "clock", "to": "2023-01-14"})
    await post_action(server, **{"as": ANA, "do": "clock", "to": "recalibration"})
    assert world.day == date(2023, 1, 15)


async def test_today_jumps_to_the_current_day(page: tuple[PageServer, World]):
    """Messages due in between are not sent: four years of digests would be a nuisance."""
    server, world = page
    assert await post_action(server, **{"as": ANA, "do": "clock", "to": "today"}) == {}
    assert world.day == date.today()  # noqa: DTZ011
    await world.deliver_due()
    mine = world.slack.messages(world.slack.directory.direct_message(world.people[ANA].user_id).channel_id)
    assert not [each for each in mine if "this week" in each.text]


async def test_no_weekly_digest_is_skipped_however_far_time_advances(page: tuple[PageServer, World]):
    server, world = page
    ana = world.people[ANA].user_id
    channel = world.slack.directory.direct_message(ana).channel_id
    await post_action(server, **{"as": ANA, "do": "command", "channel": channel, "text": "/digest friday 8:00 UTC"})
    assert await world.slack.until(lambda: len(world.slack.messages(channel, ana)) == 1, TIMEOUT)
    await post_action(server, **{"as": ANA, "do": "clock", "to": "2022-10-15"})
    sent = [each.ts for each in world.slack.messages(channel, ana) if not each.ephemeral]
    days_sent = {datetime.fromtimestamp(float(ts), UTC).date() for ts in sent}
    assert days_sent == {date(2022, 9, 9) + timedelta(7 * week) for week in range(6)}


async def test_going_back_restores_the_start_of_a_day_and_replays_it(page: tuple[PageServer, World]):
    server, world = page
    await world.jump_to(date(2022, 9, 30))
    await type_as_ana(server, world, "/digest monday 8:00 UTC")
    await type_as_ana(server, world, "/digest alerts on")
    await post_action(server, **{"as": ANA, "do": "clock", "to": "2022-10-03"})
    before = messages_to_ana(world)
    alerts = [each for each in before if "red on 1 Nov" in each and each.startswith("🟠") and "this week" not in each]
    assert len(alerts) == 3
    assert "420 points, no change this week" in " ".join(before)
    await acknowledge_latest_alert(server, world)
    await post_action(server, **{"as": ANA, "do": "clock", "to": "day"})
    await type_as_ana(server, world, "/digest off")
    for day in ("2022-10-03", "2022-10-02"):  # the days on which they were sent
        await post_action(server, **{"as": ANA, "do": "clock", "to": day})
        await world.deliver_due()
        assert messages_to_ana(world) == before[: len(messages_to_ana(world))]
        assert "Acknowledged by" not in blocks_shown(world)
    await post_action(server, **{"as": ANA, "do": "clock", "to": "2022-09-29"})
    assert messages_to_ana(world) == []
    assert "/digest off" not in str(world.typed)
    assert world.moment().date() == date(2022, 9, 29)


async def acknowledge_latest_alert(server: PageServer, world: World) -> None:
    """Ana acknowledges the latest alert."""
    channel = world.slack.directory.direct_message(world.people[ANA].user_id).channel_id
    alert = next(each for each in reversed(world.slack.messages(channel)) if "Acknowledge" in str(each.blocks))
    buttons = [each for block in alert.blocks for each in block.get("elements", ()) if each.get("type") == "button"]
    button = next(each for each in buttons if each["text"]["text"] == "Acknowledge")
    where = {"where": "message", "channel": channel, "ts": alert.ts, "element": button}
    await post_action(server, **{"as": ANA, "do": "click", **where})
    assert await world.slack.until(lambda: "Acknowledged by" in blocks_shown(world), TIMEOUT)


def blocks_shown(world: World) -> str:
    """Everything in Ana's messages with the bot."""
    channel = world.slack.directory.direct_message(world.people[ANA].user_id)
    return str([each.blocks for each in world.slack.messages(channel.channel_id)])


@pytest.mark.parametrize("day", [date(2022, 9, 7), date(2027, 3, 3)], ids=["of the past", "of the future"])
async def test_a_message_in_doubt_arrives_once(page: tuple[PageServer, World], day: date):
    """Slack accepted it and the response was lost: the bot searches the history for it and finds it."""
    server, world = page
    await type_as_ana(server, world, "/digest monday 8:00 UTC")
    await world.jump_to(day)
    world.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    await type_as_ana(server, world, "/digest now")
    for _ in range(2):  # one day until it is in doubt, one until it is searched for
        await post_action(server, **{"as": ANA, "do": "clock", "to": "day"})
    assert world.slack.journal.calls("conversations.history")
    assert len(messages_to_ana(world)) == len(set(messages_to_ana(world))) == 1


async def test_each_day_begins_in_the_morning(page: tuple[PageServer, World], monkeypatch: pytest.MonkeyPatch):
    _, world = page
    assert world.moment().isoformat(timespec="minutes") == "2022-09-05T08:30+00:00"
    await world.roll_over()
    assert world.day == date(2022, 9, 5)
    late = SimpleNamespace(monotonic=lambda: time.monotonic() + 16 * 3_600)
    monkeypatch.setattr("bot.playground.world.clock.time", late)
    assert world.moment().date() == date(2022, 9, 6)
    await world.roll_over()
    assert world.day == date(2022, 9, 6)
    assert world.moment().isoformat(timespec="minutes") == "2022-09-06T08:30+00:00"
