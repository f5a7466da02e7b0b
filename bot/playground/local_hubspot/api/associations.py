"""Associations: inside a record, of one record, and of a batch of up to a thousand."""

from bot.playground.local_hubspot.api.batches import batch_answer, inputs_of
from bot.playground.local_hubspot.api.paging import limit_of, position_of
from bot.playground.local_hubspot.api.request import Answer, Call, Json
from bot.playground.local_hubspot.errors import not_found
from bot.playground.local_hubspot.portal.object_types import BY_WORD
from bot.playground.local_hubspot.portal.portal import type_named
from bot.playground.local_hubspot.portal.records import Record
from bot.playground.local_hubspot.state import HubSpotState

BATCH = 1_000
IN_A_RECORD = 100
TO_PAGE = 500


def associated_ids(state: HubSpotState, object_type: str, record: Record, asked: list[str]) -> Json:
    """The `associations` member of a record: of the types asked for, those of which it has any.

    HubSpot names line items "line items" there, and lists a record's main company twice, with both its labels.
    """
    found: Json = {}
    for to_type in filter(None, map(type_named, asked)):
        if ids := state.portal.associated(object_type, record.id, to_type):
            shown = ids[:IN_A_RECORD]
            rows = [
                row for order, each in enumerate(shown) for row in _labelled(object_type, to_type, each, order == 0)
            ]
            more = {"paging": {"next": {"after": str(shown[-1]), "link": ""}}} if len(ids) > IN_A_RECORD else {}
            found[to_type.replace("_", " ")] = {"results": rows, **more}
    return {"associations": found} if found else {}


def _labelled(from_type: str, to_type: str, record_id: int, is_first: bool) -> list[Json]:
    kind = f"{BY_WORD[from_type].singular}_to_{BY_WORD[to_type].singular}"
    rows: list[Json] = [{"id": str(record_id), "type": kind}]
    if is_first and to_type == "companies":
        rows.append({"id": str(record_id), "type": f"{kind}_unlabeled"})
    return rows


def of_one(state: HubSpotState, call: Call) -> Answer:
    """The records of a type that one record is associated with, a page at a time. Raises ApiError."""
    object_type, to_type = call.readable_type(state), _to(call)
    record = state.portal.records[object_type].get(call.names["id"])
    if record is None:
        raise not_found()
    limit = limit_of(call.one("limit"), TO_PAGE, TO_PAGE)
    rows, after = _targets(state, object_type, record.id, to_type, call.one("after") or "", limit)
    body: Json = {"results": rows}
    if after is not None:
        body["paging"] = {"next": {"after": after, "link": f"{call.url.partition('?')[0]}?after={after}"}}
    return Answer(body, rows=len(rows), after=after)


def _to(call: Call) -> str:
    if (found := type_named(call.names["to"])) is None:
        raise not_found(f"Unable to infer object type from: {call.names['to']}")
    return found


def _targets(
    state: HubSpotState, from_type: str, record_id: int, to_type: str, after: str, limit: int
) -> tuple[list[Json], str | None]:
    ids = sorted(state.portal.associated(from_type, record_id, to_type))
    left = [each for each in ids if each > position_of(after)]
    rows: list[Json] = [
        {
            "toObjectId": str(each),
            "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": _type_id(from_type, to_type)}],
        }
        for each in left[:limit]
    ]
    return rows, str(left[limit - 1]) if len(left) > limit else None


def _type_id(from_type: str, to_type: str) -> int:
    known = {("deals", "line_items"): 19, ("line_items", "deals"): 20, ("deals", "companies"): 341}
    return known.get((from_type, to_type), 1)


def batch(state: HubSpotState, call: Call) -> Answer:
    """What up to a thousand records of a type are associated with; 207 where some have none. Raises ApiError."""
    from_type, to_type = call.readable_type(state, "from"), _to(call)
    results: list[Json] = []
    errors: list[Json] = []
    for each in inputs_of(call, BATCH):
        text, start = str(each["id"]), str(each.get("after") or "")
        record_id = int(text) if text.isdecimal() else -1
        rows, after = _targets(state, from_type, record_id, to_type, start, TO_PAGE)
        if rows:
            more = {"paging": {"next": {"after": after, "link": ""}}} if after is not None else {}
            results.append({"from": {"id": text}, "to": rows, **more})
        else:
            errors.append(_none_found(from_type, to_type, text))
    return batch_answer(state, results, errors)


def _none_found(from_type: str, to_type: str, record_id: str) -> Json:
    one, other = BY_WORD[from_type].singular, BY_WORD[to_type].singular
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {other} is associated with {one} {record_id}.",
        "context": {"fromObjectId": [record_id], "fromObjectType": [one], "toObjectType": [other]},
    }
