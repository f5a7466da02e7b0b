"""The log of reads: who asked what, of which partner, with what outcome; no figures (running#who-asked-what)."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from handlers.read_log import ReadLog
from tests.support.alerts import LOST, import_rows
from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import wait_until
from tiercore.access import SlackUser
from tiercore.people.reads import KEPT_DAYS, forget_reads, latest_reads, record_reads
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
        record_reads(connection, old)
        forget_reads(connection, now)
        assert [each.at for each in latest_reads(connection, 9)] == [old[1].at]


class Slow:
    """Stores reads when it is let go, however often it is asked."""

    def __init__(self) -> None:
        self.go, self.stored = asyncio.Event(), list[str]()

    def now(self) -> datetime:
        return datetime(2022, 9, 5, 12, tzinfo=UTC)

    async def record_reads(self, reads: Sequence[Read]) -> None:
        await self.go.wait()
        self.stored += [each.word for each in reads]


async def test_a_read_is_stored_once_whoever_gives_up_waiting():
    people = Slow()
    reads = ReadLog(people)
    reads.add(SlackUser("T1", "U1"), "tier", None, "answered")
    first = asyncio.ensure_future(reads.flush())
    await asyncio.sleep(0)
    first.cancel()
    reads.add(SlackUser("T1", "U1"), "gap", None, "answered")
    people.go.set()
    await reads.close()
    assert people.stored == ["tier", "gap"]


async def test_the_end_waits_for_no_import(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("handlers.read_log.CLOSE_SECONDS", 0.05)
    reads = ReadLog(Slow())
    reads.add(SlackUser("T1", "U1"), "tier", None, "answered")
    async with asyncio.timeout(5):
        await reads.close()


async def test_what_the_database_refused_is_stored_the_next_time():
    class Failing(Slow):
        fails = True

        async def record_reads(self, reads: Sequence[Read]) -> None:
            if self.fails:
                self.fails = False
                raise OSError("no database")
            await super().record_reads(reads)

    people = Failing()
    people.go.set()
    reads = ReadLog(people)
    reads.add(SlackUser("T1", "U1"), "tier", None, "answered")
    await reads.flush()
    await reads.flush()
    assert people.stored == ["tier"]


async def test_a_home_tab_that_is_refreshed_by_itself_is_no_read(tierbot: ServedBot, tmp_path: Path):
    opened = (await tierbot.slack.open_home("ana")).view
    await wait_until(lambda: reads(tierbot), "the opening is stored")
    before = len(reads(tierbot))
    import_rows(tierbot, tmp_path / "more", "subscriptions.csv", LOST)
    await wait_until(lambda: text_of(tierbot.slack.home("ana")) != text_of(opened), "Home is refreshed")
    await tierbot.bot.stop()
    assert len(reads(tierbot)) == before
