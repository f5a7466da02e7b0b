"""Weekly digests: subscribed to by words or in a window, sent once at their time, to who may still read them."""

from datetime import UTC, datetime

import aiohttp
import pytest
from sqlalchemy import delete, insert, select, update

from tests.support.served_bot import Office, connected, said
from tests.support.waiting import ENOUGH, until
from tiercore.access import SlackUser
from tiercore.people.linking import unlink
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.tables.notifications import OutboxRow, RunRow, SubscriptionRow
from tiercore.storage.transactions import Transactions

MONDAY = datetime(2022, 9, 12, 7, 0, 1, tzinfo=UTC)  # nine in Berlin


def written(office: Office, user: str) -> list[str]:
    """What the bot wrote to someone by itself."""
    channel = office.slack.state.directory.direct_message(user).channel_id
    return [said(each) for each in office.slack.state.screen.in_channel(channel)]


async def arrived(office: Office, user: str, number: int) -> list[str]:
    assert await office.slack.state.screen.until(lambda: len(written(office, user)) >= number, ENOUGH)
    return written(office, user)


def rows(office: Office, model) -> list:
    with reading(office.core.engine) as connection:
        return connection.execute(select(table(model))).all()


async def over(office: Office, state: str) -> None:
    """Until every letter is sent or dropped, and some are in that state."""
    await until(
        lambda: {state} <= {row.state for row in rows(office, OutboxRow)} <= {"sent", "dropped"},
        f"everything is sent or dropped, something {state}",
    )


async def test_a_digest_is_shown_when_asked_for(office: Office):
    week = said(await office.slack.command("ana", "/digest"))
    assert "Partner A: 420 points, no change this week" in week
    assert "225 to Platinum" in week
    assert "🟢 Sold minimum: met, 270 of 270" in week
    expiry = said(await office.slack.command("ana", "/digest", "expiry"))
    assert "180 points expire in 30 days, 330 in 60, 330 in 90" in expiry
    assert "Settle the agreement with Acme by 16 Sep 2022" in expiry
    assert "by 16 Sep 2022, in 11 days Acme: agreement ends on 31 Oct 2022" in expiry
    assert "renews" not in expiry, "the next renewal is more than 120 days away"
    portfolio = said(await office.slack.command("carla", "/digest"))
    assert portfolio.startswith("3 partners: ")
    assert "Verborgen" not in portfolio
    assert "Geheim" not in portfolio


async def test_it_is_sent_at_its_time_once_and_by_the_clock_of_ones_profile(office: Office):
    told = said(await office.slack.command("ana", "/digest", "monday 9:00"))
    assert "Progress: Mondays at 9:00, Europe/Berlin; next on 12 Sep 2022" in told
    assert "Expiry: Mondays" in told
    second = connected(office.core, office.slack, office.clock)
    await second.start()
    office.clock.jump(MONDAY)
    progress, expiry = await arrived(office, "U0ANA", 2)
    assert "420 points" in progress
    assert "points expire in 30 days" in expiry
    assert "Settle the agreement with Acme" in progress
    assert "Acme: agreement ends on 31 Oct 2022" in expiry
    assert "Settle the agreement with Acme" not in expiry, "what the other digest says isn't said again"
    await over(office, "sent")
    status = said(await office.slack.command("ana", "/digest", "status"))
    assert "Week of 12 Sep 2022: 🟢 sent" in status
    assert "next on 19 Sep 2022" in status
    await second.stop()
    assert len(written(office, "U0ANA")) == 2
    assert office.slack.journal.errors == []


async def test_what_lapses_alone_says_what_to_do_too(office: Office):
    await office.slack.command("ana", "/digest", "expiry monday 9:00")
    office.clock.jump(MONDAY)
    [expiry] = await arrived(office, "U0ANA", 1)
    assert "points expire in 30 days" in expiry
    assert "Settle the agreement with Acme" in expiry
    assert "Recalibration:" in expiry


async def test_a_turn_that_is_missed_by_hours_is_noted_and_never_sent(office: Office):
    await office.slack.command("ana", "/digest", "monday 9:00")
    office.clock.jump(datetime(2022, 9, 13, 1, 0, tzinfo=UTC))
    await until(lambda: {row.outcome for row in rows(office, RunRow)} == {"skipped_late"}, "the turn is noted")
    assert rows(office, OutboxRow) == []
    assert written(office, "U0ANA") == []
    status = said(await office.slack.command("ana", "/digest", "status"))
    assert "🔴 missed, too late to send" in status


