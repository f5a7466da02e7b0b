"""Every partner of the database, kept for admins, whose every question looks for one of them."""

import asyncio

from tiercore.access import PartnerName, Partners
from tiercore.storage.compiled import NOBODY, Scope
from tiercore.storage.decoding import Rows
from tiercore.storage.reach_statements import EVERY_PARTNER
from tiercore.storage.reader import Reader


class AllPartners:
    """The partners by name. They are read again when the data has changed, and indexed again only if they differ."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._reading = reader, asyncio.Lock()
        self._version, self._rows, self._partners = 0, list[tuple[str, str]](), Partners(())

    async def as_of(self, version: int, scope: Scope = NOBODY) -> Partners:
        """The partners that `scope`, an admin's, shows in this version of the data; 0 is the version of no data."""
        if version and version == self._version:
            return self._partners
        async with self._reading:
            if not version or version != self._version:
                [rows] = await self._reader.fetch((EVERY_PARTNER, {}), scope=scope)
                self._rows, self._partners = await asyncio.to_thread(self._followed, rows)
                self._version = version
            return self._partners

    def _followed(self, rows: Rows) -> tuple[list[tuple[str, str]], Partners]:
        read = [(str(partner_id), str(name)) for partner_id, name in rows]
        if read == self._rows:
            return self._rows, self._partners
        partners = Partners(PartnerName(*row) for row in read)
        partners.by_name  # noqa: B018  (made here, beside the event loop)
        return read, partners
