"""The log of reads: who asked what, of which partner, with what outcome; no figures (running#who-asked-what)."""

from datetime import UTC, datetime, timedelta

from tests.support.served_bot import ServedBot
from tests.support.waiting import wait_until
from tiercore.people.reads import KEPT_DAYS, latest_reads, record_reads
from tiercore.people.types import Read
from tiercore.storage.engine import reading, writing


def reads(tierbot: ServedBot) -> list[tuple[str, str, str | None, str]]:
    with reading(tierbot.core.engine) as connection:
        return [(each.user_id, each.word, each.partner_id, each.outcome) for each in latest_reads(connection, 20)]


async def test_every_question_is_logged_with_its_partner_and_outcome(tierbot: ServedBot):
    answer = await tierbot.slack.command("carla", "/tier", "PA")
    await tierbot.slack.click("carla", answer.message, "Gap")
    await tierbot.slack.command("ana", "/expiring", "PB")
    await tierbot.slack.command("eve", "/tier")
    expected = {
        ("U0CARLA", "tier", "PA", "answered"),
        ("U0CARLA", "gap", "PA", "answered"),
        ("U0ANA", "expiring", None, "no_such_partner"),
        ("U0EVE", "tier", None, "not_bound"),
    }
    await wait_until(lambda: expected <= set(reads(tierbot)), "the reads are stored")


async def test_what_was_asked_just_before_the_end_is_logged(tierbot: ServedBot):
    await tierbot.slack.command("carla", "/tier", "PA")
    await tierbot.bot.stop()
    assert ("U0CARLA", "tier", "PA", "answered") in reads(tierbot)


def test_reads_are_kept_for_400_days(core):
    assert KEPT_DAYS == 400
    with writing(core.engine) as connection:
        now = datetime(2022, 9, 5, 12, tzinfo=UTC)
        old = [Read(now - timedelta(days=days), "T1", "U1", "tier", "PA", "answered") for days in (401, 399)]
        record_reads(connection, old, now)
        assert [each.at for each in latest_reads(connection, 9)] == [old[1].at]
