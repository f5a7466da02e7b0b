"""HubSpot's own descriptions of its API, and a proxy that holds requests and answers to them.

The descriptions aren't ours to pass on. TIERBOT_HUBSPOT_SPECS names the folder with them; without it, it is looked for
beside the checkout, in ../shared/hubspot-openapi. prism comes from npm, at the versions of prism/package-lock.json.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support.npm import free_port, installed, running

PRISM = Path(__file__).parent / "prism"
_BESIDE_THE_CHECKOUT = Path(__file__).parents[3] / "shared" / "hubspot-openapi"
_NAMED = os.environ.get("TIERBOT_HUBSPOT_SPECS")  # read here: tests run without what the environment sets
_EXPLAINING = ("example", "summary", "operationId", "security", "tags")
_HOP_BY_HOP = {"connection", "content-length", "transfer-encoding", "keep-alive", "host", "content-encoding"}
Json = dict[str, Any]


def descriptions_folder() -> Path | None:
    """The folder of the descriptions, None if there is none. One that is named has to be there."""
    folder = Path(_NAMED) if _NAMED else _BESIDE_THE_CHECKOUT
    found = folder.is_dir() and any(folder.glob("*.json"))
    assert found or not _NAMED, f"TIERBOT_HUBSPOT_SPECS names {folder}, which has no descriptions"
    return folder if found else None


def one_description(folder: Path) -> Json:
    """All descriptions as one, so that one proxy knows them all. What has one name in two of them must be the same but
    for its words.
    """
    merged: Json = {
        "openapi": "3.0.1",
        "info": {"title": "HubSpot", "version": "2026-03"},
        "paths": {},
        "components": {},
    }
    for file in (*sorted(folder.glob("*.json")), PRISM / "associations.json"):
        description = json.loads(file.read_text())
        _add(merged["paths"], description["paths"], file)
        for kind, components in description["components"].items():
            named = merged["components"].setdefault(kind, {})
            if kind == "securitySchemes":  # each description lists the scopes that it needs
                named.update(components)
            else:
                _add(named, components, file)
    return merged


def _add(merged: Json, found: Json, file: Path) -> None:
    for name, value in found.items():
        assert _without_words(merged.setdefault(name, value)) == _without_words(value), (
            f"{file.name} has another {name}"
        )


def _without_words(value: Any) -> Any:
    """A part of a description without what only explains or names it; a property called "description" stays."""
    if isinstance(value, list):
        return [_without_words(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: each for name, each in value.items() if name not in _EXPLAINING}
    return {
        name: _without_words(each)
        for name, each in kept.items()
        if not (name == "description" and isinstance(each, str))
    }


@dataclass(slots=True)
class Checked:
    """A proxy in front of an API: its address, how many calls went through, and what doesn't fit the descriptions."""

    url: str
    calls: int = 0
    violations: list[str] = field(default_factory=list)


@asynccontextmanager
async def checked(url: str, folder: Path, scratch: Path) -> AsyncIterator[Checked]:
    """prism between whoever calls and the API at `url`; it answers what doesn't fit with an error of its own."""
    description = scratch / "hubspot.json"
    description.write_text(json.dumps(one_description(folder)))
    port = free_port()
    prism = installed(PRISM) / ".bin" / "prism"
    command = [str(prism), "proxy", "--errors", str(description), url, "-h", "127.0.0.1", "-p", str(port)]
    async with running(command, b"listening"), _relay(f"http://127.0.0.1:{port}") as relay:
        yield relay


@asynccontextmanager
async def _relay(prism: str) -> AsyncIterator[Checked]:
    """Passes calls on to prism and notes what it says about them."""
    seen = Checked("")
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def pass_on(request: web.Request) -> web.Response:
            headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
            data = await request.read()
            async with session.request(
                request.method, f"{prism}{request.raw_path}", headers=headers, data=data or None
            ) as answer:
                body = await answer.read()
                _note(seen, request, answer, body)
                kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
                return web.Response(body=body, status=answer.status, headers=kept)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", pass_on)
        async with TestServer(app) as server:
            seen.url = str(server.make_url("")).rstrip("/")
            yield seen


def _note(seen: Checked, request: web.Request, answer: aiohttp.ClientResponse, body: bytes) -> None:
    seen.calls += 1
    said = answer.headers.get("sl-violations") or (body.decode() if b"stoplight.io/prism/errors" in body else "")
    if said:
        seen.violations.append(f"{request.method} {request.path}: {said}")
