"""Faults that can be injected: the next calls of a method, or the call of a given number, fail in the given way.

The method is what the journal calls it, such as "deals.list", or "*" for any call.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["refused", "hang", "reset", "cut", "page", "slow", "meanwhile"]
PageKind = Literal["short", "lost rows", "empty", "same cursor", "repeated record"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail. `page` is a body that isn't JSON, and its content type; `paging` is what is wrong with the page
    of records, of which `rows` are left; `act` happens before the answer.
    """

    name: str
    kind: Kind
    status: int = 200
    category: str = ""
    policy: str = ""
    retry_after: int | None = None
    seconds: float = 0
    page: tuple[str, str] | None = None
    paging: PageKind | None = None
    rows: int = 0
    act: Callable[[], object] | None = None


def rate_limited(retry_after: int | None = 1, policy: str = "TEN_SECONDLY_ROLLING") -> Fault:
    """429 with Retry-After, in seconds, or without."""
    return Fault("rate limited", "refused", 429, "RATE_LIMITS", policy, retry_after)


def server_error(status: int = 500, retry_after: int | None = None) -> Fault:
    """A status of 500 or the like; 423 (locked) and 477 (the portal is being moved) are of the kind."""
    category = {423: "LOCKED", 477: "MIGRATION_IN_PROGRESS"}.get(status, "INTERNAL_ERROR")
    return Fault("server error", "refused", status, category, retry_after=retry_after)


def refused(status: int, category: str) -> Fault:
    """HubSpot's error of a category, such as 403 and MISSING_SCOPES."""
    return Fault(category, "refused", status, category)


def web_page(status: int = 502) -> Fault:
    """A proxy's web page in place of HubSpot's answer."""
    return Fault("web page", "refused", status, page=("<html><body>Bad gateway</body></html>", "text/html"))


def slow(seconds: float) -> Fault:
    """The right answer, so many seconds late."""
    return Fault("slow", "slow", seconds=seconds)


def short_page(rows: int) -> Fault:
    """Fewer rows than asked for; the next cursor goes on after the last of them."""
    return Fault("short page", "page", paging="short", rows=rows)


def lost_rows(rows: int) -> Fault:
    """Fewer rows than there are; the next cursor goes on behind those that are missing."""
    return Fault("lost rows", "page", paging="lost rows", rows=rows)


def meanwhile(act: Callable[[], object]) -> Fault:
    """The right answer, after something else has happened in the portal."""
    return Fault("meanwhile", "meanwhile", act=act)


HANG = Fault("hang", "hang")
RESET = Fault("reset", "reset")
CUT_SHORT = Fault("cut short", "cut")
INVALID_JSON = Fault("invalid JSON", "refused", page=('{"results": [{"id": "10', "application/json"))
EMPTY_PAGE = Fault("empty page", "page", paging="empty")
SAME_CURSOR = Fault("same cursor", "page", paging="same cursor")
REPEATED_RECORD = Fault("repeated record", "page", paging="repeated record")


class Faults:
    """A queue of faults per method, and faults for calls of a given number. `chooser`, if set, is given the method and
    the number of each call without one, counted from 1, and chooses its fault.
    """

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._numbered: dict[tuple[str, int], Fault] = {}
        self._calls: Counter[str] = Counter()
        self.chooser: Callable[[str, int], Fault | None] | None = None

    def add(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next `times` calls of the method fail like this, after the faults already queued."""
        self._waiting[method].extend([fault] * times)

    def at(self, number: int, fault: Fault, method: str = "*") -> None:
        """Let the call with this number fail: of the method, or of all, counted from 1 since the last `clear`."""
        self._numbered[method, number] = fault

    def take(self, method: str) -> Fault | None:
        """The fault for the call that has just come in."""
        self._calls.update((method, "*"))
        for name in (method, "*"):
            if (numbered := self._numbered.pop((name, self._calls[name]), None)) is not None:
                return numbered
            if self._waiting[name]:
                return self._waiting[name].popleft()
        return self.chooser(method, self._calls["*"]) if self.chooser else None

    @property
    def waiting(self) -> list[str]:
        """The names of the faults that haven't happened yet."""
        queued = [fault.name for queue in self._waiting.values() for fault in queue]
        return queued + [fault.name for fault in self._numbered.values()]

    def clear(self) -> None:
        """Remove all faults and the chooser, and count from 1 again."""
        self._waiting.clear()
        self._numbered.clear()
        self._calls.clear()
        self.chooser = None
