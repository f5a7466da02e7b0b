"""Digests: subscribed by command or window, and sent once, on time, to those who still have access."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import delete, insert, update

from tests.support.delivered import MONDAY, all_delivered, messages_to, rows, wait_for_messages
from tests.support.sample_folder import FOLDER
from tests.support.served_bot import TODAY, ServedBot, connected_bot, text_of
from tests.support.waiting import TIMEOUT, wait_until
from tiercore.access import SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.nightly import record
from tiercore.people.linking import unlink
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.notifications import OutboxRow, RunRow, SubscriptionRow
from tiercore.storage.transactions import Transactions
from tiercore.verification.verify import Verified

LATE = "S77,PA,C2,Service Hub,net_new,sourced,500.00,USD,2022-08-20"  # a deal that was reported late


async def test_a_digest_is_shown_on_request(tierbot: ServedBot):
    digest = await tierbot.slack.command("ana", "/digest")
    week = text_of(digest)
    assert digest.message.blocks[0]["text"]["text"].startswith("🟠 Partner A: Gold kept on 15 Jan 2023, but")
    assert "420 points, no change this week" in week
    assert "Settle the agreement with Acme by 16 Sep 2022, in 11 days" in week
    assert "/digest pause" not in week, "who asked has no subscription to stop"
    progress = text_of(await tierbot.slack.command("ana", "/digest", "progress"))
    assert "Partner A: 420 points, no change this week" in progress
    assert "225 to Platinum" in progress
    assert "🟢 Sold minimum: met, 270 of 270" in progress
    expiry = text_of(await tierbot.slack.command("ana", "/digest", "expiry"))
    assert "180 points expire in 30 days, 330 in 60, 330 in 90" in expiry
    assert "Settle the agreement with Acme by 16 Sep 2022" in expiry
    assert "by 16 Sep 2022, in 11 days Acme: agreement ends on 31 Oct 2022" in expiry
    assert "renews" not in expiry, "the next renewal is more than 120 days away"
    portfolio = text_of(await tierbot.slack.command("carla", "/digest"))
    assert portfolio.startswith("3 partners: ")
    assert "Verborgen" not in portfolio
    assert "Geheim" not in portfolio


async def test_what_a_digest_leaves_out_opens_in_windows(tierbot: ServedBot):
    digest = (await tierbot.slack.command("ana", "/digest")).message
    screen = tierbot.slack.state.screen
    for button, said in (("Requirements", "certification"), ("Expiring, 1 decision", "acme: agreement ends on 31 oct")):
        await tierbot.slack.click("ana", digest, button)
        shown = await screen.until(lambda said=said: said in text_of(screen.stream[-1]).casefold(), TIMEOUT)
        assert shown, (button, text_of(screen.stream[-1]))


async def test_a_digest_is_sent_once_on_time_in_the_profiles_time_zone(tierbot: ServedBot):
    answer_text = text_of(await tierbot.slack.command("ana", "/digest", "monday 9:00"))
    assert "Digest: Mondays at 9:00, Europe/Berlin; next on 12 Sep 2022" in answer_text
    assert "Expiry" not in answer_text
    second = connected_bot(tierbot.core, tierbot.slack, tierbot.clock)
    await second.start()
    tierbot.clock.jump(MONDAY)
    [digest] = await wait_for_messages(tierbot, "U0ANA", 1)
    assert "420 points" in digest
    assert "Settle the agreement with Acme" in digest
    assert "Your digest: /digest pause stops it" in digest
    await all_delivered(tierbot, "sent")
    status = text_of(await tierbot.slack.command("ana", "/digest", "status"))
    assert "Week of 12 Sep 2022: 🟢 sent" in status
    assert "next on 19 Sep 2022" in status
    await second.stop()
    assert len(messages_to(tierbot, "U0ANA")) == 1
    assert tierbot.slack.journal.errors == []


async def test_progress_and_expiry_alone_are_two_digests_that_dont_repeat_each_other(tierbot: ServedBot):
    await tierbot.slack.command("ana", "/digest", "on progress monday 9:00")
    both = text_of(await tierbot.slack.command("ana", "/digest", "on expiry monday 9:00"))
    assert "Progress: Mondays at 9:00" in both
    assert "Expiry: Mondays at 9:00" in both
    assert "Digest:" not in both
    tierbot.clock.jump(MONDAY)
    progress, expiry = await wait_for_messages(tierbot, "U0ANA", 2)
    assert "420 points" in progress
    assert "points expire in 30 days" in expiry
    assert "Settle the agreement with Acme" in progress
    assert "Settle the agreement with Acme" not in expiry
    one = text_of(await tierbot.slack.command("ana", "/digest", "on digest"))
    assert "Digest: Mondays at 9:00, Europe/Berlin; next on 19 Sep 2022" in one
    assert "Progress" not in one


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("monthly 9:00", "First Monday of the month at 9:00, Europe/Berlin; next on 3 Oct 2022"),
        ("on monthly 9:00", "First Monday of the month at 9:00, Europe/Berlin; next on 3 Oct 2022"),
        ("monthly 15th 9:00", "15th of the month at 9:00, Europe/Berlin; next on 15 Sep 2022"),
        ("every month on the 31st at 9:00", "31st of the month, or its last day at 9:00, Europe/Berlin; next on 30"),
        ("weekdays 8am UTC", "Monday to Friday at 8:00, UTC; next on 6 Sep 2022"),
        ("weekly friday 17:00", "Fridays at 17:00, Europe/Berlin; next on 9 Sep 2022"),
    ],
)
async def test_a_digest_comes_in_the_rhythm_that_was_typed(tierbot: ServedBot, typed: str, said: str):
    tierbot.clock.jump(datetime(2022, 9, 5, 12, 0, tzinfo=UTC))
    assert f"Digest: {said}" in text_of(await tierbot.slack.command("ana", "/digest", typed))


async def test_silence_is_kept_unless_there_is_something_to_say(tierbot: ServedBot):
    """Carla's partners need attention, so hers comes in spite of it; nothing is silent that is broken."""
    assert "no digest set up" in text_of(await tierbot.slack.command("carla", "/digest", "quiet on"))
    await tierbot.slack.command("carla", "/digest", "monday 9:00")
    silent = text_of(await tierbot.slack.command("carla", "/digest", "quiet on"))
    assert "silent if nothing moved and there's nothing to do" in silent
    tierbot.clock.jump(MONDAY)
    [portfolio] = await wait_for_messages(tierbot, "U0CARLA", 1)
    assert "attention" in portfolio
    loud = text_of(await tierbot.slack.command("carla", "/digest", "quiet off"))
    assert "silent" not in loud
    hours = text_of(await tierbot.slack.command("carla", "/digest", "quiet 22:00-7:00"))
    assert "For hours without alerts: /digest alerts quiet 22:00-7:00" in hours


