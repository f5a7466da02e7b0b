"""Every question works behind /tier, which is how a workspace with only the core commands sees them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from bot.playground.local_slack.server import Slack
from bot.wiring import Core
from handlers.command_names import CORE
from handlers.typed_command import QUESTIONS
from tests.support.served_bot import WORKSPACE, Clock, ServedBot, connected_bot, text_of
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.ledger import PartnerRow


@pytest.fixture
async def core_commands_bot(core: Core) -> AsyncIterator[ServedBot]:
    """The bot in a workspace that has /tier, /gap, /expiring and /digest."""
    async with Slack(workspace=WORKSPACE) as slack:
        clock = Clock(datetime(2022, 9, 5, 12, tzinfo=UTC))
        bot = connected_bot(core, slack, clock, commands="core")
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        yield ServedBot(slack, bot, core, clock)
        await bot.stop()


def rename(tierbot: ServedBot, partner_id: str, name: str) -> None:
    """Rename a partner, as an import would."""
    partner = table(PartnerRow)
    with writing(tierbot.core.engine) as connection:
        connection.execute(update(partner).where(partner.c.partner_id == partner_id).values(name=name))


def named_commands(text: str) -> set[str]:
    """The commands named in the text that the workspace doesn't have."""
    return {word for word in QUESTIONS if word not in CORE and f"/{word}" in text}


@pytest.mark.parametrize(
    ("behind", "itself"),
    [
        ("clients", ("/clients", "")),
        ("clients Acme", ("/clients", "Acme")),
        ("why sold", ("/why", "sold")),
        ("/why sold", ("/why", "sold")),
        ("Changes 2022-06-01", ("/changes", "2022-06-01")),
        ("recalibration", ("/recalibration", "")),
        ("convert 225 points", ("/convert", "225 points")),
        ("gap platinum", ("/gap", "platinum")),
        ('gap platinum "Partner A"', ("/gap", 'platinum "Partner A"')),
        ("digest", ("/digest", "")),
        ("help why", ("/why", "help")),
        ("why help", ("/why", "help")),
    ],
)
async def test_a_question_behind_tier_has_the_same_answer(tierbot: ServedBot, behind: str, itself: tuple[str, str]):
    answer = text_of(await tierbot.slack.command("ana", "/tier", behind))
    assert answer == text_of(await tierbot.slack.command("ana", *itself))
    assert tierbot.slack.journal.errors == []


async def test_a_digest_can_be_subscribed_behind_tier(tierbot: ServedBot):
    assert "Monday" in text_of(await tierbot.slack.command("ana", "/tier", "digest monday 9:00"))


async def test_a_partner_named_like_a_question_is_found(tierbot: ServedBot):
    rename(tierbot, "PA", "Clients")
    assert "225 points to Platinum" in text_of(await tierbot.slack.command("carla", "/tier", "Clients"))
    assert "225 points to Platinum" in text_of(await tierbot.slack.command("carla", "/tier", '"clients"'))
    mine = text_of(await tierbot.slack.command("carla", "/tier", 'clients "Clients"'))
    assert "Acme" in mine


async def test_only_a_visible_partner_takes_precedence_over_a_question(tierbot: ServedBot):
    rename(tierbot, "PB", "Clients")
    assert "Acme" in text_of(await tierbot.slack.command("ana", "/tier", "clients"))


async def test_a_partner_whose_name_starts_like_a_question_is_found_by_its_full_name(tierbot: ServedBot):
    rename(tierbot, "PA", "Gap Consulting Group")
    assert "225 points to Platinum" in text_of(await tierbot.slack.command("carla", "/tier", "gap consulting"))
    assert "Credited tier: Gold since" in text_of(await tierbot.slack.command("carla", "/tier", "Gap Consulting Group"))
    which = text_of(await tierbot.slack.command("carla", "/tier", "gap"))
    assert "Which partner?" in which


async def test_an_unknown_partner_is_refused_as_by_the_question_itself(tierbot: ServedBot):
    refused = text_of(await tierbot.slack.command("carla", "/tier", "why Unbekannt"))
    assert refused == text_of(await tierbot.slack.command("carla", "/why", "Unbekannt"))


@pytest.mark.parametrize(("typed", "label"), [("cleints", "/clients"), ("hepl", "/tier help"), ("wy", "/why")])
async def test_a_mistyped_word_behind_tier_gets_a_working_suggestion(tierbot: ServedBot, typed: str, label: str):
    answer = await tierbot.slack.command("ana", "/tier", typed)
    assert f"[ {label} ]" in text_of(answer)
    clicked = await tierbot.slack.click("ana", answer.message, label)
    assert "among those you can see" not in text_of(clicked)


@pytest.mark.parametrize(
    "typed", ["", "help", "clients", "cleints", "why sold", "convert", "clients Nobody", "changes"]
)
async def test_a_workspace_with_the_core_commands_hears_only_of_those(core_commands_bot: ServedBot, typed: str):
    answer = await core_commands_bot.slack.command("ana", "/tier", typed)
    assert not named_commands(text_of(answer)), text_of(answer)
    assert core_commands_bot.slack.journal.errors == []


async def test_in_a_workspace_with_the_core_commands_suggestions_windows_and_home_use_them(
    core_commands_bot: ServedBot,
):
    answer = await core_commands_bot.slack.command("ana", "/tier", "cleints")
    assert "[ /tier clients ]" in text_of(answer)
    assert "Acme" in text_of(await core_commands_bot.slack.click("ana", answer.message, "/tier clients"))
    assert "/tier clients [client] [partner]" in text_of(await core_commands_bot.slack.command("ana", "/tier", "help"))
    await core_commands_bot.slack.open_home("ana")
    assert await core_commands_bot.slack.until(lambda: core_commands_bot.slack.home("ana") is not None)
    news = await core_commands_bot.slack.click("ana", core_commands_bot.slack.home("ana"), "What's new")
    shown = text_of((await core_commands_bot.slack.click("ana", news.view, "All changes")).view)
    assert [word for word in QUESTIONS if word not in CORE and f"/tier {word}" in shown]
    assert not named_commands(shown)
