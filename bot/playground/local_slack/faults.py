"""Faults that can be injected: the next calls of a method fail in the given way.

The method is a Web API method, "response_url" for posts to response_urls, "upload_url" for a file's bytes, or "*" for
any call.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["refused", "hang", "reset", "late"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail. `accepted` says whether the call takes effect before its answer is lost; one that is `late` does
    so after so many seconds, or once something has happened. `page` is a body that isn't JSON, and its content type.
    """

    name: str
    kind: Kind
    accepted: bool = False
    error: str = ""
    status: int = 200
    retry_after: int | None = None
    seconds: float = 0
    once: asyncio.Event | None = None
    page: tuple[str, str] | None = None


def rate_limited(retry_after: int = 1) -> Fault:
    """429 with Retry-After, in seconds."""
    return Fault("rate limited", "refused", error="ratelimited", status=429, retry_after=retry_after)


def server_error(status: int = 500, *, accepted: bool = False) -> Fault:
    """A status of 500 or the like; with `accepted` the call takes effect all the same."""
    return Fault("server error", "refused", accepted, "internal_error", status)


def accepted_late(seconds: float) -> Fault:
    """Never answered, and the call takes effect so many seconds later."""
    return Fault("accepted late", "late", accepted=True, seconds=seconds)


def accepted_once(happened: asyncio.Event) -> Fault:
    """No answer ever, and the call takes effect when this has happened."""
    return Fault("accepted late", "late", accepted=True, once=happened)


def web_page(status: int = 502, *, accepted: bool = False) -> Fault:
    """A proxy's web page in place of Slack's answer."""
    page = ("<html><body>Bad gateway</body></html>", "text/html")
    return Fault("web page", "refused", accepted, status=status, page=page)


def cut_short(*, accepted: bool = False) -> Fault:
    """The beginning of an answer, without its end."""
    return Fault("cut short", "refused", accepted, page=('{"ok": tr', "application/json"))


def refused(error: str, status: int = 200) -> Fault:
    """Slack's "ok": false with this error word."""
    return Fault(error, "refused", error=error, status=status)


EXPIRED_TRIGGER = refused("expired_trigger_id")
SPENT_RESPONSE_URL = refused("used_url", 404)
HANG = Fault("hang", "hang")
HANG_AFTER_ACCEPTING = Fault("hang after accepting", "hang", accepted=True)
RESET = Fault("reset", "reset")
LOST_ANSWER = Fault("lost answer", "reset", accepted=True)


class Faults:
    """A queue of faults per method. `chooser`, if set, chooses the fault for each call without one in a queue."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.chooser: Callable[[str], Fault | None] | None = None

    def add(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next `times` calls of the method fail like this, after the faults already queued."""
        self._waiting[method].extend([fault] * times)

    def take(self, method: str) -> Fault | None:
        """The fault for the call that has just come in, taken from its queue."""
        for name in (method, "*"):
            if self._waiting[name]:
                return self._waiting[name].popleft()
        return self.chooser(method) if self.chooser else None

    @property
    def waiting(self) -> list[str]:
        """The names of the queued faults."""
        return [fault.name for queue in self._waiting.values() for fault in queue]

    def clear(self) -> None:
        """Remove all faults and the chooser."""
        self._waiting.clear()
        self.chooser = None