async def test_a_digest_about_expiry_alone_says_what_to_do(tierbot: ServedBot):
    await tierbot.slack.command("ana", "/digest", "expiry monday 9:00")
    tierbot.clock.jump(MONDAY)
    [expiry] = await wait_for_messages(tierbot, "U0ANA", 1)
    assert "points expire in 30 days" in expiry
    assert "Settle the agreement with Acme" in expiry
    assert "Recalibration:" in expiry


async def test_a_digest_missed_by_hours_is_recorded_and_never_sent(tierbot: ServedBot):
    await tierbot.slack.command("ana", "/digest", "monday 9:00")
    tierbot.clock.jump(datetime(2022, 9, 13, 1, 0, tzinfo=UTC))
    await wait_until(lambda: {row.outcome for row in rows(tierbot, RunRow)} == {"skipped_late"}, "the run is recorded")
    assert rows(tierbot, OutboxRow) == []
    assert messages_to(tierbot, "U0ANA") == []
    status = text_of(await tierbot.slack.command("ana", "/digest", "status"))
    assert "🔴 missed, too late to send" in status


@pytest.mark.slow
async def test_a_new_weekday_takes_effect_next_week_if_this_weeks_digest_was_sent(tierbot: ServedBot):
    await tierbot.slack.command("ana", "/digest", "monday 9:00")
    tierbot.clock.jump(MONDAY)
    await wait_for_messages(tierbot, "U0ANA", 1)
    await all_delivered(tierbot, "sent")
    answer_text = text_of(await tierbot.slack.command("ana", "/digest", "friday 9:00"))
    assert "Fridays at 9:00, Europe/Berlin; next on 23 Sep 2022" in answer_text
    tierbot.clock.jump(datetime(2022, 9, 16, 7, 0, 1, tzinfo=UTC))
    await tierbot.bot.scheduler.tick()
    assert len(rows(tierbot, OutboxRow)) == 1
    tierbot.clock.jump(datetime(2022, 9, 23, 7, 0, 1, tzinfo=UTC))
    await wait_for_messages(tierbot, "U0ANA", 2)