@pytest.mark.slow
async def test_another_day_in_a_week_that_had_its_digest_begins_with_the_next_one(office: Office):
    await office.slack.command("ana", "/digest", "monday 9:00")
    office.clock.jump(MONDAY)
    await arrived(office, "U0ANA", 2)
    await over(office, "sent")
    told = said(await office.slack.command("ana", "/digest", "friday 9:00"))
    assert "Fridays at 9:00, Europe/Berlin; next on 23 Sep 2022" in told
    office.clock.jump(datetime(2022, 9, 16, 7, 0, 1, tzinfo=UTC))
    await office.bot.scheduler.tick()
    assert len(rows(office, OutboxRow)) == 2
    office.clock.jump(datetime(2022, 9, 23, 7, 0, 1, tzinfo=UTC))
    await arrived(office, "U0ANA", 4)


async def test_a_pause_and_an_end(office: Office):
    await office.slack.command("ana", "/digest", "tue 8am UTC")
    assert "Progress: paused" in said(await office.slack.command("ana", "/digest", "pause"))
    resumed = said(await office.slack.command("ana", "/digest", "resume"))
    assert "Tuesdays at 8:00, UTC; next on 6 Sep 2022" in resumed
    assert "You have no notifications set up" in said(await office.slack.command("ana", "/digest", "off"))


async def test_now_sends_it_at_once_as_a_message_of_its_own(office: Office):
    nothing = said(await office.slack.command("carla", "/digest", "now"))
    assert "You have no weekly digest" in nothing
    await office.slack.command("carla", "/digest", "fri 17:00")
    assert "On its way" in said(await office.slack.command("carla", "/digest", "now"))
    [portfolio] = await arrived(office, "U0CARLA", 1)
    assert portfolio.startswith("3 partners: ")


async def test_who_lost_their_leave_is_told_nothing_any_more(office: Office):
    await office.slack.command("ana", "/digest", "monday 9:00")
    Transactions(office.core.engine).write_now(
        lambda connection, now: unlink(connection, SlackUser("T01LOCAL", "U0ANA"), now)
    )
    office.clock.jump(MONDAY)
    await over(office, "dropped")
    assert written(office, "U0ANA") == []
    assert {row.reason for row in rows(office, OutboxRow)} == {"the reader is no longer linked"}


@pytest.mark.slow
async def test_a_channel_is_told_of_the_partner_that_it_is_about(office: Office):
    refused = said(await office.slack.command("carla", "/digest", "monday 9:00 here"))
    assert "This channel isn't about a partner yet" in refused
    await office.slack.command("carla", "/tier", "here Partner A")
    assert "Only a CAM" in said(await office.slack.command("ana", "/digest", "monday 9:00 here"))
    told = said(await office.slack.command("carla", "/digest", "monday 9:00 here"))
    assert "This channel's notifications" in told
    assert "Everyone in this channel sees these figures" in told
    office.clock.jump(MONDAY)
    channel = office.slack.state.screen
    assert await channel.until(lambda: len(channel.in_channel("C01SALES")) >= 2, ENOUGH)
    assert all("Partner A" in said(each) for each in channel.in_channel("C01SALES"))
    await office.slack.command("carla", "/tier", "here none")
    office.clock.jump(datetime(2022, 9, 19, 7, 0, 1, tzinfo=UTC))
    await over(office, "dropped")


async def test_a_channel_is_nobodys_business_who_doesnt_look_after_its_partner(office: Office):
    """Carla looks after PA, PB and PD; the channel is made about PC by an admin."""
    from tiercore.storage.tables.people import ChannelRow

    row = {"team_id": "T01LOCAL", "channel_id": "C01SALES", "partner_id": "PC"}
    with office.core.engine.begin() as connection:
        connection.execute(insert(table(ChannelRow)), [row])
    for words in ("monday 9:00 here", "here", "now here", "status here", "off here", "pause here", "alerts on here"):
        for user in ("carla", "ana", "eve"):
            answer = said(await office.slack.command(user, "/digest", words))
            assert any(why in answer for why in ("Only", "I don't know", "not linked", "who you are")), (
                user,
                words,
            )
    assert rows(office, SubscriptionRow) == []


