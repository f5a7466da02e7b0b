"""Who asked what of which partner: collected while answering, and stored in batches, so that no answer waits for it."""

import asyncio
from collections import deque
from typing import TYPE_CHECKING

import structlog

from tiercore.access import SlackUser
from tiercore.people.types import Read

if TYPE_CHECKING:
    from tiercore.people.service import People

FLUSH_SECONDS = 1.0
_MAX_WAITING = 200_000
log = structlog.get_logger()


class ReadLog:
    """Collects reads until `flush`. While the database can't take them they wait, the oldest dropped beyond a limit."""

    def __init__(self, people: "People") -> None:
        self._people = people
        self._waiting: deque[Read] = deque(maxlen=_MAX_WAITING)

    def add(self, viewer: SlackUser, word: str, partner_id: str | None, outcome: str) -> None:
        """Record that the viewer asked, and what came of it."""
        now = self._people.now()
        self._waiting.append(Read(now, viewer.team_id, viewer.user_id, word, partner_id, outcome))

    async def run(self) -> None:
        """Store what was collected, again and again."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Store what was collected; if that fails, it is kept for the next time."""
        reads = list(self._waiting)
        if not reads:
            return
        try:
            await self._people.record_reads(reads)
        except Exception as error:
            log.warning("reads_not_stored", waiting=len(reads), error=type(error).__name__)
            return
        for _ in reads:
            self._waiting.popleft()
