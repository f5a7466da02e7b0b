"""The journal: every call to the portal, in order, with its outcome. It never holds the credential."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReceivedCall:
    """A call: its `method`, such as "deals.list"; what it asked for; the answer's status, None if it got none; how many
    `rows` it was given, and the cursor `after` them. `fault` names an injected fault, `error` a category of HubSpot's.
    """

    method: str
    path: str
    arguments: Json
    status: int | None
    at: float
    rows: int = 0
    after: str | None = None
    error: str | None = None
    policy: str | None = None
    fault: str | None = None
    retry_after: int | None = None

    def line(self) -> str:
        """One line for a terminal: "deals.list after 1100 → 200, 100 rows"."""
        start = f" after {self.arguments['after']}" if self.arguments.get("after") else ""
        outcome = "no answer" if self.status is None else str(self.status)
        rows = f", {self.rows} rows" if self.rows else ""
        why = f" ({self.fault or self.policy or self.error})" if self.fault or self.error else ""
        return f"{self.method}{start} → {outcome}{rows}{why}"


@dataclass(slots=True)
class Journal:
    """The journal's entries, oldest first."""

    entries: list[ReceivedCall] = field(default_factory=list)

    def calls(self, method: str) -> list[ReceivedCall]:
        """The calls of one method, such as "deals.list"."""
        return [each for each in self.entries if each.method == method]

    @property
    def errors(self) -> list[ReceivedCall]:
        """The calls that failed or met a fault."""
        return [each for each in self.entries if each.error or each.fault]

    def clear(self) -> None:
        """Remove all entries."""
        self.entries.clear()
