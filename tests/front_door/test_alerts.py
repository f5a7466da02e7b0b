"""Alerts: one message for each crossing, follow-ups in its thread, an update when it closes; and the buttons."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.support.alerts import LOST, import_rows, rows
from tests.support.delivered import direct_messages
from tests.support.served_bot import ServedBot, connected_bot, text_of
from tests.support.waiting import wait_until
from tiercore.access import SlackUser
from tiercore.notifications.service import Notifications
from tiercore.notifications.subscriptions import Topic
from tiercore.notifications.timetable import Schedule
from tiercore.storage.tables.notifications import AlertResponseRow, OutboxRow, SignalRow

CORRECTED = "S2,PA,C1,Sales Hub,cross_sell,sourced,0.00,USD,2022-03-01"  # a sale of March that was none
BACK = "S8,PA,C1,Service Hub,cross_sell,sourced,9000.00,USD,2022-09-05"


async def wait_for_alert(tierbot: ServedBot, title: str = "combined points turned red") -> None:
    """Wait until Ana's alert with this title, about her combined points by default, is sent."""
    await wait_until(
        lambda: any(title in text_of(each) for each in direct_messages(tierbot, "U0ANA")),
        "the alert arrives",
    )


async def subscribe_to_alerts(tierbot: ServedBot, *users: str) -> None:
    """Subscribe people to alerts and record what is already red."""
    for user in users:
        answer = text_of(await tierbot.slack.command(user, "/digest", "alerts on"))
        assert "Alerts: as they happen" in answer
    await wait_until(
        lambda: {row.partner_id for row in rows(tierbot, SignalRow)} >= {"PA"}, "the red ones are recorded"
    )


async def test_an_alert_caused_by_a_correction_names_it_and_its_rows(tierbot: ServedBot, tmp_path: Path):
    await subscribe_to_alerts(tierbot, "ana")
    import_rows(tierbot, tmp_path / "more", "sales.csv", CORRECTED)
    await wait_for_alert(tierbot, "sold minimum turned red")
    alert = next(each for each in direct_messages(tierbot, "U0ANA") if "sold minimum turned red" in text_of(each))
    assert (
        "Because of a correction, −90: import of 5 Sep 2022, through "
        "sales.csv S2 (mrr 3000.00 USD → 0.00 USD)." in text_of(alert)
    )
    assert "Because of a correction" in alert.text


async def test_a_minimum_that_turns_red_sends_one_alert_which_closes_when_it_is_green(
    tierbot: ServedBot, tmp_path: Path
):
    await subscribe_to_alerts(tierbot, "ana")
    assert direct_messages(tierbot, "U0ANA") == [], "what was already red sends no alert"
    import_rows(tierbot, tmp_path / "more", "subscriptions.csv", LOST)
    await wait_until(
        lambda: any("combined points turned red" in text_of(each) for each in direct_messages(tierbot, "U0ANA")),
        "the alert arrives",
    )
    alert = next(each for each in direct_messages(tierbot, "U0ANA") if "combined points turned red" in text_of(each))
    assert "🟠 Partner A: Gold kept on 15 Jan 2023, but its numbers are too low today" in text_of(alert)
    assert "🔴 Gold's combined points turned red." in text_of(alert)
    assert "Acme: downgrade" in text_of(alert)
    assert "To make that up: US$" in text_of(alert)
    assert "To make that up: US$" in alert.text, "the notification text has the remedy as well"
    await wait_until(lambda: {row.state for row in rows(tierbot, OutboxRow)} == {"sent"}, "everything is sent")
    number = len(direct_messages(tierbot, "U0ANA"))
    import_rows(tierbot, tmp_path / "more", "sales.csv", BACK)
    await wait_until(
        lambda: any("are out of danger" in text_of(each) for each in direct_messages(tierbot, "U0ANA")),
        "the alert is closed",
    )
    changed = next(each for each in direct_messages(tierbot, "U0ANA") if each.ts == alert.ts)
    assert "combined points are out of danger" in text_of(changed)
    assert len(direct_messages(tierbot, "U0ANA")) == number
    assert tierbot.slack.journal.errors == []