async def test_a_digest_can_be_paused_and_ended(tierbot: ServedBot):
    await tierbot.slack.command("ana", "/digest", "tue 8am UTC")
    assert "Digest: paused" in text_of(await tierbot.slack.command("ana", "/digest", "pause"))
    resumed = text_of(await tierbot.slack.command("ana", "/digest", "resume"))
    assert "Tuesdays at 8:00, UTC; next on 6 Sep 2022" in resumed
    assert "You have no notifications set up" in text_of(await tierbot.slack.command("ana", "/digest", "off"))


async def test_now_sends_the_digest_immediately_as_a_separate_message(tierbot: ServedBot):
    nothing = text_of(await tierbot.slack.command("carla", "/digest", "now"))
    assert "You have no digest set up" in nothing
    await tierbot.slack.command("carla", "/digest", "fri 17:00")
    assert "On its way" in text_of(await tierbot.slack.command("carla", "/digest", "now"))
    [portfolio] = await wait_for_messages(tierbot, "U0CARLA", 1)
    assert portfolio.startswith("3 partners: ")


async def test_someone_who_lost_access_gets_no_more_messages(tierbot: ServedBot):
    await tierbot.slack.command("ana", "/digest", "monday 9:00")
    Transactions(tierbot.core.engine).write_now(
        lambda connection, now: unlink(connection, SlackUser("T01LOCAL", "U0ANA"), now)
    )
    tierbot.clock.jump(MONDAY)
    await all_delivered(tierbot, "dropped")
    assert messages_to(tierbot, "U0ANA") == []
    assert {row.reason for row in rows(tierbot, OutboxRow)} == {"the reader is no longer linked"}


@pytest.mark.slow
async def test_a_channel_gets_the_digest_of_its_partner(tierbot: ServedBot):
    refused = text_of(await tierbot.slack.command("carla", "/digest", "monday 9:00 here"))
    assert "This channel isn't about a partner yet" in refused
    await tierbot.slack.command("carla", "/tier", "here Partner A")
    assert "Only a CAM" in text_of(await tierbot.slack.command("ana", "/digest", "monday 9:00 here"))
    answer_text = text_of(await tierbot.slack.command("carla", "/digest", "monday 9:00 here"))
    assert "This channel's notifications" in answer_text
    assert "Everyone in this channel sees these figures" in answer_text
    tierbot.clock.jump(MONDAY)
    channel = tierbot.slack.state.screen
    assert await channel.until(lambda: len(channel.in_channel("C01SALES")) >= 1, TIMEOUT)
    assert all("Partner A" in text_of(each) for each in channel.in_channel("C01SALES"))
    await tierbot.slack.command("carla", "/tier", "here none")
    tierbot.clock.jump(datetime(2022, 9, 19, 7, 0, 1, tzinfo=UTC))
    await all_delivered(tierbot, "dropped")


async def test_only_those_who_manage_its_partner_can_change_a_channels_digest(tierbot: ServedBot):
    """Carla manages PA, PB and PD; an admin sets the channel to PC."""
    from tiercore.storage.tables.people import ChannelRow

    row = {"team_id": "T01LOCAL", "channel_id": "C01SALES", "partner_id": "PC"}
    with tierbot.core.engine.begin() as connection:
        connection.execute(insert(table(ChannelRow)), [row])
    for words in ("monday 9:00 here", "here", "now here", "status here", "off here", "pause here", "alerts on here"):
        for user in ("carla", "ana", "eve"):
            answer = text_of(await tierbot.slack.command(user, "/digest", words))
            assert any(why in answer for why in ("Only", "I don't know", "not linked", "who you are")), (
                user,
                words,
            )
    assert rows(tierbot, SubscriptionRow) == []


