"""One call from the bot: faults first, then what it asks for, then its answer; all of it in the journal."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.faults import Fault
from bot.playground.local_slack.state.journal import Received
from bot.playground.local_slack.state.state import State

Json = dict[str, Any]
_JSON_ARGUMENTS = ("blocks", "view", "metadata", "attachments", "files")


async def arguments_of(request: web.Request) -> Json:
    """The arguments of a call: query, form or JSON. Raises ApiError for JSON that is none."""
    found: Json = _with_json(request.query)
    if request.content_type == "application/json":
        held = _opened((await request.read()).decode(errors="replace") or "{}")
        if not isinstance(held, dict):
            raise ApiError("invalid_json")
        return {**found, **held}
    return {**found, **_with_json(await request.post())}


def _with_json(fields: Mapping[str, Any]) -> Json:
    """The fields of a form or query, opened where they hold JSON."""
    return {key: _opened(held) if key in _JSON_ARGUMENTS else held for key, held in fields.items()}


def _opened(text: object) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ApiError("invalid_json") from error


async def answered(
    state: State,
    request: web.Request,
    method: str,
    act: Callable[[Json], Json],
    read: Callable[[web.Request], Awaitable[Json]] = arguments_of,
) -> web.StreamResponse:
    """Do what the call asks for and answer it, unless a fault comes between."""
    fault = state.faults.take(method)
    arguments: Json = {}
    outcome, failure = _refusal(fault), None
    try:
        arguments = await read(request)
        if fault is not None and fault.kind == "late":
            await _held_back(state, fault)
            with state.admitted():
                outcome = {"ok": True, **act(arguments)}
        elif fault is None or fault.accepted:
            outcome = {"ok": True, **act(arguments)}
    except ApiError as error:
        failure, outcome = error, _told(error)
    status = 200 if failure is None else failure.status
    accepted = failure is None and (fault is None or fault.accepted)
    state.journal.entries.append(_entry(state, method, arguments, outcome, status, accepted, failure, fault))
    state.screen.nudge()
    if fault is not None:
        return await _fail(state, request, fault)
    headers = {"Retry-After": str(failure.retry_after)} if failure and failure.retry_after else None
    return web.json_response(outcome, status=status, headers=headers)


async def _held_back(state: State, fault: Fault) -> None:
    """Until the call takes effect after all, or the local Slack closes."""
    ends = [asyncio.ensure_future(each.wait()) for each in (state.closing, fault.once) if each is not None]
    await asyncio.wait(ends, timeout=fault.seconds or None, return_when=asyncio.FIRST_COMPLETED)
    for each in ends:
        each.cancel()


def _entry(
    state: State,
    method: str,
    arguments: Json,
    outcome: Json,
    status: int,
    accepted: bool,
    failure: ApiError | None,
    fault: Fault | None,
) -> Received:
    return Received(
        method=method,
        arguments={key: held for key, held in arguments.items() if key != "token"},
        status=(fault.status if fault.kind == "refused" else None) if fault else status,
        answer=outcome,
        accepted=accepted,
        at=state.clock(),
        error=failure.error if failure else (fault.error or fault.name if fault else None),
        problems=failure.problems if failure else (),
        fault=fault.name if fault else None,
    )


def _told(error: ApiError) -> Json:
    told: Json = {"ok": False, "error": error.error}
    if error.needed:
        told |= {"needed": error.needed, "provided": error.provided}
    if error.problems:
        told["errors"] = list(error.problems)
        told["response_metadata"] = {"messages": [f"[ERROR] {each}" for each in error.problems]}
    return told


def _refusal(fault: Fault | None) -> Json:
    return {"ok": False, "error": fault.error or fault.name} if fault else {}


async def _fail(state: State, request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.kind == "hang":
        await state.closing.wait()
    if fault.kind != "refused":
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else None
    return web.json_response(_refusal(fault), status=fault.status, headers=headers)
