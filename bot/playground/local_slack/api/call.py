"""Handle a call from the bot: inject a fault, if one is queued, do what it asks for, answer, add it to the journal."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.faults import Fault
from bot.playground.local_slack.state.journal import ReceivedCall
from bot.playground.local_slack.state.state import SlackState

Json = dict[str, Any]
_JSON_ARGUMENTS = ("blocks", "view", "metadata", "attachments", "files")


async def arguments_of(request: web.Request) -> Json:
    """A call's arguments: from its query, form or JSON. Raises ApiError: invalid_json."""
    arguments: Json = _with_json(request.query)
    if request.content_type == "application/json":
        body = _decoded((await request.read()).decode(errors="replace") or "{}")
        if not isinstance(body, dict):
            raise ApiError("invalid_json")
        return {**arguments, **body}
    return {**arguments, **_with_json(await request.post())}


def _with_json(fields: Mapping[str, Any]) -> Json:
    """The fields of a form or query, with the JSON ones decoded."""
    return {key: _decoded(value) if key in _JSON_ARGUMENTS else value for key, value in fields.items()}


def _decoded(text: object) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ApiError("invalid_json") from error


async def answered(
    state: SlackState,
    request: web.Request,
    method: str,
    act: Callable[[Json], Json],
    read: Callable[[web.Request], Awaitable[Json]] = arguments_of,
) -> web.StreamResponse:
    """Do what the call asks for and answer it, unless there is a fault for it."""
    fault = state.faults.take(method)
    arguments: Json = {}
    outcome, failure = _fault_body(fault), None
    try:
        arguments = await read(request)
        if fault is not None and fault.kind == "late":
            await _held_back(state, fault)
            with state.admitted():
                outcome = {"ok": True, **act(arguments)}
        elif fault is None or fault.accepted:
            outcome = {"ok": True, **act(arguments)}
    except ApiError as error:
        failure, outcome = error, _error_body(error)
    status = 200 if failure is None else failure.status
    accepted = failure is None and (fault is None or fault.accepted)
    state.journal.entries.append(_entry(state, method, arguments, outcome, status, accepted, failure, fault))
    state.screen.notify()
    if fault is not None:
        return await _fail(state, request, fault)
    headers = {"Retry-After": str(failure.retry_after)} if failure and failure.retry_after else None
    return web.json_response(outcome, status=status, headers=headers)


async def _held_back(state: SlackState, fault: Fault) -> None:
    """Wait until the call takes effect after all, or the local Slack closes."""
    ends = [asyncio.ensure_future(each.wait()) for each in (state.closing, fault.once) if each is not None]
    await asyncio.wait(ends, timeout=fault.seconds or None, return_when=asyncio.FIRST_COMPLETED)
    for each in ends:
        each.cancel()


def _entry(
    state: SlackState,
    method: str,
    arguments: Json,
    outcome: Json,
    status: int,
    accepted: bool,
    failure: ApiError | None,
    fault: Fault | None,
) -> ReceivedCall:
    return ReceivedCall(
        method=method,
        arguments={key: value for key, value in arguments.items() if key != "token"},
        status=(fault.status if fault.kind == "refused" else None) if fault else status,
        answer=outcome,
        accepted=accepted,
        at=state.clock(),
        error=failure.error if failure else (fault.error or fault.name if fault else None),
        problems=failure.problems if failure else (),
        fault=fault.name if fault else None,
        retry_after=fault.retry_after if fault else failure.retry_after if failure else None,
    )


def _error_body(error: ApiError) -> Json:
    body: Json = {"ok": False, "error": error.error}
    if error.needed:
        body |= {"needed": error.needed, "provided": error.provided}
    if error.problems:
        body["errors"] = list(error.problems)
        body["response_metadata"] = {"messages": [f"[ERROR] {each}" for each in error.problems]}
    return body


def _fault_body(fault: Fault | None) -> Json:
    return {"ok": False, "error": fault.error or fault.name} if fault else {}


async def _fail(state: SlackState, request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.kind == "hang":
        await state.closing.wait()
    if fault.kind != "refused":
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    if fault.page is not None:
        text, content_type = fault.page
        return web.Response(text=text, content_type=content_type, status=fault.status)
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else None
    return web.json_response(_fault_body(fault), status=fault.status, headers=headers)
