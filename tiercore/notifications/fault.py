"""What somebody has to mend before messages can be sent (digests-and-alerts#faults)."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Stops(StrEnum):
    """How much a fault stops: everything in its workspace, the messages that meet it, or one target."""

    WORKSPACE = "workspace"
    MESSAGE = "message"
    TARGET = "target"


class Fault(NamedTuple):
    """What somebody has to mend before a message can be sent: how much it stops, and Slack's word for it."""

    stops: Stops
    word: str

    @property
    def is_operators(self) -> bool:
        """Whether the operator mends it, and not the people of a channel."""
        return self.stops is not Stops.TARGET

    def __str__(self) -> str:
        return f"{self.stops.value}: {self.word}"


class FaultCount(NamedTuple):
    """How many messages a fault holds, and when the oldest of them was due; in which workspace, where there are
    several.
    """

    fault: Fault
    messages: int
    oldest: datetime
    team_id: str | None = None

    def __str__(self) -> str:
        to = f" to {self.team_id}" if self.team_id else ""
        return f"Slack refuses what is sent{to}: {self.fault.word}; {self.messages} held: tierbot doctor"
