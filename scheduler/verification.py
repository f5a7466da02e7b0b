"""Verify a sample of the stored figures every night, beside everything else (running#verify)."""

import asyncio
from datetime import date
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from tiercore.nightly import Verifications

log = structlog.get_logger()
_GIVE_BACK_SECONDS = 5  # the process may be about to end, and an import may hold the lock


class NightlyVerification:
    """One replica's part: whichever replica takes the night on first verifies it."""

    def __init__(self, verifications: "Verifications") -> None:
        self._verifications = verifications
        self._running: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """Begin the night's verification if it is due; it goes on by itself, so that no digest waits for it."""
        if self._running is not None and not self._running.done():
            return
        if night := await self._verifications.claim_night():
            self._running = asyncio.create_task(self._verify(night))

    async def _verify(self, night: date) -> None:
        try:
            found = await self._verifications.verify_sample(night)
        except Exception as error:
            log.warning("verification_failed", error=type(error).__name__, reason=str(error)[:200])
            await self._give_back(night, error)
            return
        if found is None:
            log.warning("verification_skipped", reason="the rules have changed: tierbot rebuild")
            return
        differ = len(found.differences)
        report = log.error if differ else log.info
        counts = {"partners": found.partners, "credits": found.credits, "balances": found.balances}
        report("verified", **counts, not_recounted=found.not_recounted, differences=differ)

    async def _give_back(self, night: date, why: Exception) -> None:
        """Leave the night to any replica that is able to; where not even that can be stored, it is lost."""
        try:
            async with asyncio.timeout(_GIVE_BACK_SECONDS):
                await self._verifications.give_back(night, why)
        except Exception as error:
            log.warning("verification_not_given_back", error=type(error).__name__, reason=str(error)[:200])

    async def finish(self) -> None:
        """Wait for the verification that is under way, if there is one."""
        if self._running is not None:
            await asyncio.wait((self._running,))

    async def stop(self) -> None:
        """Give up the verification that is under way, if there is one."""
        self._verifications.stop()
        await self.finish()
