"""Verifying stored figures every night, once for all replicas, and what was found last (running#verify)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from threading import Event

from sqlalchemy import Connection, Engine, insert, select, update

from tiercore.program import Program
from tiercore.storage.bulk import table
from tiercore.storage.derive import stored_fingerprint
from tiercore.storage.engine import NOTIFICATIONS_LOCK, snapshot
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.verified import VerifiedRow
from tiercore.storage.transactions import Transactions, utc_now
from tiercore.verification.verify import Verified, partner_ids, sample_of, verify

BEGINS, ENDS = 3, 6  # o'clock: from when to when a night's verification may begin
FRESH_FOR = timedelta(2)
_RETRY_AFTER = timedelta(minutes=10)
_NEVER = {"verified_at": None, "partners": 0, "differences": 0, "not_recounted": 0, "left_out": ""}
RULES_CHANGED = "the rules have changed, and the figures need tierbot rebuild"
STOPPED = "tierbot was stopped during the verification"


@dataclass(frozen=True, slots=True)
class LastVerified:
    """What the last verification found: of how many partners, how many stored figures differ, and how many sold credits
    were taken as stored. `at` is None before the first.

    `left_out` is why the last night since then had no result, "" if it had one.
    """

    at: datetime | None
    partners: int
    differences: int
    not_recounted: int = 0
    left_out: str = ""

    def is_current(self, now: datetime) -> bool:
        """Whether it still says something about the stored figures: it is recent, and no night since was left out."""
        return self.at is not None and not self.left_out and now - self.at <= FRESH_FOR


class Interrupted(Exception):
    """The process stops: the verification was given up."""


class Verifications:
    """One database's verifications. `sample` is how many partners a night's verification looks at; 0 for none."""

    def __init__(
        self,
        engine: Engine,
        program: Program,
        sample: int,
        zone: tzinfo,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._engine, self._program, self._sample, self._zone = engine, program, sample, zone
        self._transactions = Transactions(engine, clock, NOTIFICATIONS_LOCK)
        self._stopping = Event()
        self._not_before = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The current time, by which the night is due."""
        return self._transactions.clock()

    async def last(self) -> LastVerified | None:
        """What the last verification found, None before the first night."""
        return await self._transactions.read(last_verified)

    async def claim_night(self) -> date | None:
        """The night, if it is due and no replica has taken it on yet; it is this one's then. Else None.

        It only reads where there is nothing to claim, and waits a while after a night that this replica gave back.
        """
        local = self.now().astimezone(self._zone)
        if not self._sample or not BEGINS <= local.hour < ENDS or self.now() < self._not_before:
            return None
        night = local.date()
        if await self._transactions.read(lambda db: _is_taken(db, night)):
            return None
        is_ours = await self._transactions.write(lambda db, now: _claim(db, night))
        return night if is_ours else None

    async def verify_sample(self, night: date) -> Verified | None:
        """Verify the night's sample in a thread, and record what was found, or why the night is left out: None where a
        rebuild is due first.

        Raises Interrupted after stop().
        """
        return await asyncio.to_thread(self._verify_sample, night)

    def _verify_sample(self, night: date) -> Verified | None:
        with snapshot(self._engine) as connection:
            current = stored_fingerprint(connection) == self._program.rating_fingerprint
            found = self._verified(connection, night) if current else None
        if found is None:
            self._transactions.write_now(lambda db, now: _write(db, left_out=RULES_CHANGED))
        else:
            self._transactions.write_now(lambda db, now: record(db, found, now))
        return found

    def _verified(self, connection: Connection, night: date) -> Verified:
        chosen = sample_of(partner_ids(connection), self._sample, night)
        return verify(connection, self._program, chosen, progress=self._go_on)

    async def give_back(self, night: date, why: Exception) -> None:
        """Let any replica take the night on again, and record why it has no result yet."""
        reason = STOPPED if isinstance(why, Interrupted) else f"the verification failed with {type(why).__name__}"
        self._not_before = self.now() + _RETRY_AFTER
        await self._transactions.write(lambda db, now: _write(db, night=night.toordinal() - 1, left_out=reason))

    def _go_on(self, _stage: str, _done: int, _total: int) -> None:
        if self._stopping.is_set():
            raise Interrupted

    def stop(self) -> None:
        """Give up a verification that is under way."""
        self._stopping.set()


def last_verified(connection: Connection) -> LastVerified | None:
    """What the last verification found, None where there is neither a result nor a night that was left out."""
    row = connection.execute(select(table(VerifiedRow))).mappings().first()
    if row is None or (row["verified_at"] is None and not row["left_out"]):
        return None
    at = None if row["verified_at"] is None else from_ms(row["verified_at"])
    return LastVerified(at, row["partners"], row["differences"], row["not_recounted"], row["left_out"])


def record(connection: Connection, found: Verified, now: datetime) -> None:
    """Store what a verification has found, in place of the one before."""
    figures = {"differences": len(found.differences), "not_recounted": found.not_recounted}
    _write(connection, verified_at=as_ms(now), partners=found.partners, **figures, left_out="")


def _write(connection: Connection, **values: int | str) -> None:
    """Change these values of the one row, which is made where it is missing."""
    verified = table(VerifiedRow)
    if not connection.execute(update(verified).values(**values)).rowcount:
        connection.execute(insert(verified), [{"verified_id": 1, "night": 0, **_NEVER, **values}])


def _is_taken(connection: Connection, night: date) -> bool:
    return (connection.scalar(select(table(VerifiedRow).c.night)) or 0) >= night.toordinal()


def _claim(connection: Connection, night: date) -> bool:
    if _is_taken(connection, night):
        return False
    _write(connection, night=night.toordinal())
    return True
