"""What the judge of a simulated run says, and of what."""

from dataclasses import dataclass, field

from bench.simulation.scenario import SETTLE_SECONDS
from bench.simulation.slack import Call

_MARGIN = 5.0


@dataclass(frozen=True, slots=True)
class Copy:
    """One message in Slack with a marker: the call that made it, and when it took effect."""

    ts: str
    call: Call
    at: float

    @property
    def is_late(self) -> bool:
        """Whether Slack took it later than anybody waits for it."""
        return self.at - self.call.made > SETTLE_SECONDS - _MARGIN


@dataclass(frozen=True, slots=True)
class Double:
    """Two copies that stood at the same time, from when to when; None where they still stood at the end."""

    marker: str
    start: float
    end: float | None


@dataclass(slots=True)
class Verdict:
    """What the judge found: sentences about faults of ours, and figures."""

    seed: int
    fingerprint: str = ""
    wrong: list[str] = field(default_factory=list)
    sent: int = 0
    held: int = 0
    calls: int = 0
    failed: int = 0
    kills: int = 0
    freezes: int = 0
    doubled_seconds: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        sentences = "".join(f"\n  {each}" for each in self.wrong) or " nothing wrong"
        return f"seed {self.seed} ({self.fingerprint}; again: make simulation SEED={self.seed}):{sentences}"