async def test_a_channels_digest_is_of_that_very_partner_whatever_others_are_called(office: Office):
    """The id of the channel's partner is the name of another one that its subscriber may see."""
    from tiercore.storage.tables.ledger import PersonRow
    from tiercore.storage.tables.people import ChannelRow

    await office.slack.command("carla", "/tier", "here Partner A")
    await office.slack.command("carla", "/digest", "monday 9:00 here")
    with office.core.engine.begin() as connection:
        connection.execute(update(table(ChannelRow)).values(partner_id="Zweite GmbH"))
        connection.execute(delete(table(PersonRow)).where(table(PersonRow).c.partner_id == "PA"))
    office.clock.jump(MONDAY)
    await over(office, "dropped")
    assert office.slack.state.screen.in_channel("C01SALES") == []


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("mondey 9:00", "“mondey” isn't a weekday"),
        ("monday 9:00 GMT+2", "“GMT+2” isn't a weekday"),
        ("pause 2 weeks", "A pause takes no day or topic"),
        ("off digest", "“digest” isn't one of"),
        ("monday " * 9, "too many words"),
    ],
)
async def test_what_is_not_understood_is_said_and_changes_nothing(office: Office, words: str, answer: str):
    assert answer in said(await office.slack.command("ana", "/digest", words))
    assert rows(office, SubscriptionRow) == []


async def test_one_topic_can_be_ended_and_begun_alone(office: Office):
    await office.slack.command("ana", "/digest", "monday 9:00")
    told = said(await office.slack.command("ana", "/digest", "off expiry"))
    assert "Progress" in told
    assert "Expiry" not in told
    assert "You have no notifications" in said(await office.slack.command("ana", "/digest", "unsubscribe"))
    told = said(await office.slack.command("ana", "/digest", "expiry friday 8am"))
    assert "Expiry: Fridays at 8:00" in told
    assert "Progress" not in told


async def test_the_window_says_what_is_wrong_with_which_field(office: Office):
    digest = await office.slack.command("ana", "/digest")
    form = (await office.slack.click("ana", digest.message, "Notifications")).view
    fields = {"topics": ["expiry"], "weekday": "2", "hour": "480", "zone": {"value": "Berlln"}, "quiet": "at night"}
    wrong = (await office.slack.submit_view("ana", form, fields)).view
    assert set(wrong.errors) == {"zone", "quiet"}
    none = {**fields, "topics": ["alerts"], "kinds": [], "zone": "UTC", "quiet": ""}
    assert set((await office.slack.submit_view("ana", form, none)).view.errors) == {"kinds"}
    right = {**fields, "zone": "Europe/Berlin", "quiet": "22:00-7:00"}
    told = said((await office.slack.submit_view("ana", form, right)).view)
    assert "Expiry: Wednesdays at 8:00, Europe/Berlin; next on 7 Sep 2022" in told
    assert "Progress" not in told


async def test_where_slack_takes_no_chart_the_numbers_are_sent(office: Office):
    office.slack.state.unsupported_types.add("data_visualization")
    await office.slack.command("ana", "/digest", "monday 9:00")
    office.clock.jump(MONDAY)
    progress, _ = await arrived(office, "U0ANA", 2)
    assert "420" in progress


@pytest.mark.parametrize("words", ["monday 25:00", "monday noon", "monday 9:00 Atlantis"])
async def test_what_makes_no_sense_is_said(office: Office, words: str):
    assert "isn't a weekday, time or time zone" in said(await office.slack.command("ana", "/digest", words))


async def test_a_stranger_is_told_nothing(office: Office):
    assert "don't know who you are yet" in said(await office.slack.command("eve", "/digest", "monday 9:00"))


async def test_the_operators_monitoring_sees_the_outbox_and_how_long_slack_waits(office: Office):
    await office.slack.command("carla", "/digest", "fri 17:00")
    await office.slack.command("carla", "/digest", "now")
    await arrived(office, "U0CARLA", 1)
    await over(office, "sent")
    await office.slack.post(b"payload={}", {"X-Slack-Signature": "v0=forged"})
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{office.bot.port}/metrics") as answer:
        figures = dict(line.rsplit(" ", 1) for line in (await answer.text()).splitlines() if not line.startswith("#"))
    assert float(figures["tierbot_acknowledged_seconds_count"]) == 2
    assert float(figures['tierbot_outbox{state="sent"}']) == 1
    assert float(figures['tierbot_outbox{state="dead"}']) == 0
    assert float(figures['tierbot_letters_total{outcome="sent"}']) == 1
    assert float(figures['tierbot_rejected_total{word="stale"}']) == 1
    assert not any("example.com" in name or "U0CARLA" in name for name in figures)