async def test_a_channels_digest_stays_with_its_partner_whatever_others_are_named(tierbot: ServedBot):
    """The id of the channel's partner is the name of another one visible to the subscriber."""
    from tiercore.storage.tables.ledger import PersonRow
    from tiercore.storage.tables.people import ChannelRow

    await tierbot.slack.command("carla", "/tier", "here Partner A")
    await tierbot.slack.command("carla", "/digest", "monday 9:00 here")
    with tierbot.core.engine.begin() as connection:
        connection.execute(update(table(ChannelRow)).values(partner_id="Zweite GmbH"))
        connection.execute(delete(table(PersonRow)).where(table(PersonRow).c.partner_id == "PA"))
    tierbot.clock.jump(MONDAY)
    await all_delivered(tierbot, "dropped")
    assert tierbot.slack.state.screen.in_channel("C01SALES") == []


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("mondey 9:00", "“mondey” isn't a weekday"),
        ("monday 9:00 GMT+2", "“GMT+2” isn't a weekday"),
        ("pause 2 weeks", "A pause takes no day or topic"),
        ("off weekly", "“weekly” isn't one of"),
        ("monday " * 9, "too many words"),
    ],
)
async def test_invalid_input_is_explained_and_changes_nothing(tierbot: ServedBot, words: str, answer: str):
    assert answer in text_of(await tierbot.slack.command("ana", "/digest", words))
    assert rows(tierbot, SubscriptionRow) == []


async def test_a_single_topic_can_be_ended_and_started(tierbot: ServedBot):
    await tierbot.slack.command("ana", "/digest", "monday 9:00")
    await tierbot.slack.command("ana", "/digest", "alerts on")
    answer_text = text_of(await tierbot.slack.command("ana", "/digest", "off alerts"))
    assert "Digest: Mondays" in answer_text
    assert "Alerts" not in answer_text
    assert "You have no notifications" in text_of(await tierbot.slack.command("ana", "/digest", "unsubscribe"))
    answer_text = text_of(await tierbot.slack.command("ana", "/digest", "expiry friday 8am"))
    assert "Expiry: Fridays at 8:00" in answer_text
    assert "Digest:" not in answer_text


async def test_the_window_reports_problems_at_their_field(tierbot: ServedBot):
    digest = await tierbot.slack.command("ana", "/digest")
    form = (await tierbot.slack.click("ana", digest.message, "Notifications")).view
    fields = {"topics": ["expiry"], "weekday": "2", "hour": "480", "zone": {"value": "Berlln"}, "quiet": "at night"}
    wrong = (await tierbot.slack.submit_view("ana", form, fields)).view
    assert set(wrong.errors) == {"zone", "quiet"}
    none = {**fields, "topics": ["alerts"], "kinds": [], "zone": "UTC", "quiet": ""}
    assert set((await tierbot.slack.submit_view("ana", form, none)).view.errors) == {"kinds"}
    both = {**fields, "topics": ["digest", "expiry"], "zone": "UTC", "quiet": ""}
    assert "both progress and expiry" in (await tierbot.slack.submit_view("ana", form, both)).view.errors["topics"]
    right = {**fields, "zone": "Europe/Berlin", "quiet": "22:00-7:00"}
    answer_text = text_of((await tierbot.slack.submit_view("ana", form, right)).view)
    assert "Expiry: Wednesdays at 8:00, Europe/Berlin; next on 7 Sep 2022" in answer_text
    assert "Digest:" not in answer_text
    form = (await tierbot.slack.click("ana", digest.message, "Notifications")).view
    monthly = {**right, "topics": ["digest"], "rhythm": "monthly", "day_of_month": "31", "only_news": ["yes"]}
    answer_text = text_of((await tierbot.slack.submit_view("ana", form, monthly)).view)
    assert "Digest: 31st of the month, or its last day at 8:00, Europe/Berlin; next on 30 Sep 2022" in answer_text
    assert "silent if nothing moved" in answer_text


