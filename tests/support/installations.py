"""Installations for tests of workspaces, and a clock that is moved by hand."""

from datetime import UTC, datetime

from tiercore.workspaces.types import InstalledBy, InstalledToken

NOW = datetime(2022, 9, 5, 12, tzinfo=UTC)
TOKEN = InstalledToken("A1", "B1", "U0BOT", frozenset({"commands", "chat:write"}), "sealed", None, None)
PARTNERS_OWN = InstalledBy("T77", None, "Zweite GmbH", False, "U0NEW")
PROGRAMS = InstalledBy("T01", None, "Program", False, "U0ADMIN")


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now
