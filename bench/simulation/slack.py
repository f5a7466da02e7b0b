"""Slack in the same process: the local Slack's methods behind a client of slack_sdk, with faults on a virtual clock."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from types import SimpleNamespace
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bench.simulation.loop import current_process
from bench.simulation.world import World
from bot.playground.local_slack.api.methods import METHODS
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.state.state import SlackState
from bot.playground.local_slack.state.workspace import Workspace

Json = dict[str, Any]
POST = "chat.postMessage"
READING = frozenset({"conversations.history", "conversations.replies"})


@dataclass(frozen=True, slots=True)
class Failing:
    """How one call fails. `accepted` after so many seconds, None for never; `answer` is what comes back."""

    name: str
    accepted: float | None
    answer: str  # "status", "html", "cut", "reset", "unreachable", "silence"
    status: int = 200
    word: str = ""
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call as Slack sees it: which process made it and when, and when it took effect (None: not yet, or never)."""

    number: int
    process: int
    method: str
    arguments: Json
    made: float
    failing: Failing | None


class SimulatedSlack:
    """A workspace. `choose` gives the fault for a call.

    A judge hears of each call when it is made (`on_call`), when it has taken effect (`on_effect`), and when the caller
    has read that it has to wait for so many seconds (`on_limit`).
    """

    def __init__(self, world: World, workspace: Workspace) -> None:
        self.world = world
        self.state = SlackState(workspace, world.unix, "xoxb-local", "xapp-local")
        self.choose: Callable[[Call], Failing | None] = lambda _: None
        self.on_call: Callable[[Call], object] = lambda _: None
        self.on_effect: Callable[[Call, Json], object] = lambda *_: None
        self.on_limit: Callable[[Call, float], object] = lambda *_: None
        self._numbers = 0

    async def answer(self, client: AsyncWebClient, method: str, arguments: Json) -> AsyncSlackResponse:
        """Take a call. What it does, it also does if the caller is killed meanwhile."""
        self._numbers += 1
        process, world = current_process(), self.world
        call = Call(self._numbers, process, method, arguments, world.now(), None)
        failing = self.choose(call)
        call = Call(self._numbers, process, method, arguments, world.now(), failing)
        world.note(f"p{process} {method} #{call.number}{f' ({failing.name})' if failing else ''}")
        self.on_call(call)
        if failing is not None and failing.answer == "unreachable":
            raise aiohttp.ClientConnectorError(SimpleNamespace(host="slack.com", port=443, ssl=True), OSError())  # type: ignore[arg-type]
        answered: asyncio.Future[tuple[int, dict[str, str], Json]] = world.loop.create_future()
        there, back = (world.chance.uniform(0.01, 0.3) for _ in range(2))
        outcome: list[tuple[int, dict[str, str], Json]] = []
        accepted = 0.0 if failing is None else failing.accepted

        def effect() -> None:
            outcome.append(self._act(call))

        def end() -> None:
            if not answered.done():
                answered.set_result(outcome[0] if outcome else (0, {}, {}))

        if accepted is not None:
            world.at(world.now() + there + accepted, effect)
        if failing is None or failing.answer != "silence":
            world.at(world.now() + there + back + min(accepted or 0.0, 5.0), end)
        status, headers, body = await answered
        if failing is not None:
            return self._failed(client, call)
        if "Retry-After" in headers:
            self.on_limit(call, float(headers["Retry-After"]))
        return _response(client, method, status, headers, body)

    def _act(self, call: Call) -> tuple[int, dict[str, str], Json]:
        date = {"Date": formatdate(self.world.unix(), usegmt=True)}
        try:
            if call.failing is not None and call.failing.accepted:
                with self.state.admitted():
                    body = METHODS[call.method](self.state, call.arguments)
            else:
                body = METHODS[call.method](self.state, call.arguments)
        except ApiError as error:
            self.world.note(f"#{call.number} refused: {error.error}")
            if error.retry_after:
                date["Retry-After"] = str(error.retry_after)
            return error.status, date, {"ok": False, "error": error.error}
        self.world.note(f"#{call.number} done{' ' + body['ts'] if 'ts' in body else ''}")
        self.on_effect(call, body)
        return 200, date, {"ok": True, **body}

    def _failed(self, client: AsyncWebClient, call: Call) -> AsyncSlackResponse:
        failing = call.failing
        assert failing is not None
        headers = {"Date": formatdate(self.world.unix(), usegmt=True)}
        if failing.retry_after is not None:
            headers["Retry-After"] = str(failing.retry_after)
            self.on_limit(call, failing.retry_after)
        match failing.answer:
            case "reset":
                raise aiohttp.ServerDisconnectedError
            case "html":
                return _response(client, call.method, failing.status, headers, {})
            case "cut":
                answer = SimpleNamespace(status=failing.status, headers=headers)
                raise SlackApiError("Received a response in a non-JSON format", answer)  # type: ignore[no-untyped-call]
        return _response(client, call.method, failing.status, headers, {"ok": False, "error": failing.word})


class SimulatedClient(AsyncWebClient):
    """slack_sdk's client, which hands its calls to a simulated Slack."""

    def __init__(self, slack: SimulatedSlack) -> None:
        super().__init__("xoxb-local", retry_handlers=[])
        self._slack = slack

    async def api_call(self, api_method: str, **request: Any) -> AsyncSlackResponse:
        """See slack_sdk."""
        arguments: Json = {}
        for kind in ("params", "json", "data"):
            arguments |= {key: value for key, value in (request.get(kind) or {}).items() if value is not None}
        return await self._slack.answer(self, api_method, arguments)


def _response(client: AsyncWebClient, method: str, status: int, headers: Json, body: Json) -> AsyncSlackResponse:
    answer: AsyncSlackResponse = AsyncSlackResponse(  # type: ignore[no-untyped-call]
        client=client,
        http_verb="POST",
        api_url=method,
        req_args={},
        data=body,
        headers=headers,
        status_code=status,
    ).validate()
    return answer
