"""What happens in a simulated run, and when: the clock, the chance, and the trace that a replay must repeat."""

import hashlib
import heapq
import random
from collections.abc import Callable
from contextvars import Context
from datetime import UTC, datetime, timedelta

from bench.simulation.loop import SimulatedLoop

SUNDAY = datetime(2022, 9, 4, 12, tzinfo=UTC)


class World:
    """One run's clock, chance and trace. All times are true times, in seconds since the run began."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.loop = SimulatedLoop(self.chance)
        self.trace: list[str] = []
        self._ahead: list[float] = []

    def now(self) -> float:
        """Seconds since the run began."""
        return self.loop.time()

    def unix(self) -> float:
        """The true time, in seconds since 1970; Slack's clock shows it."""
        return SUNDAY.timestamp() + self.loop.time()

    def moment(self) -> datetime:
        """The true time."""
        return moment(self.now())

    def at(self, when: float, happens: Callable[[], object]) -> None:
        """Let something happen at this time, outside every process."""
        heapq.heappush(self._ahead, when)
        self.loop.call_at(when, happens, context=Context())

    def next_event(self) -> float | None:
        """When the next thing happens that was planned with `at`."""
        while self._ahead and self._ahead[0] <= self.now():
            heapq.heappop(self._ahead)
        return self._ahead[0] if self._ahead else None

    def note(self, what: str) -> None:
        """Add a line to the trace."""
        self.trace.append(f"{self.now():.6f} {what}")

    def fingerprint(self) -> str:
        """The trace, shortened: two runs that did the same have the same."""
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()[:16]


def moment(seconds: float) -> datetime:
    """The true time so many seconds after the run began."""
    return SUNDAY + timedelta(seconds=seconds)
