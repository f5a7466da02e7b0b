"""Netting the starts and ends of credits into changes: one gain or loss each, with its cause."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from tiercore.facts.points import Source
from tiercore.rating.credits import Cause

_MANAGED = Source.MANAGED.value
_DIRECTION: dict[str, int] = {Cause.SUBSCRIPTION_ROSE: 1, Cause.DOWNGRADE: -1, Cause.CANCELLATION: -1}


class CreditEvent(NamedTuple):
    """A credit's start or end, as stored: `day` is an ordinal, source and cause are their string values.

    `micropoints` is the credit's size, never negative, or None if it couldn't be rated; `doubt` then says why.
    """

    client_id: str
    client: str
    product_line: str
    source: str
    day: int
    cause: str
    micropoints: int | None
    shared_by: int
    doubt: str | None = None
    edition: str | None = None
    account: str | None = None


class Change(NamedTuple):
    """Micropoints gained (positive) or lost (negative) on a day, from one client, product line and source."""

    client_id: str
    client: str
    product_line: str
    source: Source
    day: date
    cause: Cause
    micropoints: int
    edition: str | None = None
    account: str | None = None


def net_changes(opened: Iterable[CreditEvent], closed: Iterable[CreditEvent]) -> list[Change]:
    """The events as changes: one per client, product line, source, day and (for sales) cause, without those of zero."""
    sold: dict[tuple[Any, ...], int] = defaultdict(int)
    managed: dict[tuple[Any, ...], list[tuple[int, CreditEvent]]] = defaultdict(list)
    for sign, events in ((1, opened), (-1, closed)):
        for event in events:
            if event.micropoints is None:
                continue
            if event.source == _MANAGED:
                managed[*event[:5], event.account].append((sign, event))
            else:
                sold[*event[:6], event.edition, event.account] += sign * event.micropoints
    netted = list(sold.items())
    netted += [_managed_change(key, signed) for key, signed in managed.items()]
    return [_change(key, micropoints) for key, micropoints in netted if micropoints]


def _managed_change(key: tuple[Any, ...], signed: Sequence[tuple[int, CreditEvent]]) -> tuple[tuple[Any, ...], int]:
    """One line's managed points on a day: its edition is that of what begins, or of what ends if nothing does."""
    *line, account = key
    edition = max(signed, key=lambda each: each[0])[1].edition
    return (*line, _cause(signed), edition, account), _sum(signed)


def _change(key: tuple[Any, ...], micropoints: int) -> Change:
    client_id, client, line, source, day, cause, edition, account = key
    when = date.fromordinal(day)
    return Change(client_id, client, line, Source(source), when, Cause(cause), micropoints, edition, account)


def _sum(signed: Iterable[tuple[int, CreditEvent]]) -> int:
    return sum(sign * (event.micropoints or 0) for sign, event in signed)


def _cause(signed: Sequence[tuple[int, CreditEvent]]) -> str:
    """Why a managed credit's value changed: the recorded cause, unless the points moved in the opposite direction.

    Then another change on the same day outweighed it: the share, or else the rules.
    """
    events, micropoints = [event for _, event in signed], _sum(signed)
    direction = _DIRECTION.get(events[0].cause)
    if len(events) == 1 or direction is None or micropoints * direction >= 0:
        return events[0].cause
    return Cause.SHARE_CHANGED if len({event.shared_by for event in events}) > 1 else Cause.RULE_CHANGED
