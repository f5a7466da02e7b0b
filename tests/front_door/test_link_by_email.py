"""Linking by a confirmed Slack e-mail of a trusted domain, off by default (slack#linking)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Person
from bot.wiring import Core
from tests.support.served_bot import PEOPLE, WORKSPACE, Clock, ServedBot, connected_bot, text_of
from tests.support.waiting import TIMEOUT
from tiercore.people.audit import latest
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading, writing
from tiercore.storage.tables.ledger import PersonRow

EVE = PEOPLE[4]
NOT_VERIFIED = {
    "guest": {"is_guest": True},
    "unconfirmed": {"has_confirmed_email": False},
    "other organization": {"team_id": "T99OTHER"},
    "other domain": {"email": "eve@example.org"},
    "domain ends alike": {"email": "eve@notexample.com"},
}


@pytest.fixture
async def trusting(core: Core) -> AsyncIterator[ServedBot]:
    """The bot of an operator who trusts example.com; Eve is in people.csv, and not linked."""
    with writing(core.engine) as connection:
        rows = [{"email": "eve@example.com", "partner_id": "PB", "name": "Eve", "role": "partner"}]
        rows += [{"email": "eve@example.org", "partner_id": "PB", "name": "Eve", "role": "partner"}]
        connection.execute(insert(table(PersonRow)), rows)
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        clock = Clock(datetime(2022, 9, 5, 12, tzinfo=UTC))
        bot = connected_bot(core, slack, clock, link_by_email="agency.example, Example.com")
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        yield ServedBot(slack, bot, core, clock)
        await bot.stop()


def become(tierbot: ServedBot, **profile: object) -> Person:
    """Eve with another profile."""
    person = replace(EVE, **profile)  # type: ignore[arg-type]
    tierbot.slack.state.directory.people[person.user_id] = person
    return person


async def test_a_confirmed_e_mail_of_a_trusted_domain_links_at_once(trusting: ServedBot):
    assert "Welcome, Eve" in text_of(await trusting.slack.command("eve", "/tier", "link"))
    assert "Zweite GmbH" in text_of(await trusting.slack.command("eve", "/tier"))
    with reading(trusting.core.engine) as connection:
        assert "was linked by e-mail to" in {each.change for each in latest(connection, 20)}


@pytest.mark.parametrize("profile", NOT_VERIFIED.values(), ids=NOT_VERIFIED)
async def test_any_other_profile_must_ask(trusting: ServedBot, profile: dict):
    person = become(trusting, **profile)
    assert "Welcome" not in text_of(await trusting.slack.command(person, "/tier", "link eve@example.com"))
    assert "don't know who you are yet" in text_of(await trusting.slack.command(person, "/tier"))


async def test_the_e_mail_of_somebody_else_must_be_approved(trusting: ServedBot):
    assert "You asked to be linked" in text_of(await trusting.slack.command("eve", "/tier", "link bea@example.com"))


async def test_without_the_setting_nobody_is_linked_by_e_mail(tierbot: ServedBot):
    with writing(tierbot.core.engine) as connection:
        row = {"email": "eve@example.com", "partner_id": "PB", "name": "Eve", "role": "partner"}
        connection.execute(insert(table(PersonRow)), [row])
    assert "You asked to be linked" in text_of(await tierbot.slack.command("eve", "/tier", "link"))
