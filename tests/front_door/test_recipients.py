"""Where automatic messages go: channels that can be reached and that nobody else joined, and people who are there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.playground.local_slack import faults
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel
from bot.wiring import Core
from tests.support.delivered import MONDAY, all_delivered, messages_to, rows, wait_for_messages
from tests.support.served_bot import PEOPLE, WORKSPACE, ServedBot, connected_bot, text_of
from tests.support.waiting import TIMEOUT, wait_until
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.notifications import OutboxRow, SubscriptionRow

SALES = Channel("C01SALES", "sales")


def change(tierbot: ServedBot, **how: object) -> None:
    tierbot.slack.directory.change(replace(SALES, **how))


async def subscribe_sales(tierbot: ServedBot) -> None:
    await tierbot.slack.command("carla", "/tier", "here Partner A", channel="C01SALES")
    answer = text_of(await tierbot.slack.command("carla", "/digest", "progress monday 9:00 here", channel="C01SALES"))
    assert answer.startswith("This channel's notifications"), answer


def in_sales(tierbot: ServedBot) -> list[str]:
    return [text_of(each) for each in tierbot.slack.state.screen.in_channel("C01SALES")]


async def outbox_has(tierbot: ServedBot, state: str) -> None:
    await wait_until(lambda: state in {row.state for row in rows(tierbot, OutboxRow)}, f"a message is {state}")


async def test_subscribing_a_channel_without_the_bot_says_how_to_invite_it_and_promises_nothing(tierbot: ServedBot):
    await tierbot.slack.command("carla", "/tier", "here Partner A", channel="C01SALES")
    for how in ({"has_bot": False}, {"has_bot": False, "is_private": True}):
        change(tierbot, **how)
        for words in ("monday 9:00 here", "alerts on here"):
            refused = text_of(await tierbot.slack.command("carla", "/digest", words, channel="C01SALES"))
            assert "I'm not in this channel" in refused
            assert "/invite @tierbot" in refused
    change(tierbot, is_archived=True)
    assert "archived" in text_of(
        await tierbot.slack.command("carla", "/digest", "monday 9:00 here", channel="C01SALES")
    )
    assert rows(tierbot, SubscriptionRow) == []
    change(tierbot)
    await subscribe_sales(tierbot)


async def test_whoever_subscribed_a_channel_hears_that_the_bot_was_removed_and_the_digest_comes_after_the_invitation(
    tierbot: ServedBot,
):
    await subscribe_sales(tierbot)
    change(tierbot, has_bot=False)
    tierbot.clock.jump(MONDAY)
    [told] = await wait_for_messages(tierbot, "carla", 1)
    assert "its digests and alerts: I'm not in it." in told
    assert "/invite @tierbot" in told
    await outbox_has(tierbot, "held")
    change(tierbot)
    joined = {"type": "member_joined_channel", "user": "U01TIERBOT", "channel": "C01SALES"}
    await tierbot.slack.event("carla", joined)
    await all_delivered(tierbot, "sent")
    [digest] = in_sales(tierbot)
    assert digest.startswith("Partner A: ")
    assert len(messages_to(tierbot, "carla")) == 1


async def test_a_channel_that_becomes_shared_gets_nothing_until_it_is_confirmed_there(tierbot: ServedBot):
    await subscribe_sales(tierbot)
    change(tierbot, is_ext_shared=True)
    await tierbot.slack.event("carla", {"type": "channel_shared", "channel": "C01SALES"})
    tierbot.clock.jump(MONDAY)
    [told] = await wait_for_messages(tierbot, "carla", 1)
    assert "people of another organization are in it now" in told
    assert in_sales(tierbot) == []
    refused = text_of(await tierbot.slack.command("ana", "/digest", "resume here", channel="C01SALES"))
    assert "CAM" in refused
    assert in_sales(tierbot) == []
    await tierbot.slack.command("carla", "/digest", "resume here", channel="C01SALES")
    await all_delivered(tierbot, "sent")
    assert len(in_sales(tierbot)) == 1


async def test_a_deactivated_account_drops_out_with_its_subscriptions(tierbot: ServedBot):
    await tierbot.slack.command("ana", "/digest", "monday 9:00")
    await subscribe_sales(tierbot)
    assert [row.ended for row in rows(tierbot, SubscriptionRow)] == [False] * 2
    for name in ("ana", "carla"):
        person = replace(tierbot.slack.directory.person(name), deleted=True)
        tierbot.slack.directory.change(person)
        gone = {"type": "user_change", "user": {"id": person.user_id, "deleted": True}}
        await tierbot.slack.event("admin", gone)
    await wait_until(lambda: all(row.ended for row in rows(tierbot, SubscriptionRow)), "all have ended")
    await wait_until(
        lambda: not {"U0ANA", "U0CARLA"} & {row.user_id for row in rows(tierbot, LinkRow)}, "both links are removed"
    )


async def test_a_deactivated_account_is_noticed_before_its_digest_without_any_event(tierbot: ServedBot):
    await tierbot.slack.command("ana", "/digest", "progress monday 9:00")
    tierbot.slack.directory.change(replace(PEOPLE[0], deleted=True))
    tierbot.clock.jump(MONDAY)
    await all_delivered(tierbot, "dropped")
    [row] = rows(tierbot, OutboxRow)
    assert row.reason == "the account was deactivated"
    assert all(each.ended for each in rows(tierbot, SubscriptionRow))


async def test_a_request_to_decide_goes_to_somebody_who_is_there(tierbot: ServedBot):
    tierbot.slack.directory.change(replace(tierbot.slack.directory.person("carla"), deleted=True))
    await tierbot.slack.command("eve", "/tier", "link bea@example.com")
    assert await tierbot.slack.until(lambda: len(messages_to(tierbot, "admin")) == 1, TIMEOUT)
    assert messages_to(tierbot, "carla") == []


async def test_settings_opened_from_a_channels_digest_are_the_channels(tierbot: ServedBot):
    await subscribe_sales(tierbot)
    tierbot.clock.jump(MONDAY)
    await all_delivered(tierbot, "sent")
    [digest] = tierbot.slack.state.screen.in_channel("C01SALES")
    opened = await tierbot.slack.click("carla", digest, "Change schedule")
    assert opened.view.text == "Channel notifications"
    await tierbot.slack.submit_view("carla", opened.view, {"topics": ["progress"], "weekday": "4", "hour": "600"})
    await wait_until(
        lambda: [row.weekday for row in rows(tierbot, SubscriptionRow)] == [4], "the channel's has changed"
    )
    [row] = rows(tierbot, SubscriptionRow)
    assert (row.place, row.made_by) == ("C01SALES", "U0CARLA")
    stranger = await tierbot.slack.click("ana", digest, "Change schedule")
    assert "Only a CAM, a CC or an admin" in text_of(stranger.view)


async def test_a_digest_made_late_by_an_outage_does_not_come_at_night(tierbot: ServedBot):
    """Asked for on Mondays at 21:30; the bot comes back at 23:10. At 7:00 it is too late."""
    await tierbot.slack.command("ana", "/digest", "progress monday 21:30 Europe/Berlin")
    tierbot.clock.jump(datetime(2022, 9, 12, 21, 10, tzinfo=UTC))
    await wait_until(lambda: [row.attempts for row in rows(tierbot, OutboxRow)] == [1], "it was tried")
    await wait_until(lambda: {row.state for row in rows(tierbot, OutboxRow)} == {"pending"}, "it waits")
    [row] = rows(tierbot, OutboxRow)
    assert row.reason == "it is night where the reader is"
    assert row.due_at / 1_000 == datetime(2022, 9, 13, 5, tzinfo=UTC).timestamp()
    tierbot.clock.jump(datetime(2022, 9, 13, 5, 0, 1, tzinfo=UTC))
    await all_delivered(tierbot, "dropped")
    assert messages_to(tierbot, "ana") == []


async def test_a_digest_that_was_asked_for_at_night_comes_at_night(tierbot: ServedBot):
    await tierbot.slack.command("ana", "/digest", "progress monday 23:30 Europe/Berlin")
    tierbot.clock.jump(datetime(2022, 9, 12, 21, 30, 5, tzinfo=UTC))
    await wait_for_messages(tierbot, "ana", 1)


async def test_a_digest_follows_the_time_zone_of_the_profile_it_was_taken_from(tierbot: ServedBot):
    tierbot.clock.jump(MONDAY - timedelta(days=5))
    await tierbot.slack.command("ana", "/digest", "progress monday 9:00")
    await tierbot.slack.command("bea", "/digest", "progress monday 9:00 Europe/Berlin")
    for name in ("ana", "bea"):
        person = replace(tierbot.slack.directory.person(name), tz="America/New_York")
        tierbot.slack.directory.change(person)
        await tierbot.slack.event(name, {"type": "user_change", "user": {"id": person.user_id, "tz": person.tz}})
    moved = MONDAY - timedelta(seconds=1) + timedelta(hours=6)
    await wait_until(
        lambda: (
            {row.place: row.next_at for row in rows(tierbot, SubscriptionRow)}
            == {"U0ANA": moved.timestamp() * 1_000, "U0BEA": (moved - timedelta(hours=6)).timestamp() * 1_000}
        ),
        "only the one that was taken from the profile has moved",
    )


async def test_readyz_says_what_the_operator_has_to_mend(tierbot: ServedBot):
    await tierbot.slack.command("ana", "/digest", "progress monday 9:00")
    tierbot.slack.faults.chooser = lambda method: faults.refused("token_revoked") if method.startswith("chat") else None
    tierbot.clock.jump(MONDAY)
    await outbox_has(tierbot, "held")
    url = f"http://127.0.0.1:{tierbot.bot.port}/readyz"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 503
        assert "token_revoked" in (await response.json())["status"]
    home = await tierbot.slack.open_home("admin")
    assert "Slack refuses what is sent: token_revoked" in text_of(home.view)
    tierbot.slack.faults.clear()
    tierbot.clock.jump(MONDAY + timedelta(minutes=1))
    await all_delivered(tierbot, "sent")
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 200


@pytest.mark.parametrize("ahead", [-600, 600])
async def test_a_clock_ten_minutes_off_refuses_no_request_and_is_told(core: Core, ahead: int):
    """Slack's requests carry Slack's time, and so do its messages."""
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        slack.ahead = ahead
        bot = connected_bot(core, slack)
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        answer = await slack.command("ana", "/tier", "")
        assert (answer.status, answer.error) == (200, None)
        url = f"http://127.0.0.1:{bot.port}/readyz"
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            said = await response.json()
            assert (response.status, said["status"]) == (200, "ready")
        assert ("behind Slack" if ahead > 0 else "ahead of Slack") in said["clock"]
        await bot.stop()
