"""What was typed in Slack: its mark, and decisions about rows that may be the same (data#typed)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class TypedMark:
    """Who typed a fact in Slack, and on which day (UTC)."""

    by: str
    on: date


class Decision(StrEnum):
    """Which counts: the row from elsewhere, the one that someone typed, or both."""

    FILE = "file"
    MINE = "mine"
    TWO = "two"
