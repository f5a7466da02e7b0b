"""Verify a sample of the stored figures every night, beside everything else (running#verify)."""

import asyncio
from datetime import date
from typing import TYPE_CHECKING

import structlog

from scheduler.periodic import PeriodicTask

if TYPE_CHECKING:
    from tiercore.nightly import Verifications

log = structlog.get_logger()
_GIVE_BACK_SECONDS = 5  # the process may be about to end, and an import may hold the lock


class NightlyVerification(PeriodicTask):
    """One replica's part: whichever replica takes the night on first verifies it."""

    def __init__(self, verifications: "Verifications") -> None:
        super().__init__("verification", self._take_on, self._verify)
        self._verifications = verifications
        self._night: date | None = None

    async def _take_on(self) -> bool:
        self._night = await self._verifications.claim_night()
        return self._night is not None

    async def _verify(self) -> None:
        night = self._night
        assert night is not None
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

    async def stop(self) -> None:
        """Give up the verification that is under way, if there is one."""
        self._verifications.stop()
        await self.finish()
