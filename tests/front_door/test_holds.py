"""A held figure is blank with its reason everywhere until lifted (roadmap-2022#correction-of-expiring-points)."""

from datetime import UTC, datetime

import pytest

from handlers.views.parts.formats import day
from tests.support.served_bot import Office, said
from tiercore.people.holds import hold, lift
from tiercore.people.types import InvalidChange
from tiercore.storage.transactions import Transactions

WHY = "downgrades of May are being corrected"


def held(office: Office, figure: str, partner: str = "") -> None:
    Transactions(office.core.engine).write_now(lambda connection, now: hold(connection, figure, partner, WHY, now))


async def test_expiry_under_correction_is_blank_everywhere_with_the_reason_until_lifted(office: Office):
    before = said(await office.slack.command("ana", "/expiring"))
    assert "330 points expire" in before
    held(office, "expiry")
    expiring = said(await office.slack.command("ana", "/expiring"))
    assert f"under correction since {office_day()}: {WHY}" in expiring
    assert "330" not in expiring
    assert "Oct 2022" not in expiring
    clients = said(await office.slack.command("ana", "/clients"))
    assert WHY in clients
    assert "Oct 2022" not in clients
    client = said(await office.slack.command("ana", "/clients", "Acme"))
    assert f"180 active (expiry unknown: under correction since {office_day()}: {WHY})" in client
    assert WHY in said(await office.slack.command("ana", "/why", "sold"))
    Transactions(office.core.engine).write_now(lambda connection, now: lift(connection, "expiry", "", now))
    assert said(await office.slack.command("ana", "/expiring")) == before


async def test_a_hold_on_one_partner_does_not_affect_others(office: Office):
    held(office, "expiry", "PB")
    assert "330 points expire" in said(await office.slack.command("ana", "/expiring"))
    assert WHY in said(await office.slack.command("bea", "/expiring"))


async def test_tool_usage_under_correction_is_unknown_and_the_tier_is_still_shown(office: Office):
    held(office, "tool_usage", "PA")
    standing = said(await office.slack.command("ana", "/tier"))
    assert "⚪ Median tool usage: unknown" in standing
    assert WHY in standing
    assert "performing tier: Gold" in standing


async def test_an_invalid_hold_lists_the_valid_ones(office: Office):
    with pytest.raises(InvalidChange, match="Choose from: expiry, retention, tool_usage"):
        held(office, "points")
    with pytest.raises(InvalidChange, match="There's no partner with the ID 'PX'"):
        held(office, "expiry", "PX")


def office_day() -> str:
    return day(datetime.now(UTC).date())
