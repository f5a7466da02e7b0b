"""Deliver over Socket Mode: clients connect, receive envelopes and acknowledge them by id."""

import asyncio
import itertools
import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from bot.playground.local_slack.http_delivery import NOT_DELIVERED, TIMED_OUT, BotResponse, Kind
from bot.playground.local_slack.state.state import SlackState

Json = dict[str, Any]
MAX_SOCKETS = 10


class SocketDelivery:
    """The connected sockets, which receive envelopes in rotation."""

    def __init__(self, state: SlackState, ack_seconds: float) -> None:
        self._state, self._seconds = state, ack_seconds
        self._next_socket = itertools.count()
        self.sockets: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve a socket from hello until it closes; beyond ten, it is refused."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self.sockets) >= MAX_SOCKETS:
            await socket.send_json(_disconnect("too_many_websockets"))
            await socket.close()
            return socket
        self.sockets.append(socket)
        await socket.send_json(self._hello())
        self._state.screen.notify()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledged(message.data)
        finally:
            self.sockets.remove(socket)
            self._state.screen.notify()
        return socket

    async def deliver(self, kind: Kind, payload: Json, headers: Mapping[str, str]) -> BotResponse:
        """Send an envelope and wait for its acknowledgement."""
        started = time.perf_counter()
        if not self.sockets:
            return BotResponse(None, "no socket is connected", 0.0, NOT_DELIVERED)
        envelope = self._envelope(kind, payload, headers)
        future = self._waiting[envelope["envelope_id"]] = asyncio.get_running_loop().create_future()
        try:
            await self.sockets[next(self._next_socket) % len(self.sockets)].send_json(envelope)
            acknowledged = await asyncio.wait_for(future, self._seconds)
        except TimeoutError:
            return BotResponse(None, "", time.perf_counter() - started, TIMED_OUT)
        except ConnectionError as error:
            return BotResponse(None, str(error), time.perf_counter() - started, NOT_DELIVERED)
        finally:
            self._waiting.pop(envelope["envelope_id"], None)
        body = json.dumps(acknowledged, ensure_ascii=False) if acknowledged else ""
        return BotResponse(200, body, time.perf_counter() - started)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Send every socket a disconnect message, as Slack does every few hours, and close it; after a "warning" it
        stays open, so that the bot can move to another.
        """
        for socket in list(self.sockets):
            await socket.send_json(_disconnect(reason))
            if reason != "warning":
                await socket.close()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.sockets),
            "debug_info": {"host": "local", "build_number": 1, "approximate_connection_time": 18_060},
            "connection_info": {"app_id": self._state.workspace.app_id},
        }

    def _envelope(self, kind: Kind, payload: Json, headers: Mapping[str, str]) -> Json:
        envelope: Json = {
            "envelope_id": str(uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope["retry_attempt"] = int(headers.get("X-Slack-Retry-Num", 0))
            envelope["retry_reason"] = headers.get("X-Slack-Retry-Reason", "")
        return envelope

    def _acknowledged(self, text: str) -> None:
        try:
            reply = json.loads(text)
        except ValueError:
            return
        future = self._waiting.get(str(reply.get("envelope_id"))) if isinstance(reply, dict) else None
        if future is not None and not future.done():
            payload = reply.get("payload")
            future.set_result(payload if isinstance(payload, dict) else {})


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}}
