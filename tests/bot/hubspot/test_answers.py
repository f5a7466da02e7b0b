"""Whatever HubSpot answers, and whoever answers in its place: it is read, or refused in words without the token."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from fractions import Fraction
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.hubspot.answers import Json, NotInForm, read_associations, read_batch, read_page
from bot.hubspot.client import HubSpotClient, Request, checked_token
from bot.hubspot.errors import HubSpotError, InvalidPage, NoToken, Refused, refusal
from bot.hubspot.limits import DailyBudget, Limits
from bot.hubspot.object_types import DEALS
from bot.hubspot.schema import read_pipelines, read_properties
from bot.hubspot.sync import Portal
from tests.support.hubspot_reading import HASTY

TOKEN = "pat-eu1-secret"
KEYS = (
    "id properties updatedAt associations results paging next after total status from to toObjectId label companies "
    "archived name type options value stages metadata errors context requiredGranularScopes associationTypes"
).split()
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["1", "COMPLETE"])
)
ANY = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=8,
)
READERS: tuple[Callable[[Json], Any], ...] = (
    read_page(DEALS, 100), read_batch(DEALS, ["1"]), read_associations(["1"]), read_properties, read_pipelines,
)  # fmt: skip
Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


@settings(max_examples=60)
@given(
    st.dictionaries(st.sampled_from(KEYS), ANY, max_size=4),
    st.lists(st.dictionaries(st.sampled_from(KEYS), ANY, max_size=5), max_size=2),
)
def test_every_json_object_is_read_or_not_in_form(body: Json, results: list[Json]):
    for read in READERS:
        for each in (body, {"status": "COMPLETE", **body, "results": results}):
            with suppress(NotInForm):
                read(each)


@settings(max_examples=40)
@given(st.integers(400, 499), ANY, ANY)
def test_every_refusal_is_said_in_words(status: int, errors: object, context: object):
    assert str(refusal(status, "deals", "a.scope", {"message": "no", "errors": errors, "context": context}))


async def asked(answering: Answering) -> HubSpotError:
    """The error of a call that a server of our own answers."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answering)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        async with HubSpotClient(TOKEN, Limits(DailyBudget(Fraction(1))), f"http://{host}:{port}", HASTY) as client:
            with pytest.raises(HubSpotError) as caught:
                await client.send(Request("/crm", "deals", "a.scope"), read_page(DEALS, 1))
    finally:
        await runner.cleanup()
    return caught.value


async def test_a_redirect_is_refused_and_the_token_goes_nowhere_else():
    paths = list[str]()

    async def redirect(request: web.Request) -> web.StreamResponse:
        paths.append(request.path)
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    assert isinstance(await asked(redirect), Refused)
    assert paths == ["/crm"]


async def test_an_answer_that_repeats_the_token_is_quoted_without_it():
    async def echo(request: web.Request) -> web.StreamResponse:
        return web.json_response({"message": f"bad header {request.headers['Authorization']}"}, status=400)

    error = await asked(echo)
    assert "bad header Bearer" in str(error)
    assert TOKEN not in str(error)


async def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.hubspot.client.LARGEST_ANSWER", 2**17)

    async def endless(request: web.Request) -> web.StreamResponse:
        return web.Response(body=json.dumps({"results": ["x" * 2**18]}), content_type="application/json")

    assert isinstance(await asked(endless), InvalidPage)


@pytest.mark.parametrize("token", [f"{TOKEN}\n", f"{TOKEN} ", "pät", f"{TOKEN}\r\nX: y"])
def test_a_token_that_is_no_header_is_refused_without_being_shown(token: str):
    with pytest.raises(HubSpotError, match="TIERBOT_HUBSPOT_TOKEN") as caught:
        checked_token(token)
    assert TOKEN not in str(caught.value)
    with pytest.raises(NoToken):
        checked_token("")


def test_what_is_printed_of_a_portal_has_no_token():
    assert TOKEN not in repr(Portal(TOKEN))
