"""Alerts: each crossing is told once, followed up in its thread, taken back in place; and its buttons."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.playground.local_slack.screen import Shown
from tests.support.sample_folder import FOLDER
from tests.support.served_bot import Office, connected, said
from tests.support.waiting import until
from tiercore.ingest.importing import import_folder
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.tables.notifications import OutboxRow, SignalRow

LOST = "C1,Marketing Hub,2000,USD,2022-09-04,"  # Acme goes from 12,000 down to 2,000
BACK = "S8,PA,C1,Service Hub,cross_sell,sourced,9000.00,USD,2022-09-05"


def bring(office: Office, folder: Path, name: str, *lines: str) -> None:
    """More rows of a file are imported."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join([FOLDER[name].splitlines()[0], *lines]) + "\n")
    imported = import_folder(office.core.engine, office.core.program, folder, today=date(2022, 9, 5))
    (folder / name).unlink()
    assert not imported.problems


def direct(office: Office, user: str) -> list[Shown]:
    channel = office.slack.state.directory.direct_message(user).channel_id
    return office.slack.state.screen.in_channel(channel)


def rows(office: Office, model) -> list:
    with reading(office.core.engine) as connection:
        return connection.execute(select(table(model))).all()


async def alerted(office: Office) -> None:
    """Until Ana is told that the combined points turned red."""
    await until(
        lambda: any("combined points turned red" in said(each) for each in direct(office, "U0ANA")), "the alert arrives"
    )


async def watched(office: Office, *users: str) -> None:
    """They ask to be alerted, and what is red by then is known."""
    for user in users:
        told = said(await office.slack.command(user, "/digest", "alerts on"))
        assert "Alerts: as they happen" in told
    await until(lambda: {row.partner_id for row in rows(office, SignalRow)} >= {"PA"}, "what is red is known")


async def test_a_minimum_that_turns_red_sends_one_alert_which_closes_when_it_is_green(office: Office, tmp_path: Path):
    await watched(office, "ana")
    assert direct(office, "U0ANA") == [], "what was red before is not news"
    bring(office, tmp_path / "more", "subscriptions.csv", LOST)
    await until(
        lambda: any("combined points turned red" in said(each) for each in direct(office, "U0ANA")), "the alert arrives"
    )
    alert = next(each for each in direct(office, "U0ANA") if "combined points turned red" in said(each))
    assert "🔴 Partner A: " in said(alert)
    assert "Acme: downgrade" in said(alert)
    assert "To make that up: US$" in said(alert)
    assert "To make that up: US$" in alert.text, "the remedy is in the notification, too"
    await until(lambda: {row.state for row in rows(office, OutboxRow)} == {"sent"}, "everything is sent")
    number = len(direct(office, "U0ANA"))
    bring(office, tmp_path / "more", "sales.csv", BACK)
    await until(lambda: any("are out of danger" in said(each) for each in direct(office, "U0ANA")), "it is taken back")
    changed = next(each for each in direct(office, "U0ANA") if each.ts == alert.ts)
    assert "combined points are out of danger" in said(changed)
    assert len(direct(office, "U0ANA")) == number
    assert office.slack.journal.errors == []


async def test_two_replicas_send_each_subscriber_one_alert(office: Office, tmp_path: Path):
    second = connected(office.core, office.slack, office.clock)
    await second.start()
    await watched(office, "ana", "carla")
    bring(office, tmp_path / "more", "subscriptions.csv", LOST)
    await until(lambda: all(direct(office, user) for user in ("U0ANA", "U0CARLA")), "both are told")
    await until(lambda: {row.state for row in rows(office, OutboxRow)} == {"sent"}, "everything is sent")
    for user in ("U0ANA", "U0CARLA"):
        texts = [each.text for each in direct(office, user)]
        assert len(texts) == len(set(texts)) > 0
    await second.stop()


async def test_nobody_gets_alerts_about_a_partner_they_may_not_see(office: Office, tmp_path: Path):
    await watched(office, "ana", "bea")
    bring(office, tmp_path / "more", "subscriptions.csv", LOST)
    await until(lambda: direct(office, "U0ANA"), "Ana is told")
    assert not any("Partner A" in said(each) for each in direct(office, "U0BEA"))


