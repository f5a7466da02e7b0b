"""C$R taken apart, and the awards, as they are asked for in Slack; on both engines."""

from pathlib import Path

import pytest

from bot.cli.ask import ask
from bot.terminal.render import render
from tests.support.sample_folder import FOLDER
from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import TIMEOUT
from tiercore.ingest.importing import import_folder

HEADER = FOLDER["subscriptions.csv"].splitlines()[0]
CANCELLED = "C1,Sales Hub,0,USD,2022-06-15,"


def seen(view) -> str:
    """A window in one line of plain text."""
    return " ".join(render(view.blocks, colour=False, width=400).split())


def bring_in(tierbot: ServedBot, folder: Path, *levels: str) -> None:
    folder.mkdir()
    (folder / "subscriptions.csv").write_text("\n".join([HEADER, *levels]) + "\n")
    found = import_folder(tierbot.core.engine, tierbot.core.program, folder, today=tierbot.core.settings.today_is())
    assert found.problems == []


async def test_why_retention_names_the_client_the_line_and_the_amounts(tierbot: ServedBot, tmp_path: Path):
    bring_in(tierbot, tmp_path / "more", CANCELLED)
    text = text_of(await tierbot.slack.command("ana", "/why", "retention"))
    assert "C$R 80%, 20% lost through 1 client" in text
    assert "100% − 20% = 80% over 12 months from 1 Sep 2021" in text
    assert (
        "−20% Acme, Sales Hub: US$3,000 a month, cancelled between 1 Jun 2022 and 1 Jul 2022, of US$15,000 MRR" in text
    )


@pytest.mark.parametrize("words", ["c$r", "C$R", "grr", 'Retention "Partner A"', '"Partner A" retention'])
async def test_people_may_call_it_by_its_names(tierbot: ServedBot, words: str):
    assert "C$R 100%, nothing lost" in text_of(await tierbot.slack.command("ana", "/why", words))


async def test_the_button_on_tier_opens_it(tierbot: ServedBot):
    tier = await tierbot.slack.command("ana", "/tier")
    await tierbot.slack.click("ana", tier.message, "Why C$R?")
    screen = tierbot.slack.state.screen
    assert await screen.until(lambda: "C$R 100%, nothing lost" in seen(screen.stream[-1]), TIMEOUT)


async def test_without_subscription_data_it_says_so(tierbot: ServedBot):
    text = text_of(await tierbot.slack.command("admin", "/why", 'retention "Geheim & Söhne"'))
    assert "C$R unknown: no subscription data for the clients that earned points in the last 12 months" in text


async def test_more_lines_than_a_screen_holds_are_paged(tierbot: ServedBot, tmp_path: Path):
    lines = [f"C1,Add-on {number},100,USD,2022-03-01," for number in range(10)]
    ends = [f"C1,Add-on {number},0,USD,2022-06-15," for number in range(10)]
    bring_in(tierbot, tmp_path / "more", *lines, *ends)
    first = await tierbot.slack.command("ana", "/why", "retention")
    assert "1–8 of 10 changes" in text_of(first)
    assert "9–10 of 10 changes" in text_of(await tierbot.slack.click("ana", first.message, "Next ›"))


AWARDS = (
    "2 of 4 conditions met, 1 unknown",
    "Revenue retention (Aug 2022, for a year): 100%",
    "🔴 Least managed MRR in 12 months: not met, US$12,000 of US$20,000",
)


@pytest.mark.parametrize("words", ["awards", 'award "Partner A"'])
async def test_why_awards_shows_what_entering_for_the_awards_takes(tierbot: ServedBot, words: str):
    text = text_of(await tierbot.slack.command("ana", "/why", words))
    assert [each for each in AWARDS if each not in text] == []


async def test_the_button_on_tier_opens_what_entering_for_the_awards_takes(tierbot: ServedBot):
    tier = await tierbot.slack.command("ana", "/tier")
    await tierbot.slack.click("ana", tier.message, "Awards")
    screen = tierbot.slack.state.screen
    assert await screen.until(lambda: all(each in seen(screen.stream[-1]) for each in AWARDS), TIMEOUT)


async def test_a_standing_asked_for_at_the_terminal_has_the_awards_as_well(tierbot: ServedBot):
    told = await ask(tierbot.core, "/tier", "ana@example.com", tierbot.core.settings.today_is())
    text = " ".join(told.text(colour=False, width=400).split())
    assert [each for each in AWARDS if each not in text] == []
    assert told.record["awards"]["revenue_retention"] == "100.00"
