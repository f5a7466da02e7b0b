"""Plans and goals at the front door: asked, kept, followed, told once when off track, withdrawn; and who may do so."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import delete

from bot.playground.local_slack.screen import Shown
from bot.terminal.render import render
from bot.wiring import create_services, open_conversation
from handlers.commands.goals import GOAL_CLICKS
from handlers.question import InvalidInput
from handlers.views.parts.choices import value
from tests.support.alerts import import_rows
from tests.support.delivered import audit_entries, direct_messages, rows
from tests.support.served_bot import TODAY, ServedBot, text_of
from tests.support.waiting import wait_until
from tiercore.access import Grant, NoSuchPartner, NotLinked, SlackUser
from tiercore.answers import Answers
from tiercore.people.types import NotAllowed
from tiercore.planning.steps import Wish
from tiercore.questions.goals import Track
from tiercore.questions.signals import Kind, Level
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.goals import GoalRow
from tiercore.storage.tables.ledger import PersonRow
from tiercore.storage.tables.notifications import OutboxRow, SignalRow

OFF_TRACK, BACK = "oal Platinum by 15 Jan 2023 is off track", "oal Platinum by 15 Jan 2023 is on track"
RIGHT = "S2,PA,C1,Sales Hub,cross_sell,sourced,3000.00,USD,2022-03-01"
CORRECTED = RIGHT.replace("3000.00", "0.00")  # a sale that counts on the goal's day was none
BY = "platinum by 15 Jan 2023"


@pytest.fixture
async def answers(tierbot: ServedBot) -> AsyncIterator[Answers]:
    async with open_conversation(tierbot.core) as (conversation, _):
        yield conversation.answers


async def grant_of(answers: Answers, user: str, partner: str) -> Grant:
    return (await answers.reach(SlackUser("T01LOCAL", user))).grant_of(partner)


async def kept(tierbot: ServedBot) -> GoalRow:
    answer = await tierbot.slack.command("ana", "/plan", BY)
    reply = await tierbot.slack.click("ana", answer.message, "Keep as goal")
    assert "Platinum by 15 Jan 2023 is now the goal of Partner A." in text_of(reply)
    return next(each for each in rows(tierbot, GoalRow) if each.withdrawn_at is None)


async def test_the_first_line_of_a_plan_is_the_way_to_the_tier(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/plan", BY)
    first, shown = answer.blocks[0]["text"]["text"], text_of(answer)
    assert first.startswith("🎯 Partner A: Platinum by 15 Jan 2023: ")
    assert "The cheapest way: US$" in shown
    assert "Last day" in shown
    assert "Without the plan" in shown


async def test_a_plan_is_asked_behind_tier_too(tierbot: ServedBot):
    assert "Platinum by 15 Jan 2023" in text_of(await tierbot.slack.command("ana", "/tier", f"plan {BY}"))


async def test_a_plan_that_is_kept_is_followed_and_can_be_withdrawn(tierbot: ServedBot, answers: Answers):
    row = await kept(tierbot)
    assert (row.partner_id, row.tier, date.fromordinal(row.day)) == ("PA", "platinum", date(2023, 1, 15))
    assert json.loads(row.steps)[0]["points"] > 0
    found = await answers.goal(await grant_of(answers, "U0ANA", "PA"), TODAY)
    assert (found.track, found.earned) == (Track.ON, 0)
    answer = await tierbot.slack.command("ana", "/plan", BY)
    assert "Goal Platinum by 15 Jan 2023 is on track" in text_of(answer)
    reply = await tierbot.slack.click("ana", answer.message, "Withdraw goal")
    assert "Partner A has no goal any more." in text_of(reply)
    assert await answers.goal(await grant_of(answers, "U0ANA", "PA"), TODAY) is None
    changes = [(change, about) for _, change, about, *_ in audit_entries(tierbot)]
    assert ("kept a goal", "PA") in changes
    assert ("withdrew a goal", "PA") in changes


async def test_a_partner_has_one_goal_at_a_time(tierbot: ServedBot):
    first, second = await kept(tierbot), await kept(tierbot)
    assert [each.goal_id for each in rows(tierbot, GoalRow) if each.withdrawn_at is None] == [second.goal_id]
    assert first.goal_id != second.goal_id


async def test_home_shows_the_goal(tierbot: ServedBot):
    await kept(tierbot)
    home = (await tierbot.slack.open_home("ana")).view
    shown = " ".join(render(home.blocks, colour=False, width=400).split())
    assert "Goal Platinum by 15 Jan 2023 is on track" in shown
    assert "points earned" in shown


async def test_the_digest_and_the_row_of_the_cam_show_the_goal(tierbot: ServedBot):
    await kept(tierbot)
    line = "🎯 Goal Platinum by 15 Jan 2023 is on track: "
    assert line in text_of(await tierbot.slack.command("ana", "/digest"))
    shown = text_of(await tierbot.slack.command("carla", "/digest"))
    assert f"Goals (1) • Partner A: {line}" in shown


async def test_a_goal_off_track_is_told_once_to_its_keeper_and_the_cam_and_again_when_it_is_back(
    tierbot: ServedBot, tmp_path: Path
):
    for user in ("ana", "carla", "bea"):
        await tierbot.slack.command(user, "/digest", "alerts on")
    row = await kept(tierbot)
    name = f"goal.platinum.2023-01-15.{row.goal_id[:6]}"
    await wait_until(lambda: name in {each.name for each in rows(tierbot, SignalRow)}, "the goal is watched")
    import_rows(tierbot, tmp_path / "more", "sales.csv", CORRECTED)
    for user in ("U0ANA", "U0CARLA"):
        await wait_until(lambda user=user: told(tierbot, user, OFF_TRACK), f"{user} hears of it")
    await wait_until(lambda: {each.state for each in rows(tierbot, OutboxRow)} == {"sent"}, "everything is sent")
    assert [len(told(tierbot, user, OFF_TRACK)) for user in ("U0ANA", "U0CARLA")] == [1, 1]
    import_rows(tierbot, tmp_path / "more", "sales.csv", RIGHT)
    for user in ("U0ANA", "U0CARLA"):
        await wait_until(lambda user=user: told(tierbot, user, BACK), f"{user} hears that it is on track")
    assert not [each for each in direct_messages(tierbot, "U0BEA") if "Partner A" in text_of(each)]


def told(tierbot: ServedBot, user: str, words: str) -> list[Shown]:
    return [each for each in direct_messages(tierbot, user) if words in text_of(each)]


async def test_a_goal_is_a_signal_that_turns_red_when_it_is_off_track(tierbot: ServedBot, answers: Answers):
    row = await kept(tierbot)
    grant, reports = await grant_of(answers, "U0ANA", "PA"), answers.reports
    name = f"goal.platinum.2023-01-15.{row.goal_id[:6]}"
    now = (await reports.signals(grant, TODAY)).named(name)
    later = (await reports.signals(grant, TODAY + timedelta(60))).named(name)
    assert (now.level, now.kind) == (Level.GREEN, Kind.TIER)
    assert later.level is Level.RED


@pytest.mark.parametrize("action", GOAL_CLICKS)
@pytest.mark.parametrize(("user", "refused"), [("U0BEA", NoSuchPartner), ("U0EVE", NotLinked)])
async def test_a_forged_button_changes_no_other_partner_s_goal(
    tierbot: ServedBot, answers: Answers, user: str, refused: type[Exception], action: str
):
    before = await kept(tierbot)
    context = SimpleNamespace(answers=answers, services=create_services(tierbot.core), today=lambda: TODAY)
    with pytest.raises(refused):
        await GOAL_CLICKS[action](context, SlackUser("T01LOCAL", user), value("plan", BY, "PA"))
    [row] = rows(tierbot, GoalRow)
    assert (row.goal_id, row.withdrawn_at) == (before.goal_id, None)


async def test_the_service_checks_by_itself_who_may_change_a_goal(tierbot: ServedBot, answers: Answers):
    await kept(tierbot)
    goals, bea = create_services(tierbot.core).goals, SlackUser("T01LOCAL", "U0BEA")
    plan = await answers.plans.plan(await grant_of(answers, "U0ANA", "PA"), Wish("platinum", date(2023, 1, 15)), TODAY)
    for change in (goals.keep(bea, plan), goals.withdraw(bea, "PA", rows(tierbot, GoalRow)[0].goal_id)):
        with pytest.raises(NotAllowed):
            await change


async def test_people_who_keep_a_goal_at_once_leave_one_in_force(tierbot: ServedBot, answers: Answers):
    plan = await answers.plans.plan(await grant_of(answers, "U0ANA", "PA"), Wish("platinum", date(2023, 1, 15)), TODAY)
    users = [SlackUser("T01LOCAL", f"U0{name}") for name in ("ANA", "CARLA", "ADMIN")] * 3
    await asyncio.gather(*(create_services(tierbot.core).goals.keep(user, plan) for user in users))
    found = rows(tierbot, GoalRow)
    assert (len(found), len([each for each in found if each.withdrawn_at is None])) == (9, 1)


async def test_an_old_button_withdraws_no_goal_that_took_its_place(tierbot: ServedBot):
    await kept(tierbot)
    old = await tierbot.slack.command("carla", "/plan", f"{BY} Partner A")
    newer = await kept(tierbot)
    reply = await tierbot.slack.click("carla", old.message, "Withdraw goal")
    assert "This goal was withdrawn or replaced by another." in text_of(reply)
    assert [each.goal_id for each in rows(tierbot, GoalRow) if each.withdrawn_at is None] == [newer.goal_id]


async def test_a_forged_wish_of_any_length_is_refused(tierbot: ServedBot, answers: Answers):
    context = SimpleNamespace(answers=answers, services=create_services(tierbot.core), today=lambda: TODAY)
    for text in ("x" * 501, "growth " * 60, "at most " * 20_000):
        with pytest.raises(InvalidInput, match="too long"):
            await GOAL_CLICKS["keep_goal"](context, SlackUser("T01LOCAL", "U0ANA"), value("plan", text, "PA"))
    assert not rows(tierbot, GoalRow)


async def test_somebody_who_lost_the_partner_in_the_meantime_can_not_keep_a_goal(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/plan", BY)
    person = table(PersonRow)
    with writing(tierbot.core.engine) as connection:
        connection.execute(delete(person).where(person.c.email == "ana@example.com"))
    await tierbot.slack.click("ana", answer.message, "Keep as goal")
    assert not rows(tierbot, GoalRow)


async def test_a_goal_belongs_to_its_partner_alone(tierbot: ServedBot, answers: Answers):
    await kept(tierbot)
    assert await answers.goal(await grant_of(answers, "U0BEA", "PB"), TODAY) is None
