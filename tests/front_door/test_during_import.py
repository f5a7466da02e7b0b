"""An import holds nobody up: answers, Home and changes go on, or wait, and nothing fails (data#imports)."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from tests.support.alerts import LOST
from tests.support.sample_folder import FOLDER
from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import TIMEOUT, wait_until
from tiercore.ingest.importing import import_folder
from tiercore.people.preferences import prefer
from tiercore.people.types import Identity
from tiercore.storage.engine import Busy, is_sqlite, writing
from tiercore.storage.transactions import Transactions


class Paused:
    """An import in a thread of its own, which stops at a stage until it is let go."""

    def __init__(self, tierbot: ServedBot, folder: Path, stage: str) -> None:
        self._tierbot, self._folder, self._stage = tierbot, folder, stage
        self.reached, self._go = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Paused":
        self._folder.mkdir()
        header = FOLDER["subscriptions.csv"].splitlines()[0]
        (self._folder / "subscriptions.csv").write_text(f"{header}\n{LOST}\n")
        self._thread.start()
        assert self.reached.wait(TIMEOUT)
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Let the import end, and wait for that."""
        self._go.set()
        self._thread.join(TIMEOUT)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        core = self._tierbot.core
        imported = import_folder(
            core.engine, core.program, self._folder, today=date(2022, 9, 5), progress=self._on_progress
        )
        assert imported.stored

    def _on_progress(self, stage: str, _done: int, _total: int) -> None:
        if stage == self._stage:
            self.reached.set()
            assert self._go.wait(TIMEOUT)


async def test_while_files_are_read_changes_are_made_at_once(tierbot: ServedBot, tmp_path: Path):
    with Paused(tierbot, tmp_path / "more", "subscriptions.csv"):
        assert "you see the points dashboard" in text_of(await tierbot.slack.command("ana", "/tier", "prefer points"))
        assert "Alerts: as they happen" in text_of(await tierbot.slack.command("ana", "/digest", "alerts on"))


async def test_while_rows_are_stored_questions_and_home_are_answered(tierbot: ServedBot, tmp_path: Path):
    with Paused(tierbot, tmp_path / "more", "rating clients"):
        assert "225 points to Platinum" in text_of(await tierbot.slack.command("ana", "/tier"))
        assert "Partner A" in text_of((await tierbot.slack.open_home("ana")).view)


async def test_a_change_while_rows_are_stored_waits_and_is_made(tierbot: ServedBot, tmp_path: Path):
    with Paused(tierbot, tmp_path / "more", "rating clients") as importing:
        change = asyncio.ensure_future(tierbot.slack.command("ana", "/tier", "prefer points"))
        if is_sqlite(tierbot.core.url):  # the file has one writer; on PostgreSQL they don't wait for each other
            await asyncio.wait((change,), timeout=1)
            assert not change.done()
            await asyncio.to_thread(importing.let_go)
        assert "you see the points dashboard" in text_of(await change)
    assert not tierbot.slack.journal.errors


async def test_many_waiting_changes_hold_up_no_read(tierbot: ServedBot, tmp_path: Path):
    """Waiting takes no thread: as many changes as there could be threads wait, and notifications are still read."""
    with Paused(tierbot, tmp_path / "more", "rating clients") as importing:
        people = ("ana", "bea", "carla", "admin")
        changes = [
            asyncio.ensure_future(tierbot.slack.command(people[n % 4], "/tier", "prefer points")) for n in range(40)
        ]
        assert "You have no notifications" in text_of(await tierbot.slack.command("ana", "/digest", "alerts"))
        await asyncio.to_thread(importing.let_go)
        assert all("points dashboard" in text_of(each) for each in await asyncio.gather(*changes))


@contextmanager
def locked(tierbot: ServedBot) -> Iterator[None]:
    with writing(tierbot.core.engine):
        yield


async def test_who_can_wait_no_longer_is_told_and_nothing_is_done(tierbot: ServedBot):
    if not is_sqlite(tierbot.core.url):
        return
    with locked(tierbot), pytest.raises(Busy, match="another program"), writing(tierbot.core.engine, patience=0.2):
        pass


async def test_a_waiting_change_can_be_given_up(tierbot: ServedBot):
    """A bot that is told to stop doesn't wait for the import."""
    if not is_sqlite(tierbot.core.url):
        return
    made: list[Identity | None] = []
    with locked(tierbot):
        from tiercore.access import SlackUser

        user = SlackUser("T01LOCAL", "U0ANA")
        transactions = Transactions(tierbot.core.engine)
        change = asyncio.ensure_future(transactions.write(lambda db, _: made.append(prefer(db, user, "points"))))
        await asyncio.wait((change,), timeout=0.5)
        change.cancel()
        await asyncio.wait((change,), timeout=TIMEOUT)
        assert change.cancelled()
    await wait_until(lambda: not made, "nothing was changed")