async def test_two_replicas_send_each_subscriber_one_alert(tierbot: ServedBot, tmp_path: Path):
    second = connected_bot(tierbot.core, tierbot.slack, tierbot.clock)
    await second.start()
    await subscribe_to_alerts(tierbot, "ana", "carla")
    import_rows(tierbot, tmp_path / "more", "subscriptions.csv", LOST)
    await wait_until(lambda: all(direct_messages(tierbot, user) for user in ("U0ANA", "U0CARLA")), "both get the alert")
    await wait_until(lambda: {row.state for row in rows(tierbot, OutboxRow)} == {"sent"}, "everything is sent")
    for user in ("U0ANA", "U0CARLA"):
        texts = [each.text for each in direct_messages(tierbot, user)]
        assert len(texts) == len(set(texts)) > 0
    await second.stop()


async def test_who_subscribes_during_a_check_is_told_of_a_crossing_after_it(
    tierbot: ServedBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Carla subscribes, and then an import takes the points, after a check has read the subscribers."""
    await subscribe_to_alerts(tierbot, "ana")
    until_now, came_between = Notifications.alert_subscribers, []

    async def read_then_much_happens(self: Notifications):
        subscribers = await until_now(self)
        if not came_between:
            came_between.append(True)
            await self.subscribe(SlackUser("T01LOCAL", "U0CARLA"), [Topic.ALERTS], Schedule(0, 9 * 60, "UTC"), None)
            import_rows(tierbot, tmp_path / "more", "subscriptions.csv", LOST)
        return subscribers

    monkeypatch.setattr(Notifications, "alert_subscribers", read_then_much_happens)
    await wait_until(lambda: all(direct_messages(tierbot, user) for user in ("U0ANA", "U0CARLA")), "both get the alert")


async def test_nobody_gets_alerts_about_a_partner_they_may_not_see(tierbot: ServedBot, tmp_path: Path):
    await subscribe_to_alerts(tierbot, "ana", "bea")
    import_rows(tierbot, tmp_path / "more", "subscriptions.csv", LOST)
    await wait_until(lambda: direct_messages(tierbot, "U0ANA"), "Ana gets the alert")
    assert not any("Partner A" in text_of(each) for each in direct_messages(tierbot, "U0BEA"))


async def test_an_alert_can_be_acknowledged_snoozed_opened_and_passed_on(tierbot: ServedBot, tmp_path: Path):
    await subscribe_to_alerts(tierbot, "ana")
    import_rows(tierbot, tmp_path / "more", "subscriptions.csv", LOST)
    await wait_until(
        lambda: any("combined points turned red" in text_of(each) for each in direct_messages(tierbot, "U0ANA")),
        "the alert arrives",
    )
    alert = next(each for each in direct_messages(tierbot, "U0ANA") if "combined points turned red" in text_of(each))
    assert "Acknowledged" in text_of(await tierbot.slack.click("ana", alert, "Acknowledge"))
    await wait_until(
        lambda: any(
            each.ts == alert.ts and "✓ Acknowledged by" in text_of(each) for each in direct_messages(tierbot, "U0ANA")
        ),
        "the alert says that it is acknowledged",
    )
    assert tierbot.slack.journal.errors == []
    taken_on = next(each for each in direct_messages(tierbot, "U0ANA") if each.ts == alert.ts)
    snoozed = text_of(await tierbot.slack.click("ana", taken_on, "Snooze for a week"))
    assert "Snoozed for Partner A until 12 Sep 2022" in snoozed
    await wait_until(
        lambda: any(
            each.ts == alert.ts and "💤 Snoozed until 12 Sep 2022 by" in text_of(each)
            for each in direct_messages(tierbot, "U0ANA")
        ),
        "the alert says that it is snoozed",
    )
    assert "I've told Carla" in text_of(await tierbot.slack.click("ana", alert, "Tell my CAM"))
    await wait_until(
        lambda: any("asks you to look at Partner A" in text_of(each) for each in direct_messages(tierbot, "U0CARLA")),
        "Carla is asked",
    )
    await tierbot.slack.click("ana", alert, "Tell my CAM")  # requested again, it is still one message
    await wait_until(lambda: {row.state for row in rows(tierbot, OutboxRow)} == {"sent"}, "everything is sent")
    assert len([row for row in rows(tierbot, OutboxRow) if row.key.startswith("asked:")]) == 1
    assert len(direct_messages(tierbot, "U0CARLA")) == 1


async def test_forged_alert_buttons_reveal_and_change_nothing(tierbot: ServedBot, tmp_path: Path):
    await subscribe_to_alerts(tierbot, "ana", "bea")
    import_rows(tierbot, tmp_path / "more", "subscriptions.csv", LOST)
    await wait_until(
        lambda: any("combined points turned red" in text_of(each) for each in direct_messages(tierbot, "U0ANA")),
        "the alert arrives",
    )
    alert = next(each for each in direct_messages(tierbot, "U0ANA") if "combined points turned red" in text_of(each))
    value = next(
        each["value"]
        for block in alert.blocks
        for each in block.get("elements", [])
        if each.get("action_id") == "do:acknowledge"
    )
    answer = await tierbot.slack.command("bea", "/tier")
    for block in answer.message.blocks:
        for element in block.get("elements", []):
            if element.get("type") == "button":
                element.update(action_id="do:acknowledge", value=value)
    assert "This alert isn't yours" in text_of(await tierbot.slack.click("bea", answer.message, "Gap"))


async def test_quiet_hours_delay_an_alert_until_the_morning(tierbot: ServedBot, tmp_path: Path):
    answer = text_of(await tierbot.slack.command("ana", "/digest", "alerts quiet 12:00-20:00"))
    assert "not between 12:00 and 20:00" in answer
    await wait_until(lambda: rows(tierbot, SignalRow), "a scan has run")
    import_rows(tierbot, tmp_path / "more", "subscriptions.csv", LOST)
    await wait_until(lambda: rows(tierbot, OutboxRow), "the alert is in the outbox")
    assert direct_messages(tierbot, "U0ANA") == []
    tierbot.clock.jump(datetime(2022, 9, 5, 18, 0, 1, tzinfo=UTC))
    await wait_until(lambda: direct_messages(tierbot, "U0ANA"), "Ana gets the alert")


@pytest.mark.parametrize("words", ["alerts loudly", "alerts quiet night", "alerts quiet", "alerts tiers"])
async def test_invalid_input_is_explained(tierbot: ServedBot, words: str):
    assert "Type /digest alerts on or off" in text_of(await tierbot.slack.command("ana", "/digest", words))


async def test_alerts_can_be_chosen_and_those_not_named_stay_unchanged(tierbot: ServedBot, tmp_path: Path):
    answer = text_of(await tierbot.slack.command("ana", "/digest", "alerts tier, requirements"))
    assert "Alerts: as they happen, tier, requirements only" in answer
    answer = text_of(await tierbot.slack.command("ana", "/digest", "alerts quiet 22:00-7:00"))
    assert "as they happen, tier, requirements only, not between 22:00 and 7:00" in answer
    await wait_until(lambda: rows(tierbot, SignalRow), "a scan has run")
    looks = {row.seen_version for row in rows(tierbot, SignalRow)}
    import_rows(tierbot, tmp_path / "more", "subscriptions.csv", LOST)
    await wait_until(
        lambda: {row.seen_version for row in rows(tierbot, SignalRow)}.isdisjoint(looks), "somebody has looked again"
    )
    assert any("combined_threshold" in row.name and row.level for row in rows(tierbot, SignalRow))
    assert not any("combined_threshold" in row.key for row in rows(tierbot, OutboxRow))
    answer = text_of(await tierbot.slack.command("ana", "/digest", "alerts all quiet off"))
    assert "Alerts: as they happen [ Change schedule ]" in answer


async def test_with_the_bots_day_set_alerts_are_sent_and_snoozed_too(tierbot: ServedBot, tmp_path: Path):
    """TIERBOT_TODAY moves the whole bot's day: subscriptions and snoozes are made on it, whatever the real day is."""
    tierbot.clock.jump(datetime(2026, 11, 28, 12, tzinfo=UTC))
    await subscribe_to_alerts(tierbot, "ana")
    import_rows(tierbot, tmp_path, "subscriptions.csv", LOST)
    await wait_for_alert(tierbot)
    [alert, *_] = [each for each in direct_messages(tierbot, "U0ANA") if "combined points turned red" in text_of(each)]
    snoozed = await tierbot.slack.click("ana", alert, "Snooze for a week")
    assert "12 Sep 2022" in text_of(snoozed)
    [response] = rows(tierbot, AlertResponseRow)
    assert date.fromordinal(response.until_day) == date(2026, 12, 5)
