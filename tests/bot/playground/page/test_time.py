"""Time on the desk: days that pass, a jump, the way back, midnight; and what is sent meanwhile, each once."""

import asyncio
import time
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from bot.playground.local_slack import faults
from bot.playground.page.server import PageServer
from bot.playground.world.world import World
from tests.support.page import ANA, PARTNERS, ask, do, drop, told
from tests.support.waiting import ENOUGH

pytestmark = pytest.mark.slow


async def test_time_can_be_advanced_to_the_recalibration_and_stopped(desk: tuple[PageServer, World]):
    made, world = desk
    going = asyncio.create_task(do(made, **{"as": ANA, "do": "clock", "to": "recalibration"}))
    assert await world.slack.until(world.busy.locked, ENOUGH)
    assert "one thing at a time" in (await do(made, **{"as": ANA, "do": "clock", "to": "day"}))["error"]
    assert "one thing at a time" in (await drop(made, ("partners.csv", PARTNERS)))["error"]
    await do(made, **{"as": ANA, "do": "clock", "to": "stop"})
    await going
    assert date(2022, 9, 5) < world.day < date(2023, 1, 15)
    await do(made, **{"as": ANA, "do": "clock", "to": "2023-01-14"})
    await do(made, **{"as": ANA, "do": "clock", "to": "recalibration"})
    assert world.day == date(2023, 1, 15)


async def test_today_returns_to_the_current_day(desk: tuple[PageServer, World]):
    """Four years of digests would be a nuisance: what was due on the way isn't sent."""
    made, world = desk
    assert await do(made, **{"as": ANA, "do": "clock", "to": "today"}) == {}
    assert world.day == date.today()  # noqa: DTZ011
    await world.told()
    mine = world.slack.messages(world.slack.directory.direct_message(world.people[ANA].user_id).channel_id)
    assert not [each for each in mine if "this week" in each.text]


async def test_no_weekly_digest_is_skipped_however_far_time_advances(desk: tuple[PageServer, World]):
    made, world = desk
    ana = world.people[ANA].user_id
    place = world.slack.directory.direct_message(ana).channel_id
    await do(made, **{"as": ANA, "do": "command", "channel": place, "text": "/digest friday 8:00 UTC"})
    assert await world.slack.until(lambda: len(world.slack.messages(place, ana)) == 1, ENOUGH)
    await do(made, **{"as": ANA, "do": "clock", "to": "2022-10-15"})
    sent = [each.ts for each in world.slack.messages(place, ana) if not each.ephemeral]
    came = {datetime.fromtimestamp(float(ts), UTC).date() for ts in sent}
    assert came == {date(2022, 9, 9) + timedelta(7 * week) for week in range(6)}


async def test_going_back_restores_the_start_of_a_day_and_replays_it(desk: tuple[PageServer, World]):
    made, world = desk
    await world.go_to(date(2022, 9, 30))
    await ask(made, world, "/digest monday 8:00 UTC")
    await ask(made, world, "/digest alerts on")
    await do(made, **{"as": ANA, "do": "clock", "to": "2022-10-03"})
    before = told(world)
    assert len([each for each in before if "red on 1 Nov" in each and each.startswith("🟠")]) == 3
    assert "Partner A: 420 points, no change this week" in " ".join(before)
    await acknowledged(made, world)
    await do(made, **{"as": ANA, "do": "clock", "to": "day"})
    await ask(made, world, "/digest off")
    for day in ("2022-10-03", "2022-10-02"):  # the days on which they came
        await do(made, **{"as": ANA, "do": "clock", "to": day})
        await world.told()
        assert told(world) == before[: len(told(world))]
        assert "Acknowledged by" not in shown(world)
    await do(made, **{"as": ANA, "do": "clock", "to": "2022-09-29"})
    assert told(world) == []
    assert "/digest off" not in str(world.typed)
    assert world.moment().date() == date(2022, 9, 29)


async def acknowledged(made: PageServer, world: World) -> None:
    """Ana acknowledges the alert that came last."""
    place = world.slack.directory.direct_message(world.people[ANA].user_id).channel_id
    alert = next(each for each in reversed(world.slack.messages(place)) if "Acknowledge" in str(each.blocks))
    buttons = [each for block in alert.blocks for each in block.get("elements", ()) if each.get("type") == "button"]
    pressed = next(each for each in buttons if each["text"]["text"] == "Acknowledge")
    where = {"where": "message", "channel": place, "ts": alert.ts, "element": pressed}
    await do(made, **{"as": ANA, "do": "click", **where})
    assert await world.slack.until(lambda: "Acknowledged by" in shown(world), ENOUGH)


def shown(world: World) -> str:
    """All that stands in Ana's messages with the bot."""
    place = world.slack.directory.direct_message(world.people[ANA].user_id)
    return str([each.blocks for each in world.slack.messages(place.channel_id)])


@pytest.mark.parametrize("day", [date(2022, 9, 7), date(2027, 3, 3)], ids=["of the past", "of the future"])
async def test_a_message_in_doubt_arrives_once_on_a_day(desk: tuple[PageServer, World], day: date):
    """Slack took it and its answer was lost: it is looked for when its time has come, and found."""
    made, world = desk
    await ask(made, world, "/digest monday 8:00 UTC")
    await world.go_to(day)
    world.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    await ask(made, world, "/digest now")
    for _ in range(2):  # one until it is in doubt, one until it is looked for
        await do(made, **{"as": ANA, "do": "clock", "to": "day"})
    assert world.slack.journal.calls("conversations.history")
    assert len(told(world)) == len(set(told(world))) == 2


async def test_a_day_begins_in_the_morning_and_leads_to_the_next_one(
    desk: tuple[PageServer, World], monkeypatch: pytest.MonkeyPatch
):
    _, world = desk
    assert world.moment().isoformat(timespec="minutes") == "2022-09-05T08:30+00:00"
    await world.end_the_day()
    assert world.day == date(2022, 9, 5)
    late = SimpleNamespace(monotonic=lambda: time.monotonic() + 16 * 3_600)
    monkeypatch.setattr("bot.playground.world.world.time", late)
    assert world.moment().date() == date(2022, 9, 6)
    await world.end_the_day()
    assert world.day == date(2022, 9, 6)
    assert world.moment().isoformat(timespec="minutes") == "2022-09-06T08:30+00:00"
