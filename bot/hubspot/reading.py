"""Reading a portal into staging: each page is stored with the cursor behind it, so a sync goes on where it was."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.hubspot.client import HubSpotClient
from bot.hubspot.errors import HubSpotError, InvalidPage, MissingScope, UnknownObjectType
from bot.hubspot.object_types import ObjectType
from bot.hubspot.reader import HubSpotReader
from bot.hubspot.wanted import Wanted, chosen_properties
from tiercore.ingest.staging.leases import count_calls, take_lease
from tiercore.ingest.staging.records import count_seen, count_staged, stage
from tiercore.ingest.staging.runs import Reading, SyncRun, save, save_progress
from tiercore.ingest.staging.types import START, Page
from tiercore.storage.moments import as_ms
from tiercore.storage.transactions import Transactions

_MISSING_TOLERATED = 10  # records, and one in fifty: a search finds new records later than a list does
OnPage = Callable[[ObjectType, SyncRun], None]
Properties = dict[str, list[str]]


class RecordReading:
    """Reads the types that a mapping wants, one page after the other; `on_page` is told of each."""

    def __init__(
        self, client: HubSpotClient, transactions: Transactions, owner: str, wanted: Wanted, on_page: OnPage
    ) -> None:
        self._client, self._transactions, self._owner = client, transactions, owner
        self._wanted, self._on_page = wanted, on_page
        self._reader = HubSpotReader(client)
        self._counted = 0
        self.left_out: dict[str, HubSpotError] = {}
        self.properties: Properties = {}

    async def look(self) -> Properties:
        """The properties to read of each type; one that a portal without partner objects lacks is left out."""
        for each in self._wanted.types:
            columns = self._wanted.columns[each.name]
            try:
                there = [found.name for found in await self._reader.properties(each)]
                self.properties[each.name] = chosen_properties(columns, there)
            except (UnknownObjectType, MissingScope) as error:
                if not each.of_partners or await self._has(each):
                    raise
                self.left_out[each.name] = error
                self.properties[each.name] = list(dict.fromkeys(candidates[0] for candidates in columns))
        return self.properties

    async def read(self, run: SyncRun) -> SyncRun:
        """Read everything that the run has not read yet; the run as it is then."""
        for each in self.types:
            if not run.reading(each.name).is_done:
                run = await self._read(run, each)
        await self._transactions.write(lambda db, now: save(db, run.sync_id, read_at=as_ms(now)))
        return run

    @property
    def types(self) -> list[ObjectType]:
        """The types that are read."""
        return [each for each in self._wanted.types if each.name not in self.left_out]

    @property
    def fingerprint(self) -> str:
        """What is read, in short: the mapping, the types and their properties. Records that were read by another one
        may lack what this one reads.
        """
        read = {each.name: sorted(self.properties[each.name]) for each in self.types}
        return hashlib.sha256(f"{self._wanted.fingerprint} {json.dumps(read)}".encode()).hexdigest()[:16]

    async def count_calls(self) -> None:
        """Count the calls since the last page toward the day's."""
        calls, self._counted = self._client.calls - self._counted, self._client.calls
        limit = self._client.limits.budget.limit
        await self._transactions.write(lambda db, now: count_calls(db, calls, limit, now))

    async def _has(self, of: ObjectType) -> bool:
        return bool(await self._transactions.read(lambda db: count_staged(db, of.name)))

    async def _read(self, run: SyncRun, of: ObjectType) -> SyncRun:
        start = run.reading(of.name).cursor or START
        names = self.properties[of.name]
        if run.since is None:
            pages = self._reader.all_pages(of, names, start)
        else:
            pages = self._reader.changed_pages(of, names, run.since, start)
        async for page in pages:
            if page.next is None and run.is_full:
                await self._check_count(run, of, page)
            run = await self._store(run, of, page)
            self._on_page(of, run)
        return run

    async def _check_count(self, run: SyncRun, of: ObjectType, page: Page) -> None:
        """Refuse a list that ends long before all records were there, by what a search counts."""
        total = await self._reader.total(of)
        seen = await self._transactions.read(lambda db: count_seen(db, of.name, run.sync_id)) + len(page.records)
        if seen + max(_MISSING_TOLERATED, total // 50) < total:
            begin_again = Reading(START, 0)
            await self._keep(run, of, begin_again, Page((), START))
            raise InvalidPage(of.words, f"the list ends after {seen:,} of {total:,}")

    async def _store(self, run: SyncRun, of: ObjectType, page: Page) -> SyncRun:
        records = run.reading(of.name).records + len(page.records)
        return await self._keep(run, of, Reading(page.next, records), page)

    async def _keep(self, run: SyncRun, of: ObjectType, reading: Reading, page: Page) -> SyncRun:
        calls, self._counted = self._client.calls - self._counted, self._client.calls

        def keep(connection: Any, now: datetime) -> SyncRun:
            take_lease(connection, self._owner, now)
            changed = stage(connection, of.name, page.records, run.sync_id)
            count_calls(connection, calls, self._client.limits.budget.limit, now)
            return save_progress(connection, run, of.name, reading, calls=calls, changed=changed)

        return await self._transactions.write(keep)
