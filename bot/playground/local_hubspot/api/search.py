"""Searches: filters, one sort, pages of 200 by their place in the result, 10,000 results in all."""

from collections.abc import Callable, Sequence
from typing import Any

from bot.playground.local_hubspot.api.filters import condition, sort_key
from bot.playground.local_hubspot.api.paging import Page, limit_of, position_of, spoiled
from bot.playground.local_hubspot.api.rendering import rendered
from bot.playground.local_hubspot.api.request import Answer, Call, Json
from bot.playground.local_hubspot.errors import ApiError, invalid
from bot.playground.local_hubspot.portal.definitions import Property
from bot.playground.local_hubspot.portal.records import Record
from bot.playground.local_hubspot.state import HubSpotState

PAGE = 200
MOST_RESULTS = 10_000
MOST_GROUPS = 5
MOST_FILTERS = 6


class Searches:
    """Answers searches; keeps the result of the last one of each type while the portal doesn't change, for its next
    pages.
    """

    def __init__(self) -> None:
        self._last: dict[str, tuple[object, list[Record]]] = {}

    def answer(self, state: HubSpotState, call: Call) -> Answer:
        """A page of the records that a search finds. Raises ApiError."""
        object_type = call.readable_type(state)
        limit = limit_of(call.body.get("limit"), 10, PAGE)
        after = str(call.body.get("after") or "")
        start = position_of(after)
        if start + limit > MOST_RESULTS:
            raise ApiError(400, "VALIDATION_ERROR", f"A search gives {MOST_RESULTS} results at most.")
        found = self._found(state, object_type, call)
        if call.fault is not None and call.fault.paging == "short":
            limit = min(limit, call.fault.rows)
        end = start + limit
        page = Page(found[start:end], str(end) if end < len(found) else None)
        page = spoiled(page, call.fault, after, found[start - 1] if 0 < start <= len(found) else None)
        results = [rendered(state, object_type, each, call.texts("properties")) for each in page.records]
        body: Json = {"total": len(found), "results": results}
        if page.after is not None:
            body["paging"] = {"next": {"after": page.after}}
        return Answer(body, rows=len(results), after=page.after)

    def _found(self, state: HubSpotState, object_type: str, call: Call) -> list[Record]:
        asked = (call.body.get("filterGroups"), call.body.get("sorts"), call.body.get("query"))
        indexed_until = int((state.clock() - state.index_seconds) * 1000) if state.index_seconds else None
        key = (repr(asked), state.portal.version, indexed_until)
        if object_type not in self._last or self._last[object_type][0] != key:
            self._last[object_type] = key, _search(state, object_type, call, indexed_until)
        return self._last[object_type][1]


def _search(state: HubSpotState, object_type: str, call: Call, indexed_until: int | None) -> list[Record]:
    known = state.portal.properties[object_type]
    is_meant = _meant(_objects(call.body.get("filterGroups"), "filterGroups", MOST_GROUPS), known)
    found = [
        each
        for each in state.portal.records[object_type]
        if not each.hidden
        and not each.is_archived
        and (indexed_until is None or each.updated_at <= indexed_until)
        and is_meant(each)
    ]
    sorts = call.body.get("sorts") or []
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise invalid("A search takes one sort at most.")
    if sorts:
        name, is_descending = _sort(sorts[0])
        if name not in known:
            raise invalid(f"There is no property {name!r}.", propertyName=[name])
        found.sort(key=sort_key(known[name]), reverse=is_descending)
    return found


def _meant(groups: Sequence[Json], known: dict[str, Property]) -> Callable[[Record], bool]:
    """Whether a record passes all filters of any group; without groups, any does."""
    alternatives = [
        [condition(each, known) for each in _objects(group.get("filters"), "filters", MOST_FILTERS)] for group in groups
    ]
    if not alternatives:
        return lambda _: True
    return lambda record: any(all(holds(record) for holds in group) for group in alternatives)


def _objects(value: Any, name: str, most: int) -> list[Json]:
    value = value or []
    if not isinstance(value, list) or len(value) > most or not all(isinstance(each, dict) for each in value):
        raise invalid(f"{name} must be a list of {most} objects at most.")
    return value


def _sort(sort: object) -> tuple[str, bool]:
    """The property and whether it is descending: from "-name", or from an object of propertyName and direction."""
    if isinstance(sort, dict):
        return str(sort.get("propertyName", "")), str(sort.get("direction", "")).upper().startswith("DESC")
    return str(sort).removeprefix("-"), str(sort).startswith("-")