async def test_the_numbers_are_sent_where_slack_refuses_charts(tierbot: ServedBot):
    tierbot.slack.state.unsupported_types.add("data_visualization")
    await tierbot.slack.command("ana", "/digest", "monday 9:00")
    tierbot.clock.jump(MONDAY)
    [digest] = await wait_for_messages(tierbot, "U0ANA", 1)
    assert "420" in digest


@pytest.mark.parametrize("words", ["monday 25:00", "monday teatime", "monday 9:00 Atlantis"])
async def test_invalid_input_is_explained(tierbot: ServedBot, words: str):
    assert "isn't a weekday, time or time zone" in text_of(await tierbot.slack.command("ana", "/digest", words))


async def test_a_stranger_gets_no_digest(tierbot: ServedBot):
    for words in ("monday 9:00", "pause", "resume", "off", "status"):
        assert "don't know who you are yet" in text_of(await tierbot.slack.command("eve", "/digest", words)), words


async def test_metrics_show_the_outbox_and_slacks_waiting_time(tierbot: ServedBot):
    await tierbot.slack.command("carla", "/digest", "fri 17:00")
    await tierbot.slack.command("carla", "/digest", "now")
    await wait_for_messages(tierbot, "U0CARLA", 1)
    await all_delivered(tierbot, "sent")
    await tierbot.slack.post(b"payload={}", {"X-Slack-Signature": "v0=forged"})
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{tierbot.bot.port}/metrics") as answer,
    ):
        figures = dict(line.rsplit(" ", 1) for line in (await answer.text()).splitlines() if not line.startswith("#"))
    assert float(figures["tierbot_acknowledged_seconds_count"]) == 2
    assert float(figures['tierbot_outbox{state="sent"}']) == 1
    assert float(figures['tierbot_outbox{state="dead"}']) == 0
    assert float(figures['tierbot_letters_total{outcome="sent"}']) == 1
    assert float(figures['tierbot_rejected_total{word="stale"}']) == 1
    assert not any("example.com" in name or "U0CARLA" in name for name in figures)


async def test_the_next_weekly_digest_goes_on_from_what_the_last_one_told(tierbot: ServedBot, tmp_path: Path):
    await tierbot.slack.command("ana", "/digest", "progress monday 9:00")
    tierbot.clock.jump(MONDAY)
    [first] = await wait_for_messages(tierbot, "U0ANA", 1)
    assert "420 points, " in first
    await all_delivered(tierbot, "sent")
    (tmp_path / "sales.csv").write_text(f"{FOLDER['sales.csv'].splitlines()[0]}\n{LATE}\n")
    imported = import_folder(tierbot.core.engine, tierbot.core.program, tmp_path, today=TODAY)
    assert imported.problems == []
    tierbot.clock.jump(MONDAY + timedelta(7))
    _, second = await wait_for_messages(tierbot, "U0ANA", 2)
    assert "450 points, no change since 5 Sep 2022, +30 corrected in hindsight" in second
    assert "Corrected in hindsight: +30, through sales.csv S77 (added)." in second
    assert "5 Sep 2022: 420 points as first reported, 450 now." in second


async def test_metrics_show_when_figures_were_last_verified_and_how_many_differed(tierbot: ServedBot):
    at = datetime(2022, 9, 5, 3, 30, tzinfo=UTC)
    with writing(tierbot.core.engine) as connection:
        record(connection, Verified(partners=4, not_recounted=12), at)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{tierbot.bot.port}/metrics") as answer,
    ):
        figures = dict(line.rsplit(" ", 1) for line in (await answer.text()).splitlines() if not line.startswith("#"))
    assert float(figures["tierbot_verified_timestamp_seconds"]) == at.timestamp()
    assert float(figures["tierbot_verified_partners"]) == 4
    assert float(figures["tierbot_verified_differences"]) == 0
    assert float(figures["tierbot_verified_not_recounted"]) == 12
