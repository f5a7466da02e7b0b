"""Figures under correction are blank everywhere until lifted (roadmap-2022#correction-of-expiring-points)."""

from datetime import UTC, datetime

import pytest

from handlers.views.parts.formats import day
from tests.support.served_bot import ServedBot, text_of
from tiercore.people.holds import hold, lift
from tiercore.people.types import InvalidChange
from tiercore.storage.transactions import Transactions

WHY = "downgrades of May are being corrected"


def put_on_hold(tierbot: ServedBot, figure: str, partner: str = "") -> None:
    Transactions(tierbot.core.engine).write_now(lambda connection, now: hold(connection, figure, partner, WHY, now))


async def test_expiry_under_correction_is_blank_everywhere_with_the_reason_until_lifted(tierbot: ServedBot):
    before = text_of(await tierbot.slack.command("ana", "/expiring"))
    assert "330 points expire" in before
    put_on_hold(tierbot, "expiry")
    expiring = text_of(await tierbot.slack.command("ana", "/expiring"))
    assert f"under correction since {today_shown()}: {WHY}" in expiring
    assert "330" not in expiring
    assert "Oct 2022" not in expiring
    clients = text_of(await tierbot.slack.command("ana", "/clients"))
    assert WHY in clients
    assert "Oct 2022" not in clients
    client = text_of(await tierbot.slack.command("ana", "/clients", "Acme"))
    assert f"180 active (expiry unknown: under correction since {today_shown()}: {WHY})" in client
    assert WHY in text_of(await tierbot.slack.command("ana", "/why", "sold"))
    Transactions(tierbot.core.engine).write_now(lambda connection, now: lift(connection, "expiry", "", now))
    assert text_of(await tierbot.slack.command("ana", "/expiring")) == before


async def test_a_hold_on_one_partner_does_not_affect_others(tierbot: ServedBot):
    put_on_hold(tierbot, "expiry", "PB")
    assert "330 points expire" in text_of(await tierbot.slack.command("ana", "/expiring"))
    assert WHY in text_of(await tierbot.slack.command("bea", "/expiring"))


async def test_tool_usage_under_correction_is_unknown_and_the_tier_is_still_shown(tierbot: ServedBot):
    put_on_hold(tierbot, "tool_usage", "PA")
    standing = text_of(await tierbot.slack.command("ana", "/tier"))
    assert "⚪ Median tool usage: unknown" in standing
    assert WHY in standing
    assert "performing tier: Gold" in standing


async def test_an_invalid_hold_lists_the_valid_ones(tierbot: ServedBot):
    with pytest.raises(InvalidChange, match="Choose from: expiry, retention, tool_usage"):
        put_on_hold(tierbot, "points")
    with pytest.raises(InvalidChange, match="There's no partner with the ID 'PX'"):
        put_on_hold(tierbot, "expiry", "PX")


def today_shown() -> str:
    return day(datetime.now(UTC).date())
