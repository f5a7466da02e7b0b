"""Prometheus metrics for /metrics, without personal data."""

import math
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from handlers.services import Services
from tiercore.notifications.outbox_types import Outcome, State

if TYPE_CHECKING:
    from tiercore.storage.standby import StandbyStatus


class Metrics:
    """One replica's metrics; those of the outbox, of the last verification and of syncs
    cover all replicas and are read from the database on each scrape."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.acknowledged = Histogram(
            "tierbot_acknowledged_seconds",
            "How long Slack waited for an acknowledgement",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
            registry=self.registry,
        )
        self.rejected = Counter(
            "tierbot_rejected", "Requests that failed verification", ["word"], registry=self.registry
        )
        self._questions = Counter(
            "tierbot_questions",
            "Questions and changes, by outcome: answered, or the reason for a refusal",
            ["word", "outcome"],
            registry=self.registry,
        )
        self._counters: dict[tuple[str, str], Counter] = {}
        self._outcomes = Counter(
            "tierbot_letters", "Attempts to send an outbox message, by outcome", ["outcome"], registry=self.registry
        )
        self._rate_limited = Counter("tierbot_rate_limited", "Posts that Slack rate-limited", registry=self.registry)
        self._messages = Gauge("tierbot_outbox", "Messages in the outbox, by state", ["state"], registry=self.registry)
        self._workspaces = Gauge(
            "tierbot_workspaces", "Workspaces that the app is installed in", registry=self.registry
        )
        self._most = Gauge(
            "tierbot_outbox_one_workspace",
            "Messages in the outbox of the workspace that has the most, by state",
            ["state"],
            registry=self.registry,
        )
        self._oldest = Gauge(
            "tierbot_outbox_oldest_seconds",
            "Age of the oldest message that is due but not sent",
            registry=self.registry,
        )
        self._verified_at = Gauge(
            "tierbot_verified_timestamp_seconds",
            "When stored figures were last verified, in seconds since 1970; 0 for never",
            registry=self.registry,
        )
        self._verified = Gauge(
            "tierbot_verified_partners", "Partners whose figures were verified then", registry=self.registry
        )
        self._differences = Gauge(
            "tierbot_verified_differences",
            "Stored figures that differed from their recount then",
            registry=self.registry,
        )
        self._not_recounted = Gauge(
            "tierbot_verified_not_recounted",
            "Sold credits that were taken as stored then, because deal-based credit isn't recounted",
            registry=self.registry,
        )
        self._synced_at = Gauge(
            "tierbot_synced_timestamp_seconds",
            "When the last complete sync with HubSpot began, in seconds since 1970; 0 for never",
            registry=self.registry,
        )
        self._sync_lag = Gauge(
            "tierbot_sync_lag_seconds",
            "How old what the last complete sync read is; +Inf before there was one, NaN where none is scheduled",
            registry=self.registry,
        )
        self._sync_lag.set(math.nan)
        self._sync_failed = Gauge(
            "tierbot_sync_failed", "1 if the last sync with HubSpot isn't complete, else 0", registry=self.registry
        )
        self._sync_next = Gauge(
            "tierbot_sync_next_timestamp_seconds",
            "When the next sync is due, in seconds since 1970; 0 where none is scheduled",
            registry=self.registry,
        )
        self._reads = Gauge(
            "tierbot_reads",
            "Reads of answers by server, where a standby is set, since the start",
            ["server"],
            registry=self.registry,
        )
        self._standby_lag = Gauge(
            "tierbot_standby_lag_seconds",
            "By how much the standby is behind at most; NaN where there is none, or it was never up to date",
            registry=self.registry,
        )
        self._standby_lag.set(math.nan)
        self._lag = Histogram(
            "tierbot_loop_lag_seconds",
            "How late the event loop is, measured fifty times a second; nothing should hold it for 0.05",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
            registry=self.registry,
        )

    def on_question(self, word: str, outcome: str) -> None:
        """Count a question or a change, and its outcome."""
        counter = self._counters.get((word, outcome))
        if counter is None:
            counter = self._counters[word, outcome] = self._questions.labels(word, outcome)
        counter.inc()

    def on_hold(self, late: float, _cpu: float) -> None:
        """Count by how many seconds the event loop was late."""
        self._lag.observe(late)

    def on_outcome(self, outcome: Outcome) -> None:
        """Count an attempt to send an outbox message."""
        self._outcomes.labels(outcome.state.value).inc()
        if outcome.reason in ("ratelimited", "rate_limited"):
            self._rate_limited.inc()

    async def render(self, services: Services, standby: "StandbyStatus | None" = None) -> bytes:
        """All metrics in Prometheus's text format. It only reads, so no writer waits for it."""
        if standby:
            self._standby_lag.set(math.nan if standby.lag is None else standby.lag)
            for server, reads in standby.reads.items():
                self._reads.labels(server).set(reads)
        counts = {count.state: count for count in await services.outbox.counts()}
        for state in State:
            self._messages.labels(state.value).set(counts[state].messages if state in counts else 0)
        self._workspaces.set(await services.workspaces.number())
        most = await services.outbox.most_of_a_workspace()
        for state in (State.PENDING, State.HELD):
            self._most.labels(state.value).set(most.get(state, 0))
        self._oldest.set(_age(counts[State.PENDING].oldest, services.outbox.now()) if State.PENDING in counts else 0)
        if last := await services.verifications.last():
            self._verified_at.set(last.at.timestamp() if last.at else 0)
            self._verified.set(last.partners)
            self._differences.set(last.differences)
            self._not_recounted.set(last.not_recounted)
        if status := await services.syncs.status():
            self._synced_at.set(status.complete.started_at.timestamp() if status.complete else 0)
            self._sync_lag.set(status.lag.total_seconds() if status.lag is not None else math.inf)
            self._sync_failed.set(1 if status.error else 0)
            self._sync_next.set(status.next_at.timestamp() if status.next_at else 0)
        return generate_latest(self.registry)


def _age(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())
