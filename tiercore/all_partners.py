"""Every partner of the database, kept for admins, whose every question looks for one of them."""

import asyncio
from collections.abc import Mapping

from tiercore.access import PartnerName, Partners
from tiercore.facts.entries import Role
from tiercore.storage.compiled import NOBODY, Scope
from tiercore.storage.decoding import Rows
from tiercore.storage.reach_statements import EVERY_PARTNER
from tiercore.storage.reader import Query, Reader
from tiercore.turns import in_background

Versions = Mapping[str, int]


class AllPartners:
    """The partners by name, and each one's version. They are read again when the data has changed, and indexed again
    only where their names differ.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader, self._reading = reader, asyncio.Lock()
        self._version, self._names = 0, list[tuple[str, str]]()
        self._found: tuple[Partners, Versions] = (Partners(), {})

    async def as_of(
        self, version: int, all_changed_at: int, asking: Query, scope: Scope = NOBODY
    ) -> tuple[Partners, Versions] | None:
        """The partners that `scope`, an admin's, shows in this version of the data; 0 is the version of no data. None,
        and nothing is kept, where the reach that `asking` reads isn't an admin's any more as they are read.
        """
        if version and version == self._version:
            return self._found
        async with self._reading:
            with in_background(None):
                return await self._read(version, all_changed_at, asking, scope)

    async def _read(
        self, version: int, all_changed_at: int, asking: Query, scope: Scope
    ) -> tuple[Partners, Versions] | None:
        if not version or version != self._version:
            rows, roles = await self._reader.fetch((EVERY_PARTNER, {}), asking, scope=scope)
            if not any(row[2] == Role.ADMIN for row in roles):
                return None
            self._names, self._found = await asyncio.to_thread(self._followed, rows, all_changed_at)
            self._version = version
        return self._found

    def _followed(self, rows: Rows, all_changed_at: int) -> tuple[list[tuple[str, str]], tuple[Partners, Versions]]:
        names, versions = [(str(row[0]), str(row[1])) for row in rows], versions_of(rows, all_changed_at)
        if names == self._names:
            return names, (self._found[0], versions)
        partners = Partners(PartnerName(*each) for each in names)
        partners.by_name  # noqa: B018  (made here, beside the event loop)
        return names, (partners, versions)


def versions_of(rows: Rows, all_changed_at: int) -> Versions:
    """Each partner's own version, from rows of its ID, name and the version at which its own answers changed last."""
    return {partner_id: max(own or 0, all_changed_at) for partner_id, _, own in rows}
