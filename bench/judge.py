"""The judge of a stress test: what stands in the local Slack, for how long, and which calls came too soon."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.journal import ReceivedCall

_ABOUT = ("channel", "users", "user")
_WATCHED = 0.1  # seconds between two looks at the screen, if nothing changes
_MARGIN = 0.1  # seconds that an answer may need to a process that calls again
_UNTOLD = 0.5  # seconds within which each other process may make one call before it reads of the pause


@dataclass(frozen=True, slots=True)
class Due:
    """A message that is due: where, and what it says."""

    channel: str
    text: str


@dataclass(slots=True)
class Judgement:
    """Counts of messages: `lost` don't stand, `doubled` stand more than once, `wrong` say something else, stand
    elsewhere or weren't due. `stood` are the seconds for which each double stood before it was removed. `impatient`
    are the calls made before Retry-After was over. `again` were sent again while Slack had the first in time.
    """

    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    again: int = 0
    impatient: int = 0
    stood: list[float] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether everything due stands once, says what was due, and Slack's pauses were kept."""
        return not (self.lost or self.doubled or self.wrong or self.again or self.impatient)

    def __str__(self) -> str:
        longest = f", the longest for {max(self.stood):.1f} s" if self.stood else ""
        return (
            f"{self.lost} lost, {self.doubled} doubled, {self.wrong} wrong, {self.again} sent again in vain, "
            f"{self.impatient} calls before Retry-After was over; {len(self.stood)} stood twice for a while{longest}"
        )


@dataclass(slots=True)
class Figures:
    """The results. `after` are the seconds from the last kill to the end, `ahead` those by which Slack's clock was
    ahead.
    """

    seed: int
    messages: int
    found: Judgement
    kills: int
    failed: Counter[str]
    late: int
    after: float
    seconds: float
    ahead: float
    states: Counter[str]

    def __str__(self) -> str:
        states = ", ".join(f"{number} {state}" for state, number in sorted(self.states.items()))
        failed = ", ".join(f"{number} {method}" for method, number in sorted(self.failed.items()))
        return (
            f"seed {self.seed}: {self.messages:,} messages, {self.kills} kills, Slack's clock {self.ahead:+.0f} s off, "
            f"{self.failed.total()} failed calls ({failed}), {self.late} of them taken by Slack later: {self.found}; "
            f"{self.after:.1f} s from the last kill, {self.seconds:.1f} s in all ({states})"
        )


class Judge:
    """Follows what stands in a local Slack from now on; a message is known by its marker. So many `processes` send."""

    def __init__(self, slack: Slack, processes: int) -> None:
        self._slack, self._processes, self._seen = slack, processes, 0
        self._standing: defaultdict[str, set[str]] = defaultdict(set)
        self._doubled_since: dict[str, float] = {}
        self._stood: dict[str, float] = {}
        self._watching: asyncio.Task[None] | None = None
        self._late = 0.0  # seconds, at most, by which this process was woken too late: others are, too

    async def __aenter__(self) -> "Judge":
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        screen, loop = self._slack.state.screen, asyncio.get_running_loop()
        while True:
            ends = loop.time() + _WATCHED
            await screen.until(lambda: len(screen.stream) > self._seen, _WATCHED)
            self._late = max(self._late, loop.time() - ends)
            self._follow()

    def _follow(self) -> None:
        stream, now = self._slack.state.screen.stream, asyncio.get_running_loop().time()
        for shown in stream[self._seen :]:
            marker = _marker(shown)
            stands = self._standing[marker]
            (stands.discard if shown.deleted else stands.add)(shown.ts)
            if len(stands) > 1:
                self._doubled_since.setdefault(marker, now)
            elif marker in self._doubled_since:
                self._stood[marker] = self._stood.get(marker, 0.0) + now - self._doubled_since.pop(marker)
        self._seen = len(stream)

    def judgement(self, due: Mapping[str, Due]) -> Judgement:
        """The judgement, given what is due by marker."""
        self._follow()
        result = Judgement(stood=list(self._stood.values()))
        standing = defaultdict[str, list[Due]](list)
        for message in self._slack.state.screen.messages.values():
            mark = ((message.metadata or {}).get("event_payload") or {}).get("mark", "")
            standing[mark].append(Due(message.channel, message.text))
        for marker, expected in due.items():
            found = standing.pop(marker, [])
            result.lost += not found
            result.doubled += max(0, len(found) - 1)
            result.wrong += any(each != expected for each in found)
        result.wrong += len(standing)
        late = {
            _mark_of(call) for call in self._slack.journal.calls("chat.postMessage") if call.fault == "accepted late"
        }
        result.again = len((self._stood.keys() | self._doubled_since.keys()) - late)
        result.impatient = _impatient(self._slack.journal.received, self._processes, self._late)
        return result


def _impatient(calls: list[ReceivedCall], processes: int, late: float) -> int:
    """How many calls came before the pause was over that Slack had asked for, for this method and conversation.

    The journal has a call when it is answered. One process learns of a pause by its answer, the others by its row, and
    each of them may be `late` by so many seconds.
    """
    paused: dict[tuple[str, str], tuple[float, float]] = {}
    untold = Counter[tuple[str, str]]()
    number = 0
    for call in calls:
        about = next((str(call.arguments[each]) for each in _ABOUT if call.arguments.get(each)), "")
        key = (call.method, about)
        since, until = paused.get(key, (0.0, 0.0))
        if since + _MARGIN + late < call.at < until - _MARGIN and call.fault != "accepted late":
            if call.at < since + _UNTOLD + late and untold[key]:
                untold[key] -= 1
            else:
                number += 1
        if call.retry_after:
            paused[key] = (call.at, call.at + call.retry_after)
            untold[key] = processes - 1
    return number


def _mark_of(call: ReceivedCall) -> str:
    return str(((call.arguments.get("metadata") or {}).get("event_payload") or {}).get("mark", ""))


def _marker(shown: Shown) -> str:
    return str(((shown.metadata or {}).get("event_payload") or {}).get("mark", ""))
