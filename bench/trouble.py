"""What goes wrong with the calls of a stress test: every method of Slack's fails now and then, each in its ways."""

import random
from collections import Counter

from bot.playground.local_slack import faults
from bot.playground.local_slack.faults import Fault
from bot.playground.local_slack.server import Slack

POST = "chat.postMessage"
LATE_SECONDS = 3.5  # after it was looked up and sent again
_STARTING = frozenset({"auth.test"})  # without its answer a process doesn't start
_READING = frozenset({"conversations.history", "conversations.replies"})
_READS = (
    faults.RESET,
    faults.HANG,
    faults.server_error(),
    faults.server_error(503),
    faults.web_page(502),
    faults.web_page(200),
    faults.cut_short(),
    *(faults.refused(word) for word in ("internal_error", "fatal_error", "service_unavailable", "request_timeout")),
)
_ANY = (*_READS, faults.rate_limited(1), faults.rate_limited(2))  # one of a search would slow all searches down
_POSTS = (
    *_ANY,
    faults.LOST_ANSWER,
    faults.HANG_AFTER_ACCEPTING,
    faults.server_error(accepted=True),
    faults.web_page(200, accepted=True),
    faults.cut_short(accepted=True),
    faults.accepted_late(LATE_SECONDS),
    faults.accepted_late(LATE_SECONDS),
)


class Trouble:
    """Makes calls fail from now on; counts them by method."""

    def __init__(self, slack: Slack, chance: random.Random, posts: int, others: int) -> None:
        self._chance, self._posts, self._others = chance, posts, others
        self.failed: Counter[str] = Counter()
        self.late = 0
        slack.faults.chooser = self._choose

    def _choose(self, method: str) -> Fault | None:
        percent = self._posts if method == POST else 0 if method in _STARTING else self._others
        if self._chance.randrange(100) >= percent:
            return None
        fault = self._chance.choice(_POSTS if method == POST else _READS if method in _READING else _ANY)
        self.failed[method] += 1
        self.late += fault.kind == "late"
        return fault
