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
CLOSE_SECONDS = 2.0
_MAX_WAITING = 200_000
log = structlog.get_logger()


class ReadLog:
    """Collects reads until `flush`. While the database can't take them they wait, the oldest dropped beyond a limit."""

    def __init__(self, people: "People") -> None:
        self._people = people
        self._waiting: deque[Read] = deque(maxlen=_MAX_WAITING)
        self._storing: asyncio.Task[None] | None = None

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
        """Store what was collected; if that fails, it is kept for the next time. A batch is never stored twice, even if
        whoever waits for it is cancelled.
        """
        if self._storing is None and self._waiting:
            batch = list(self._waiting)
            self._waiting.clear()
            self._storing = asyncio.create_task(self._store(batch))
        if self._storing is not None:
            await asyncio.shield(self._storing)

    async def close(self) -> None:
        """Store the rest, within CLOSE_SECONDS: an import may hold the database."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.flush()
                await self.flush()  # what came while the first batch was stored
        except TimeoutError:
            log.warning("reads_lost", waiting=len(self._waiting))
            if self._storing is not None:
                self._storing.cancel()

    async def _store(self, batch: list[Read]) -> None:
        try:
            await self._people.record_reads(batch)
        except Exception as error:
            log.warning("reads_not_stored", reads=len(batch), error=type(error).__name__)
            room = _MAX_WAITING - len(self._waiting)
            self._waiting.extendleft(reversed(batch[max(0, len(batch) - room) :]))
        finally:
            self._storing = None
