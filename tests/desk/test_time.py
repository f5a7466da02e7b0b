"""Time on the desk: days that pass, a jump, the way back, midnight; and what is sent meanwhile, each once."""

import asyncio
import time
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from desks import ANA, PARTNERS, ask, do, drop, told

from bot.desk.site import Desk
from bot.playground import faults
from bot.world import World


async def test_time_passes_to_the_recalibration_and_can_be_stopped(desk: tuple[Desk, World]):
    made, world = desk
    going = asyncio.create_task(do(made, **{"as": ANA, "do": "clock", "to": "recalibration"}))
    assert await world.slack.until(world.busy.locked, 10)
    assert "one thing at a time" in (await do(made, **{"as": ANA, "do": "clock", "to": "day"}))["error"]
    assert "one thing at a time" in (await drop(made, ("partners.csv", PARTNERS)))["error"]
    await do(made, **{"as": ANA, "do": "clock", "to": "stop"})
    await going
    assert date(2022, 9, 5) < world.day < date(2023, 1, 15)
    await do(made, **{"as": ANA, "do": "clock", "to": "2023-01-14"})
    await do(made, **{"as": ANA, "do": "clock", "to": "recalibration"})
    assert world.day == date(2023, 1, 15)


async def test_today_is_a_jump_to_the_day_on_this_desk(desk: tuple[Desk, World]):
    """Four years of digests would be a nuisance: what was due on the way isn't sent."""
    made, world = desk
    assert await do(made, **{"as": ANA, "do": "clock", "to": "today"}) == {}
    assert world.day == date.today()  # noqa: DTZ011
    await world.told()
    mine = world.slack.messages(world.slack.directory.direct_message(world.people[ANA].user_id).channel_id)
    assert not [each for each in mine if "this week" in each.text]


async def test_no_weekly_digest_is_left_out_however_far_one_goes(desk: tuple[Desk, World]):
    made, world = desk
    ana = world.people[ANA].user_id
    place = world.slack.directory.direct_message(ana).channel_id
    await do(made, **{"as": ANA, "do": "command", "channel": place, "text": "/digest friday 8:00 UTC"})
    assert await world.slack.until(lambda: len(world.slack.messages(place, ana)) == 1, 10)
    await do(made, **{"as": ANA, "do": "clock", "to": "2022-10-15"})
    sent = [each.ts for each in world.slack.messages(place, ana) if not each.ephemeral]
    came = {datetime.fromtimestamp(float(ts), UTC).date() for ts in sent}
    assert came == {date(2022, 9, 9) + timedelta(7 * week) for week in range(6)}


async def test_on_the_way_back_what_happened_since_is_forgotten_and_then_happens_anew(desk: tuple[Desk, World]):
    made, world = desk
    await world.go_to(date(2022, 9, 28))
    await ask(made, world, "/digest monday 8:00 UTC")
    await ask(made, world, "/digest alerts on")
    await do(made, **{"as": ANA, "do": "clock", "to": "2022-10-03"})
    before = told(world)
    assert len(before) > 4
    assert any("turns red on 1 Nov" in each for each in before)
    await do(made, **{"as": ANA, "do": "clock", "to": "2022-09-28"})
    assert told(world) == []
    assert world.moment().date() == date(2022, 9, 28)
    assert world.typed[world.people[ANA].user_id] == []
    await ask(made, world, "/digest now")
    assert await world.slack.until(lambda: len(told(world)) == 2, 10)
    await do(made, **{"as": ANA, "do": "clock", "to": "2022-10-03"})
    assert sorted(told(world)[2:]) == sorted(before)


@pytest.mark.parametrize("day", [date(2022, 9, 7), date(2027, 3, 3)], ids=["of the past", "of the future"])
async def test_what_is_in_doubt_arrives_once_on_a_day(desk: tuple[Desk, World], day: date):
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


async def test_a_day_begins_in_the_morning_and_where_it_is_over_the_next_one_does(
    desk: tuple[Desk, World], monkeypatch: pytest.MonkeyPatch
):
    _, world = desk
    assert world.moment().isoformat(timespec="minutes") == "2022-09-05T08:30+00:00"
    await world.end_the_day()
    assert world.day == date(2022, 9, 5)
    late = SimpleNamespace(monotonic=lambda: time.monotonic() + 16 * 3_600)
    monkeypatch.setattr("bot.world.time", late)
    assert world.moment().date() == date(2022, 9, 6)
    await world.end_the_day()
    assert world.day == date(2022, 9, 6)
    assert world.moment().isoformat(timespec="minutes") == "2022-09-06T08:30+00:00"
