"""`/gap`, `/plan` and `/whatif` while the held tier is in danger."""

from pathlib import Path

import pytest

from tests.support.sample_folder import FOLDER, write_folder
from tests.support.served_bot import TODAY, ServedBot, text_of
from tiercore.ingest.importing import import_folder

ENDS_EARLY = FOLDER["certifications.csv"].replace("2023-01-31", "2022-11-28")


@pytest.fixture
def in_danger(tierbot: ServedBot, tmp_path: Path) -> ServedBot:
    """The bot with a certification of Partner A that ends before the recalibration of 15 Jan 2023."""
    folder = write_folder(tmp_path / "changed", certifications=ENDS_EARLY)
    assert not import_folder(tierbot.core.engine, tierbot.core.program, folder, today=TODAY).problems
    return tierbot


async def said(bot: ServedBot, words: str) -> str:
    return text_of(await bot.slack.command("ana", "/gap", words))


async def test_a_bare_gap_begins_with_the_held_tier_in_danger_and_says_the_climb_after_it(in_danger: ServedBot):
    answer = await said(in_danger, "")
    assert answer.startswith("🔴 Partner A: Gold at risk on 15 Jan 2023")
    first, then = answer.index("Renew the certification by 28 Nov 2022"), answer.index("Then: ")
    assert first < answer.index("combined points on 15 Jan 2023") < then
    assert "to Platinum by 15 Sep 2022" in answer[then:]


@pytest.mark.parametrize("words", ["platinum", "platinum by 15 Jan", "by 15 Jan"])
async def test_a_gap_to_another_tier_or_day_has_the_danger_as_its_second_line(in_danger: ServedBot, words: str):
    answer = await said(in_danger, words)
    assert answer.index("to Platinum by") < answer.index("🔴 Gold at risk on 15 Jan 2023")
    assert answer.index("Renew the certification by 28 Nov 2022") < answer.index("combined points on")


async def test_without_danger_a_bare_gap_is_about_the_next_tier(tierbot: ServedBot):
    answer = await said(tierbot, "")
    assert "to Platinum by 15 Sep 2022" in answer
    assert "🔴 Gold" not in answer


@pytest.mark.parametrize("words", ["", "gold"])
async def test_a_plan_for_the_held_tier_keeps_it_at_the_recalibration(in_danger: ServedBot, words: str):
    answer = text_of(await in_danger.slack.command("ana", "/plan", words))
    assert answer.startswith("🎯 Partner A: Keep Gold on 15 Jan 2023: renew the certification")


async def test_a_plan_offers_the_gap_once_and_shows_whole_amounts(in_danger: ServedBot):
    answer = text_of(await in_danger.slack.command("ana", "/plan", "platinum by 2023-01-15"))
    assert answer.count("Gap") == 1
    assert "." not in answer.partition("of MRR")[0].partition("US$")[2]


async def test_what_the_steps_change_comes_first_and_a_tier_at_risk_with_and_without_them_second(in_danger: ServedBot):
    answer = text_of(
        await in_danger.slack.command("ana", "/whatif", "sell 12,000 sourced Marketing Hub to Acme 20 Sep")
    )
    assert answer.startswith("🎉 Partner A: Platinum would be credited on 15 Oct 2022")
    assert answer.index("🔴 Gold is still at risk at the recalibration on 15 Jan 2023") < answer.index("Sell US$12,000")
