"""The dollar and points dashboards, and which one someone sees first."""

from datetime import UTC, date, datetime

import pytest

from bot.playground.local_slack.server import Slack
from bot.wiring import Core
from tests.support.served_bot import WORKSPACE, Clock, ServedBot, connected_bot, text_of
from tests.support.waiting import TIMEOUT


@pytest.fixture
async def tierbot_in_june(core: Core):
    """The served bot on 5 June 2022, when dollars decide and points are a preview."""
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        bot = connected_bot(core, slack, today=date(2022, 6, 5))
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        yield ServedBot(slack, bot, core, Clock(datetime(2022, 6, 20, 12, tzinfo=UTC)))
        await bot.stop()


async def test_dollars_decide_before_18_july_2022_and_points_are_a_preview(tierbot_in_june: ServedBot):
    standing = text_of(await tierbot_in_june.slack.command("ana", "/tier"))
    assert "2021 rules" in standing
    assert "US$9,000 sold MRR (last 12 months)" in standing
    preview = text_of(await tierbot_in_june.slack.command("ana", "/tier", "points"))
    assert (
        "The points dashboard decides from 18 Jul 2022; this is a preview. Looking at it doesn't change the tier"
        in preview
    )
    assert "645 combined points" in preview


async def test_points_decide_from_then_on_and_dollars_are_a_comparison(tierbot: ServedBot):
    assert "2022 rules" in text_of(await tierbot.slack.command("ana", "/tier"))
    dollars = text_of(await tierbot.slack.command("ana", "/tier", "dollars"))
    assert "The dollar dashboard decided until 17 Jul 2022" in dollars
    assert "2021 rules" in dollars


async def test_a_button_switches_to_the_other_dashboard_and_back(tierbot: ServedBot):
    answer = await tierbot.slack.command("ana", "/tier")
    dollars = await tierbot.slack.click("ana", answer.message, "Dollar dashboard")
    assert "2021 rules" in text_of(dollars)
    points = await tierbot.slack.click("ana", dollars.message, "Points dashboard")
    assert "2022 rules" in text_of(points)


async def test_a_preference_is_stored_per_person_and_does_not_change_the_tier(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/tier", "dollars PA")
    noted = await tierbot.slack.click("carla", answer.message, "Show dollars first")
    assert "From now on, you see the dollar dashboard first. This doesn't change any tier." in text_of(noted)
    assert "2021 rules" in text_of(await tierbot.slack.command("carla", "/tier", "PA"))
    assert "2021 rules" in text_of(await tierbot.slack.command("carla", "/gap", "PA"))
    assert "Show points first" in text_of(await tierbot.slack.command("carla", "/tier", "points PA"))
    assert "2022 rules" in text_of(await tierbot.slack.command("ana", "/tier"))
    await tierbot.slack.command("carla", "/tier", "prefer default")
    assert "2022 rules" in text_of(await tierbot.slack.command("carla", "/tier", "PA"))
    assert "Show points first" not in text_of(await tierbot.slack.command("ana", "/tier", "points"))


async def test_a_growth_market_partner_has_half_the_dollar_targets_and_full_points(tierbot_in_june: ServedBot):
    """The partner's country counts before 18 July 2022, the client's from then on."""
    dollars = text_of(await tierbot_in_june.slack.command("admin", "/gap", "elite PC"))
    assert "US$32,500" in dollars
    points = text_of(await tierbot_in_june.slack.command("admin", "/tier", "points PC"))
    assert "growth" not in points.lower()
