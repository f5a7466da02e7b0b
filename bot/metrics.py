"""Figures for the operator's monitoring, as Prometheus reads them at /metrics; nothing of a person is in them."""

import asyncio
import time
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from tiercore.notifications.delivery import Outbox
from tiercore.notifications.types import Outcome, State

_LOOK_SECONDS = 0.01


class Metrics:
    """One replica's figures; those of the outbox are all replicas', read from the database when they are asked for."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.acknowledged = Histogram(
            "tierbot_acknowledged_seconds",
            "How long Slack waited for its answer",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
            registry=self.registry,
        )
        self.rejected = Counter(
            "tierbot_rejected", "Requests that the front door refused", ["word"], registry=self.registry
        )
        self._questions = Counter(
            "tierbot_questions",
            "Questions and deeds; refused ones by the reason",
            ["word", "outcome"],
            registry=self.registry,
        )
        self._outcomes = Counter(
            "tierbot_letters", "What came of tries to send a letter", ["outcome"], registry=self.registry
        )
        self._limited = Counter("tierbot_rate_limited", "Posts that Slack put off", registry=self.registry)
        self._letters = Gauge("tierbot_outbox", "Letters in the outbox", ["state"], registry=self.registry)
        self._oldest = Gauge(
            "tierbot_outbox_oldest_seconds", "How long a letter has been due and not sent", registry=self.registry
        )
        self._lag = Gauge("tierbot_loop_lag_seconds", "How late the event loop is", registry=self.registry)

    def asked(self, word: str, outcome: str) -> None:
        """Count a question, or a deed, and what came of it."""
        self._questions.labels(word, outcome).inc()

    def on_outcome(self, outcome: Outcome) -> None:
        """Count what came of a letter."""
        self._outcomes.labels(outcome.state.value).inc()
        if outcome.reason in ("ratelimited", "rate_limited"):
            self._limited.inc()

    async def render(self, outbox: Outbox) -> bytes:
        """Everything, in Prometheus' text format; nobody who writes is kept waiting by it."""
        found = {each.state: each for each in await outbox.counts()}
        for state in State:
            self._letters.labels(state.value).set(found[state].messages if state in found else 0)
        self._oldest.set(_waiting(found[State.PENDING].oldest, outbox.now()) if State.PENDING in found else 0)
        started = time.perf_counter()
        await asyncio.sleep(_LOOK_SECONDS)
        self._lag.set(max(0.0, time.perf_counter() - started - _LOOK_SECONDS))
        return generate_latest(self.registry)


def _waiting(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())
