"""A sync from beginning to end: take the lease, read what there is, bring it into the ledger (data#hubspot)."""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import Connection, Engine

from bot.hubspot.client import API_URL, HubSpotClient, Patience
from bot.hubspot.errors import HubSpotError, TryLater
from bot.hubspot.limits import SEARCHES_A_SECOND, DailyBudget, Limits
from bot.hubspot.reading import OnPage, RecordReading
from bot.hubspot.storing import Stored, Storing, SyncOptions
from bot.hubspot.wanted import Wanted
from tiercore.ingest.importing import Progress
from tiercore.ingest.problems import Problem, report
from tiercore.ingest.staging.leases import calls_today, give_back_lease, not_before, take_lease, wait_until
from tiercore.ingest.staging.runs import Outcome, SyncRun, begin, find, save
from tiercore.program import Program
from tiercore.storage.engine import SYNC_LOCK
from tiercore.storage.moments import as_ms
from tiercore.storage.transactions import Transactions, utc_now

HALF = Fraction(1, 2)
DEFAULT = SyncOptions()


class MappingDoesNotFit(HubSpotError):
    """The mapping asks for what the portal doesn't have."""

    def __init__(self, problems: list[Problem]) -> None:
        listed = "\n".join(report(problems))
        super().__init__(f"{listed}\ntierbot sync hubspot --discover --to FILE shows what the portal has")


@dataclass(frozen=True, slots=True)
class Portal:
    """Where to read, and with what: a token, the share of the portal's daily calls, and how patiently."""

    token: str = field(repr=False)
    url: str = API_URL
    share: Fraction = HALF
    patience: Patience = field(default_factory=Patience)
    searches_a_second: int = SEARCHES_A_SECOND


@dataclass(frozen=True, slots=True)
class Synced:
    """A sync that has ended: its run, what became of the records, and which types were left out, and why."""

    run: SyncRun
    stored: Stored
    left_out: tuple[str, ...] = ()


class HubSpotSync:
    """Syncs one portal with one ledger, one sync at a time over all processes. `today` gives the day of the import."""

    def __init__(
        self,
        engine: Engine,
        program: Program,
        portal: Portal,
        wanted: Wanted,
        today: Callable[[], date],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._engine, self._program, self._portal, self._wanted, self._today = engine, program, portal, wanted, today
        self._clock = clock
        self._transactions = Transactions(engine, clock, SYNC_LOCK)
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    async def run(
        self, options: SyncOptions = DEFAULT, on_page: OnPage | None = None, progress: Progress | None = None
    ) -> Synced:
        """Read and store; a sync that was interrupted goes on. Raises HubSpotError, AnotherSync."""
        used, limit = await self._transactions.write(self._take)
        budget = DailyBudget(self._portal.share, used, limit, now=self._clock)
        portal, limits = self._portal, Limits(budget, self._portal.searches_a_second)
        client = HubSpotClient(portal.token, limits, portal.url, portal.patience)
        try:
            async with client:
                reading = RecordReading(
                    client, self._transactions, self._owner, self._wanted, on_page or (lambda of, run: None)
                )
                try:
                    return await self._run(client, reading, options, progress)
                finally:
                    await reading.count_calls()
        finally:
            await asyncio.shield(self._transactions.write(lambda db, now: give_back_lease(db, self._owner)))

    def _take(self, connection: Connection, now: datetime) -> tuple[int, int | None]:
        """Take the lease; how many calls were made today, and how many there may be. Raises AnotherSync."""
        take_lease(connection, self._owner, now)
        return calls_today(connection, now)

    async def _run(
        self, client: HubSpotClient, reading: RecordReading, options: SyncOptions, progress: Progress | None
    ) -> Synced:
        run = None
        try:
            await self._check_time()
            await reading.look()
            storing = self._storing(reading)
            if problems := await asyncio.to_thread(storing.problems):
                raise MappingDoesNotFit(problems)
            run = await self._begin(client, options, reading.fingerprint)
            run = await reading.read(run)
        except HubSpotError as error:
            await self._failed(run or await self._begin(client, options), error)
            raise
        stored = await asyncio.to_thread(storing.store, run, options, progress)
        sync_id = run.sync_id
        run = await self._transactions.read(lambda db: find(db, sync_id))
        left_out = tuple(f"Without {name.replace('_', ' ')}: {why}" for name, why in reading.left_out.items())
        return Synced(run, stored, left_out)

    def _storing(self, reading: RecordReading) -> Storing:
        names = [each.name for each in reading.types]
        return Storing(self._engine, self._program, self._wanted, reading.properties, names, self._today(), self._clock)

    async def _check_time(self) -> None:
        """Raises TryLater as long as HubSpot wants to be left alone."""
        until = await self._transactions.read(not_before)
        if until is not None and self._clock() < until:
            raise TryLater("HubSpot has asked not to be called before that", until)

    async def _begin(self, client: HubSpotClient, options: SyncOptions, fingerprint: str | None = None) -> SyncRun:
        """The run, dated by HubSpot's clock, by which it dates changes. Without a fingerprint, because the portal
        didn't say what there is to read, it is the one that was interrupted, whatever that reads.
        """
        at = client.hubspot_time or self._clock()
        return await self._transactions.write(lambda db, now: begin(db, full=options.full, mapping=fingerprint, now=at))

    async def _failed(self, run: SyncRun, error: HubSpotError) -> None:
        later = isinstance(error, TryLater)
        outcome = Outcome.PAUSED if later else Outcome.FAILED
        until = error.until if isinstance(error, TryLater) and error.is_hubspots else None

        def record(connection: Connection, now: datetime) -> None:
            save(connection, run.sync_id, outcome=outcome, message=str(error), finished_at=as_ms(now))
            if until is not None:
                wait_until(connection, until)

        await self._transactions.write(record)
