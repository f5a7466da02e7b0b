"""Verifying stored figures every night, once for all replicas, and what was found last (running#verify)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from threading import Event

from sqlalchemy import Connection, Engine, delete, insert, select, update

from tiercore.program import Program
from tiercore.storage.bulk import table
from tiercore.storage.derive import stored_fingerprint
from tiercore.storage.engine import NOTIFICATIONS_LOCK, snapshot
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.verified import VerifiedRow
from tiercore.storage.transactions import Transactions, utc_now
from tiercore.verification.verify import Verified, partner_ids, sample_of, verify

BEGINS, ENDS = 3, 6  # o'clock: from when to when a night's verification may begin


@dataclass(frozen=True, slots=True)
class LastVerified:
    """What the last verification found: of how many partners, and how many stored figures differ."""

    at: datetime
    partners: int
    differences: int


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

    def now(self) -> datetime:
        """The current time, by which the night is due."""
        return self._transactions.clock()

    async def last(self) -> LastVerified | None:
        """What the last verification found, None before the first."""
        return await self._transactions.read(last_verified)

    async def claim_night(self) -> date | None:
        """The night, if it is due and no replica has taken it on yet; it is this one's then. Else None."""
        local = self.now().astimezone(self._zone)
        if not self._sample or not BEGINS <= local.hour < ENDS:
            return None
        night = local.date()
        is_ours = await self._transactions.write(lambda db, now: _claim(db, night))
        return night if is_ours else None

    async def verify_sample(self, night: date) -> Verified | None:
        """Verify the night's sample in a thread, and record what was found. None where a rebuild is due first.

        Raises Interrupted after stop().
        """
        return await asyncio.to_thread(self._verify_sample, night)

    def _verify_sample(self, night: date) -> Verified | None:
        with snapshot(self._engine) as connection:
            if stored_fingerprint(connection) != self._program.rating_fingerprint:
                return None
            chosen = sample_of(partner_ids(connection), self._sample, night)
            found = verify(connection, self._program, chosen, progress=self._go_on)
        self._transactions.write_now(lambda db, now: record(db, found, now))
        return found

    def _go_on(self, _stage: str, _done: int, _total: int) -> None:
        if self._stopping.is_set():
            raise Interrupted

    def stop(self) -> None:
        """Give up a verification that is under way."""
        self._stopping.set()


def last_verified(connection: Connection) -> LastVerified | None:
    """What the last verification found, None before the first."""
    row = connection.execute(select(table(VerifiedRow))).mappings().first()
    if row is None or row["verified_at"] is None:
        return None
    return LastVerified(from_ms(row["verified_at"]), row["partners"], row["differences"])


def record(connection: Connection, found: Verified, now: datetime) -> None:
    """Store what a verification has found, in place of the one before."""
    verified = table(VerifiedRow)
    night = connection.scalar(select(verified.c.night)) or 0
    connection.execute(delete(verified))
    row = {"night": night, "verified_at": as_ms(now), "partners": found.partners, "differences": len(found.differences)}
    connection.execute(insert(verified), [{"verified_id": 1, **row}])


def _claim(connection: Connection, night: date) -> bool:
    verified, number = table(VerifiedRow), night.toordinal()
    known = connection.scalar(select(verified.c.night))
    if known is None:
        row = {"verified_id": 1, "night": number, "verified_at": None, "partners": 0, "differences": 0}
        connection.execute(insert(verified), [row])
    elif known < number:
        connection.execute(update(verified).values(night=number))
    return known is None or known < number
