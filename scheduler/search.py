"""Searching a conversation for messages in doubt: one page answers for all of them, and the next search goes on where
the last one ended (digests-and-alerts#searching). All times are Slack's.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from scheduler.poster import Page, Poster
from tiercore.notifications.outbox_types import ClaimedMessage, Posted, SendPolicy
from tiercore.notifications.sent import SentMessage

MARGIN = timedelta(minutes=2)  # more than Slack's time can be off by where it was measured
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Sought:
    """A message that is looked for by its marker between two timestamps, which get closer with every page."""

    outbox_id: int
    marker: str
    oldest: str
    latest: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a page says of a message: where it is posted, and from where the search goes on, None where it is over."""

    posted: tuple[Posted, ...]
    searched_to: str | None


def sought_in_doubt(message: ClaimedMessage, policy: SendPolicy) -> Sought:
    """Slack took it, if it did, between the first try and the end of the settling time after the last one."""
    until = (message.last_tried or message.first_tried) + policy.settle + MARGIN
    return _sought(message, message.first_tried, until, message.searched_to)


def sought_copies(message: SentMessage, policy: SendPolicy) -> Sought:
    """Slack may have taken a copy between the first try and the last look for copies."""
    sent = datetime.fromtimestamp(float(message.posted.ts), message.first_tried.tzinfo)
    return _sought(message, message.first_tried, sent + policy.sweep + MARGIN, message.searched_to)


def by_conversation(items: Iterable[Item], of: Callable[[Item], tuple[str, str, Posted | None]]) -> list[list[Item]]:
    """The items of each conversation of a workspace, a channel or a thread."""
    groups: defaultdict[tuple[str, str, Posted | None], list[Item]] = defaultdict(list)
    for item in items:
        groups[of(item)].append(item)
    return list(groups.values())


async def search(poster: Poster, target: str, root: Posted | None, sought: Sequence[Sought]) -> dict[int, Found]:
    """Look for all of them on one page of a conversation; what it says of each, by outbox ID. Raises as the poster."""
    oldest, latest = min(each.oldest for each in sought), max(each.latest for each in sought)
    page = await poster.search(target, root, oldest, latest)
    return {each.outbox_id: _found(each, page, in_thread=root is not None) for each in sought}


def _found(sought: Sought, page: Page, *, in_thread: bool) -> Found:
    """A page of a channel has everything after `further`, one of a thread everything before it."""
    posted = tuple(page.marked.get(sought.marker, ()))
    if page.further is None:
        return Found(posted, None)
    if in_thread:
        return Found(posted, None if page.further >= sought.latest else max(page.further, sought.oldest))
    return Found(posted, None if page.further <= sought.oldest else min(page.further, sought.latest))


def _sought(message: ClaimedMessage | SentMessage, since: datetime, until: datetime, searched_to: str | None) -> Sought:
    oldest, latest = _timestamp(since - MARGIN), _timestamp(until)
    if searched_to and message.root:
        oldest = max(oldest, searched_to)
    elif searched_to:
        latest = min(latest, searched_to)
    return Sought(message.outbox_id, message.marker, oldest, latest)


def _timestamp(moment: datetime) -> str:
    """The moment as one of Slack's timestamps: these have ten digits before the point, so they sort as text."""
    return f"{moment.timestamp():017.6f}"
