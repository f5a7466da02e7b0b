"""Which path is answered by what, and what the journal calls it."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.playground.local_hubspot.api import associations, definitions, objects
from bot.playground.local_hubspot.api.call import Act, answered
from bot.playground.local_hubspot.api.request import Answer, Call
from bot.playground.local_hubspot.api.search import Searches
from bot.playground.local_hubspot.errors import not_found
from bot.playground.local_hubspot.portal.portal import type_named
from bot.playground.local_hubspot.state import HubSpotState

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_OBJECTS = "/crm/objects/2026-03/{type}"
MOST_BYTES = 4 * 1024 * 1024


def application(state: HubSpotState) -> web.Application:
    """The application that answers all paths of the API."""
    app = web.Application(client_max_size=MOST_BYTES)

    def route(verb: str, path: str, method: str, act: Act) -> None:
        app.router.add_route(verb, path, _handler(state, method, act))

    route("GET", _OBJECTS, "{type}.list", objects.listed)
    route("POST", f"{_OBJECTS}/batch/read", "{type}.batch", objects.batch)
    route("POST", f"{_OBJECTS}/search", "{type}.search", Searches().answer)
    route("GET", f"{_OBJECTS}/{{id}}", "{type}.get", objects.one)
    route("GET", f"{_OBJECTS}/{{id}}/associations/{{to}}", "{type}.associations", associations.of_one)
    route("POST", "/crm/associations/2026-03/{from}/{to}/batch/read", "{from}.associations.batch", associations.batch)
    route("GET", "/crm/properties/2026-03/{type}", "{type}.properties", definitions.properties)
    route("GET", "/crm/properties/2026-03/{type}/{name}", "{type}.property", definitions.property_named)
    route("GET", "/crm/pipelines/2026-03/{type}", "{type}.pipelines", definitions.pipelines)
    route("GET", "/crm/owners/2026-03", "owners", definitions.owners)
    route("GET", "/crm/limits/2026-03/records", "limits.records", definitions.record_limits)
    route("GET", "/account-info/2026-03/api-usage/daily/private-apps", "account.usage", definitions.api_usage)
    route("GET", "/account-info/2026-03/details", "account.details", definitions.account)
    route("*", "/{anything:.*}", "unknown", _unknown)
    return app


def _handler(state: HubSpotState, method: str, act: Act) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        names = {name: type_named(word) or word for name, word in request.match_info.items()}
        return await answered(state, request, method.format_map(names), act)

    return handle


def _unknown(state: HubSpotState, call: Call) -> Answer:
    raise not_found("There is no such path.")
