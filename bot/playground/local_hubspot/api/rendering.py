"""Records as the API gives them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.playground.local_hubspot.portal.object_types import ALWAYS_SHOWN, BY_WORD
from bot.playground.local_hubspot.portal.records import Record
from bot.playground.local_hubspot.state import HubSpotState

Json = dict[str, object]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def timestamp(milliseconds: float) -> str:
    """A time as HubSpot writes it: 2026-03-01T12:00:00.000Z."""
    moment = _EPOCH + timedelta(milliseconds=int(milliseconds))
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def value_of(record: Record, name: str) -> str | None:
    """The value of a property, those that HubSpot fills in included."""
    match name:
        case "hs_object_id":
            return str(record.id)
        case "createdate" | "hs_createdate":
            return timestamp(record.created_at)
        case "hs_lastmodifieddate":
            return timestamp(record.updated_at)
    return record.properties.get(name)


def rendered(
    state: HubSpotState, object_type: str, record: Record, asked: Iterable[str] = (), with_history: Iterable[str] = ()
) -> Json:
    """A record with the properties asked for that its type has, or without any asked for the usual ones."""
    known = state.portal.properties[object_type]
    history = [each for each in with_history if each in known]
    wanted = list(asked) or list(BY_WORD[object_type].shown)
    names = dict.fromkeys((*(each for each in (*wanted, *history) if each in known), *ALWAYS_SHOWN))
    values = {each: value_of(record, each) for each in names}
    answer: Json = {
        "id": str(record.id),
        "properties": values
        if state.empty_as_null
        else {key: value for key, value in values.items() if value is not None},
        "createdAt": timestamp(record.created_at),
        "updatedAt": timestamp(record.updated_at),
        "archived": record.is_archived,
    }
    if record.archived_at is not None:
        answer["archivedAt"] = timestamp(record.archived_at)
    if history:
        answer["propertiesWithHistory"] = {each: _history(record, each) for each in history}
    return answer


def _history(record: Record, name: str) -> list[Json]:
    return [
        {"value": value, "timestamp": timestamp(at), "sourceType": "CRM_UI"} for value, at in record.values_of(name)
    ]
