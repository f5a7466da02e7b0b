"""What describes the portal: properties, pipelines, owners, and how much of the limits is used."""

from bot.playground.local_hubspot.api.paging import limit_of, position_of
from bot.playground.local_hubspot.api.rendering import timestamp
from bot.playground.local_hubspot.api.request import Answer, Call, Json
from bot.playground.local_hubspot.errors import missing_scopes, not_found
from bot.playground.local_hubspot.limits import DAY_SECONDS
from bot.playground.local_hubspot.portal.object_types import BY_WORD, OWNERS_SCOPE, TYPES
from bot.playground.local_hubspot.portal.portal import PORTAL_ID
from bot.playground.local_hubspot.state import HubSpotState

_MADE_AT = timestamp(1_577_836_800_000)


def properties(state: HubSpotState, call: Call) -> Answer:
    """The properties of a type. Raises ApiError."""
    object_type = call.readable_type(state)
    known = [] if call.flag("archived") else state.portal.properties[object_type].values()
    return _all([each.as_json(object_type) for each in known])


def property_named(state: HubSpotState, call: Call) -> Answer:
    """One property of a type. Raises ApiError: 404 if there is none of this name."""
    object_type = call.readable_type(state)
    found = state.portal.properties[object_type].get(call.names["name"])
    if found is None:
        raise not_found(f"There is no property {call.names['name']!r}.")
    return Answer(found.as_json(object_type), rows=1)


def pipelines(state: HubSpotState, call: Call) -> Answer:
    """The pipelines of a type with their stages. Raises ApiError."""
    return _all([each.as_json(_MADE_AT) for each in state.portal.pipelines[call.readable_type(state)]])


def owners(state: HubSpotState, call: Call) -> Answer:
    """The owners, a page at a time. Raises ApiError."""
    if OWNERS_SCOPE not in state.scopes:
        raise missing_scopes([OWNERS_SCOPE])
    limit, start = limit_of(call.one("limit"), 100, 500), position_of(call.one("after") or "")
    email = call.one("email")
    found = [each for each in state.portal.owners if email is None or each.email == email]
    rows = [each.as_json(_MADE_AT) for each in found[start : start + limit]]
    after = str(start + limit) if start + limit < len(found) else None
    more: Json = {"paging": {"next": {"after": after}}} if after is not None else {}
    return Answer({"results": rows, **more}, rows=len(rows), after=after)


def record_limits(state: HubSpotState, call: Call) -> Answer:
    """How many records of each type there are, and how many there may be."""
    rows = [
        {
            "objectTypeId": BY_WORD[each.name].type_id or each.name,
            "singularLabel": each.singular,
            "pluralLabel": each.label,
            "limit": 1_000_000,
            "usage": (used := len(state.portal.records[each.name])),
            "percentage": used / 10_000,
        }
        for each in TYPES
    ]
    custom = {"overallLimit": 0, "overallUsage": 0, "overallPercentage": 0.0, "byObjectType": []}
    return Answer({"hubspotDefinedObjectTypes": rows, "customObjectTypes": custom}, rows=len(rows))


def api_usage(state: HubSpotState, call: Call) -> Answer:
    """How many calls were made today, those of others included, and how many may be."""
    now = state.clock()
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": state.limits.in_a_day or 0,
        "currentUsage": state.limits.used_today,
        "collectedAt": timestamp(now * 1000),
        "fetchStatus": "SUCCESS",
        "resetsAt": timestamp((int(now) // DAY_SECONDS + 1) * DAY_SECONDS * 1000),
    }
    return _all([usage])


def account(state: HubSpotState, call: Call) -> Answer:
    """The portal's number, time zone and currency."""
    details = {
        "portalId": int(PORTAL_ID),
        "accountType": "STANDARD",
        "timeZone": "UTC",
        "companyCurrency": "USD",
        "additionalCurrencies": [],
        "utcOffset": "+00:00",
        "utcOffsetMilliseconds": 0,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }
    return Answer(details, rows=1)


def _all(rows: list[Json]) -> Answer:
    return Answer({"results": rows}, rows=len(rows))
