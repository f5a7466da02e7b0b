"""Handle a call: let it in or refuse it, inject a fault if there is one, answer, add it to the journal."""

import asyncio
import secrets
import uuid
from collections.abc import Callable
from email.utils import formatdate

import orjson
from aiohttp import web

from bot.playground.local_hubspot.api.request import Answer, Call, Json, read
from bot.playground.local_hubspot.errors import ApiError, unauthenticated
from bot.playground.local_hubspot.faults import Fault
from bot.playground.local_hubspot.journal import ReceivedCall
from bot.playground.local_hubspot.state import HubSpotState

Act = Callable[[HubSpotState, Call], Answer]


async def answered(state: HubSpotState, request: web.Request, method: str, act: Act) -> web.StreamResponse:
    """Answer a call of a method, unless there is a fault for it."""
    is_search, now = method.endswith(".search"), state.clock()
    fault = state.faults.take(method)
    arguments, error = {}, None
    try:
        call = await read(request, fault)
        arguments = call.arguments
        await _before(state, fault)
        _check_credential(state, request)
        state.limits.admit(now, is_search=is_search)
        answer = _refusal(fault) if fault is not None and fault.kind == "refused" else act(state, call)
    except ApiError as refusal:
        answer, error = _answer_of(refusal), refusal
    headers = {"Date": formatdate(now, usegmt=True), "X-HubSpot-Correlation-Id": str(uuid.uuid4())}
    headers |= state.limits.headers(now, is_search=is_search)
    state.journal.entries.append(_entry(state, method, request.path, arguments, answer, error, fault))
    return await _send(state, request, answer, headers | dict(answer.headers), fault)


def _check_credential(state: HubSpotState, request: web.Request) -> None:
    given = request.headers.get("Authorization", "")
    if not given.startswith("Bearer "):
        raise unauthenticated("Authentication credentials not found. This API supports OAuth 2.0 authentication.")
    if not secrets.compare_digest(given.removeprefix("Bearer ").encode(), state.token.encode()):
        raise unauthenticated("The credential is not valid.")


async def _before(state: HubSpotState, fault: Fault | None) -> None:
    """What a fault does before the answer is made: wait, or let something happen."""
    if fault is None:
        return
    if fault.kind == "slow":
        try:
            await asyncio.wait_for(state.closing.wait(), fault.seconds)
        except TimeoutError:
            return
    if fault.kind == "meanwhile" and fault.act is not None:
        fault.act()


def _refusal(fault: Fault) -> Answer:
    message = f"The local HubSpot was asked for this: {fault.name}."
    return _answer_of(
        ApiError(fault.status, fault.category, message, retry_after=fault.retry_after, policy=fault.policy)
    )


def _answer_of(error: ApiError) -> Answer:
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    return Answer(error.body(str(uuid.uuid4())), error.status, headers=headers)


def _entry(
    state: HubSpotState,
    method: str,
    path: str,
    arguments: Json,
    answer: Answer,
    error: ApiError | None,
    fault: Fault | None,
) -> ReceivedCall:
    retry_after = answer.headers.get("Retry-After")
    return ReceivedCall(
        method=method,
        path=path,
        arguments=arguments,
        status=None if fault is not None and fault.kind in ("hang", "reset", "cut") else answer.status,
        at=state.clock(),
        rows=answer.rows,
        after=answer.after,
        error=error.category if error else (fault.category or None) if fault else None,
        policy=(error.policy if error else fault.policy if fault else "") or None,
        fault=fault.name if fault else None,
        retry_after=int(retry_after) if retry_after else None,
    )


async def _send(
    state: HubSpotState, request: web.Request, answer: Answer, headers: dict[str, str], fault: Fault | None
) -> web.StreamResponse:
    if fault is not None and fault.page is not None:
        text, content_type = fault.page
        return web.Response(text=text, content_type=content_type, status=fault.status, headers=headers)
    body = orjson.dumps(answer.body)
    if fault is not None and fault.kind in ("hang", "reset", "cut"):
        return await _broken(state, request, body, fault)
    return web.Response(body=body, content_type="application/json", status=answer.status, headers=headers)


async def _broken(state: HubSpotState, request: web.Request, body: bytes, fault: Fault) -> web.StreamResponse:
    """End the connection: at once, in the middle of the body, or when the local HubSpot closes."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    if fault.kind == "hang":
        await state.closing.wait()
    if fault.kind == "cut":
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort() if fault.kind != "cut" else request.transport.close()
    return response if fault.kind == "cut" else web.Response(status=500)
