"""A call that was let in, and what it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from bot.playground.local_hubspot.errors import invalid, missing_scopes, not_found
from bot.playground.local_hubspot.faults import Fault
from bot.playground.local_hubspot.portal.object_types import BY_WORD
from bot.playground.local_hubspot.portal.portal import type_named
from bot.playground.local_hubspot.state import HubSpotState

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A call: the names in its path, its query, its JSON body, and the fault that it meets."""

    names: Mapping[str, str]
    query: Mapping[str, list[str]]
    body: Json
    url: str
    fault: Fault | None = None

    def one(self, name: str) -> str | None:
        """A parameter of the query."""
        return values[-1] if (values := self.query.get(name)) else None

    def many(self, name: str) -> list[str]:
        """A list in the query: repeated, separated by commas, or both."""
        return [each for value in self.query.get(name, []) for each in value.split(",") if each]

    def flag(self, name: str) -> bool:
        """A parameter that is true or false. Raises ApiError: 400."""
        text = self.one(name) or "false"
        if text not in ("true", "false"):
            raise invalid(f"{name} must be true or false.")
        return text == "true"

    def texts(self, name: str) -> list[str]:
        """A list of texts in the body. Raises ApiError: 400."""
        value = self.body.get(name) or []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise invalid(f"{name} must be a list of strings.")
        return value

    @property
    def arguments(self) -> Json:
        """What the call asks for, for the journal."""
        query = {name: values[-1] if len(values) == 1 else values for name, values in self.query.items()}
        return {**query, **self.body}

    def readable_type(self, state: HubSpotState, name: str = "type") -> str:
        """The object type that the path names. Raises ApiError: 404, or 403 if the credential may not read it."""
        found = type_named(self.names[name])
        if found is None:
            raise not_found(f"Unable to infer object type from: {self.names[name]}")
        if (scope := BY_WORD[found].scope) not in state.scopes:
            raise missing_scopes([scope])
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answers: the body, its status, how many rows it has, and the cursor after them."""

    body: Json
    status: int = 200
    rows: int = 0
    after: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


async def read(request: web.Request, fault: Fault | None) -> Call:
    """What a request asks for. Raises ApiError: 400 if its body isn't a JSON object."""
    query: dict[str, list[str]] = {}
    for name, value in request.query.items():
        query.setdefault(name, []).append(value)
    body: Any = {}
    if request.method == "POST":
        try:
            body = orjson.loads(await request.read())
        except orjson.JSONDecodeError as error:
            raise invalid("Invalid input JSON.") from error
        if not isinstance(body, dict):
            raise invalid("Invalid input JSON: an object is expected.")
    return Call(dict(request.match_info), query, body, str(request.url), fault)