async def test_an_alert_can_be_acknowledged_snoozed_opened_and_passed_on(office: Office, tmp_path: Path):
    await watched(office, "ana")
    bring(office, tmp_path / "more", "subscriptions.csv", LOST)
    await until(
        lambda: any("combined points turned red" in said(each) for each in direct(office, "U0ANA")), "the alert arrives"
    )
    alert = next(each for each in direct(office, "U0ANA") if "combined points turned red" in said(each))
    assert "Acknowledged" in said(await office.slack.click("ana", alert, "Acknowledge"))
    await until(
        lambda: any(each.ts == alert.ts and "✓ Acknowledged by" in said(each) for each in direct(office, "U0ANA")),
        "the alert says that it is acknowledged",
    )
    snoozed = said(await office.slack.click("ana", alert, "Snooze for a week"))
    assert "Snoozed for Partner A until 12 Sep 2022" in snoozed
    assert "I've told Carla" in said(await office.slack.click("ana", alert, "Tell my CAM"))
    await until(
        lambda: any("asks you to look at Partner A" in said(each) for each in direct(office, "U0CARLA")),
        "Carla is asked",
    )
    await office.slack.click("ana", alert, "Tell my CAM")  # asked again, it is told once all the same
    await until(lambda: {row.state for row in rows(office, OutboxRow)} == {"sent"}, "everything is sent")
    assert len([row for row in rows(office, OutboxRow) if row.key.startswith("asked:")]) == 1
    assert len(direct(office, "U0CARLA")) == 1


async def test_forged_alert_buttons_reveal_and_change_nothing(office: Office, tmp_path: Path):
    await watched(office, "ana", "bea")
    bring(office, tmp_path / "more", "subscriptions.csv", LOST)
    await until(
        lambda: any("combined points turned red" in said(each) for each in direct(office, "U0ANA")), "the alert arrives"
    )
    alert = next(each for each in direct(office, "U0ANA") if "combined points turned red" in said(each))
    value = next(
        each["value"]
        for block in alert.blocks
        for each in block.get("elements", [])
        if each.get("action_id") == "do:acknowledge"
    )
    answer = await office.slack.command("bea", "/tier")
    for block in answer.message.blocks:
        for element in block.get("elements", []):
            if element.get("type") == "button":
                element.update(action_id="do:acknowledge", value=value)
    assert "This alert isn't yours" in said(await office.slack.click("bea", answer.message, "Gap"))


async def test_quiet_hours_delay_an_alert_until_the_morning(office: Office, tmp_path: Path):
    told = said(await office.slack.command("ana", "/digest", "alerts quiet 12:00-20:00"))
    assert "not between 12:00 and 20:00" in told
    await until(lambda: rows(office, SignalRow), "somebody has looked")
    bring(office, tmp_path / "more", "subscriptions.csv", LOST)
    await until(lambda: rows(office, OutboxRow), "the alert is in the outbox")
    assert direct(office, "U0ANA") == []
    office.clock.jump(datetime(2022, 9, 5, 18, 0, 1, tzinfo=UTC))
    await until(lambda: direct(office, "U0ANA"), "Ana is told")


@pytest.mark.parametrize("words", ["alerts loudly", "alerts quiet night", "alerts quiet", "alerts tiers"])
async def test_invalid_input_is_explained(office: Office, words: str):
    assert "Type /digest alerts on or off" in said(await office.slack.command("ana", "/digest", words))


async def test_alerts_can_be_chosen_and_those_not_named_stay_unchanged(office: Office, tmp_path: Path):
    told = said(await office.slack.command("ana", "/digest", "alerts tier, requirements"))
    assert "Alerts: as they happen, tier, requirements only" in told
    told = said(await office.slack.command("ana", "/digest", "alerts quiet 22:00-7:00"))
    assert "as they happen, tier, requirements only, not between 22:00 and 7:00" in told
    await until(lambda: rows(office, SignalRow), "somebody has looked")
    looks = {row.seen_version for row in rows(office, SignalRow)}
    bring(office, tmp_path / "more", "subscriptions.csv", LOST)
    await until(
        lambda: {row.seen_version for row in rows(office, SignalRow)}.isdisjoint(looks), "somebody has looked again"
    )
    assert any("combined_threshold" in row.name and row.level for row in rows(office, SignalRow))
    assert not any("combined_threshold" in row.key for row in rows(office, OutboxRow))
    told = said(await office.slack.command("ana", "/digest", "alerts all quiet off"))
    assert "Alerts: as they happen [ Change schedule ]" in told
