"""Records: the list of a type, one record, a batch."""

from bot.playground.local_hubspot.api.associations import associated_ids
from bot.playground.local_hubspot.api.batches import batch_answer, inputs_of
from bot.playground.local_hubspot.api.paging import Page, limit_of, position_of, spoiled
from bot.playground.local_hubspot.api.rendering import rendered
from bot.playground.local_hubspot.api.request import Answer, Call, Json
from bot.playground.local_hubspot.errors import not_found
from bot.playground.local_hubspot.portal.object_types import BY_WORD
from bot.playground.local_hubspot.portal.records import Record, Records
from bot.playground.local_hubspot.state import HubSpotState

LIST_PAGE = 100
HISTORY_PAGE = 50
BATCH = 100


def listed(state: HubSpotState, call: Call) -> Answer:
    """The records of a type in order of their ids, a page at a time. Raises ApiError."""
    object_type, history = call.readable_type(state), call.many("propertiesWithHistory")
    limit = limit_of(call.one("limit"), 10, HISTORY_PAGE if history else LIST_PAGE)
    after, archived = call.one("after") or "", call.flag("archived")
    records = state.portal.records[object_type]
    if call.fault is not None and call.fault.paging == "short":
        limit = min(limit, call.fault.rows)
    page = spoiled(_page(records, position_of(after), limit, archived), call.fault, after, _before(records, after))
    results = [
        rendered(state, object_type, each, call.many("properties"), history)
        | associated_ids(state, object_type, each, call.many("associations"))
        for each in page.records
    ]
    return Answer({"results": results, **page.paging(_without_cursor(call.url))}, rows=len(results), after=page.after)


def _page(records: Records, after: int, limit: int, archived: bool) -> Page:
    found: list[Record] = []
    for each in records.after(after):
        if each.hidden or each.is_archived != archived:
            continue
        if len(found) == limit:
            return Page(found, str(found[-1].id))
        found.append(each)
    return Page(found, None)


def _before(records: Records, after: str) -> Record | None:
    return records.before(position_of(after)) if after else None


def _without_cursor(url: str) -> str:
    base, _, query = url.partition("?")
    kept = [each for each in query.split("&") if each and not each.startswith("after=")]
    return f"{base}?{'&'.join(kept)}" if kept else base


def one(state: HubSpotState, call: Call) -> Answer:
    """A record by its id, or by `idProperty`. Raises ApiError: 404 if there is none."""
    object_type = call.readable_type(state)
    record = _found(state.portal.records[object_type], call.names["id"], call.one("idProperty"))
    if record is None or record.is_archived != call.flag("archived"):
        raise not_found()
    history = call.many("propertiesWithHistory")
    body = rendered(state, object_type, record, call.many("properties"), history)
    return Answer(body | associated_ids(state, object_type, record, call.many("associations")), rows=1)


def _found(records: Records, text: str, id_property: str | None) -> Record | None:
    if id_property in (None, "hs_object_id"):
        return records.get(text)
    return next((each for each in records if each.properties.get(id_property) == text and not each.hidden), None)


def batch(state: HubSpotState, call: Call) -> Answer:
    """The records of up to a hundred ids; 207 says which of them were not found. Raises ApiError."""
    object_type, archived = call.readable_type(state), call.flag("archived")
    history = call.texts("propertiesWithHistory")
    inputs, properties = inputs_of(call, HISTORY_PAGE if history else BATCH), call.texts("properties")
    records, id_property = state.portal.records[object_type], call.body.get("idProperty")
    found = {each: _found(records, each, id_property) for each in (str(one["id"]) for one in inputs)}
    results = [
        rendered(state, object_type, each, properties, history)
        for each in found.values()
        if each is not None and each.is_archived == archived
    ]
    missing = [key for key, each in found.items() if each is None or each.is_archived != archived]
    errors = [_missing(object_type, missing)] if missing else []
    return batch_answer(state, results, errors)


def _missing(object_type: str, ids: list[str]) -> Json:
    word = BY_WORD[object_type].singular.upper()
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {word} objects, they may be deleted or not exist. Check that ids are valid.",
        "context": {"ids": ids},
        "errors": [],
        "links": {},
    }
