"""Every question works behind /tier; where a workspace has the core commands alone, that is how they are offered."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from bot.playground.local_slack.server import Slack
from bot.wiring import Core
from handlers.command_names import CORE
from handlers.conversation import QUESTIONS
from tests.support.served_bot import WORKSPACE, Clock, Office, connected, said
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.ledger import PartnerRow


@pytest.fixture
async def core_office(core: Core) -> AsyncIterator[Office]:
    """The bot in a workspace that has /tier, /gap, /expiring and /digest."""
    async with Slack(workspace=WORKSPACE) as slack:
        clock = Clock(datetime(2022, 9, 5, 12, tzinfo=UTC))
        bot = connected(core, slack, clock, commands="core")
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        yield Office(slack, bot, core, clock)
        await bot.stop()


def rename(office: Office, partner_id: str, name: str) -> None:
    """Another name for a partner, as an import would bring it."""
    partner = table(PartnerRow)
    with writing(office.core.engine) as connection:
        connection.execute(update(partner).where(partner.c.partner_id == partner_id).values(name=name))


def named_commands(text: str) -> set[str]:
    """The commands that the workspace lacks and the text names by themselves."""
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
async def test_a_question_behind_tier_has_the_same_answer(office: Office, behind: str, itself: tuple[str, str]):
    answer = said(await office.slack.command("ana", "/tier", behind))
    assert answer == said(await office.slack.command("ana", *itself))
    assert office.slack.journal.errors == []


async def test_a_digest_can_be_subscribed_behind_tier(office: Office):
    assert "Monday" in said(await office.slack.command("ana", "/tier", "digest monday 9:00"))


async def test_a_partner_named_like_a_question_is_found(office: Office):
    rename(office, "PA", "Clients")
    assert "Clients: 225 points to Platinum" in said(await office.slack.command("carla", "/tier", "Clients"))
    assert "Clients: 225 points to Platinum" in said(await office.slack.command("carla", "/tier", '"clients"'))
    mine = said(await office.slack.command("carla", "/tier", 'clients "Clients"'))
    assert "Acme" in mine


async def test_only_a_visible_partner_takes_precedence_over_a_question(office: Office):
    rename(office, "PB", "Clients")
    assert "Acme" in said(await office.slack.command("ana", "/tier", "clients"))


async def test_a_partner_whose_name_starts_like_a_question_is_found_by_its_full_name(office: Office):
    rename(office, "PA", "Gap Consulting Group")
    assert "225 points to Platinum" in said(await office.slack.command("carla", "/tier", "gap consulting"))
    assert "Credited tier: Gold since" in said(await office.slack.command("carla", "/tier", "Gap Consulting Group"))
    which = said(await office.slack.command("carla", "/tier", "gap"))
    assert "Which partner?" in which


async def test_an_unknown_partner_is_refused_as_by_the_question_itself(office: Office):
    refused = said(await office.slack.command("carla", "/tier", "why Unbekannt"))
    assert refused == said(await office.slack.command("carla", "/why", "Unbekannt"))


@pytest.mark.parametrize(("typed", "label"), [("cleints", "/clients"), ("hepl", "/tier help"), ("wy", "/why")])
async def test_a_mistyped_word_behind_tier_gets_a_working_suggestion(office: Office, typed: str, label: str):
    answer = await office.slack.command("ana", "/tier", typed)
    assert f"[ {label} ]" in said(answer)
    clicked = await office.slack.click("ana", answer.message, label)
    assert "among those you can see" not in said(clicked)


@pytest.mark.parametrize(
    "typed", ["", "help", "clients", "cleints", "why sold", "convert", "clients Nobody", "changes"]
)
async def test_a_workspace_with_the_core_commands_hears_only_of_those(core_office: Office, typed: str):
    answer = await core_office.slack.command("ana", "/tier", typed)
    assert not named_commands(said(answer)), said(answer)
    assert core_office.slack.journal.errors == []


async def test_in_a_workspace_with_the_core_commands_suggestions_windows_and_home_use_them(core_office: Office):
    answer = await core_office.slack.command("ana", "/tier", "cleints")
    assert "[ /tier clients ]" in said(answer)
    assert "Acme" in said(await core_office.slack.click("ana", answer.message, "/tier clients"))
    assert "/tier clients [client] [partner]" in said(await core_office.slack.command("ana", "/tier", "help"))
    await core_office.slack.open_home("ana")
    assert await core_office.slack.until(lambda: core_office.slack.home("ana") is not None)
    news = await core_office.slack.click("ana", core_office.slack.home("ana"), "What's new")
    assert await core_office.slack.until(lambda: core_office.slack.modal("ana") is not None)
    shown = said(core_office.slack.modal("ana") or news)
    assert "/tier progress draws" in shown
    assert not named_commands(shown)
