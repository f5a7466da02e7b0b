"""The HTTP server's connections: a cap, a time limit for requests, and room for those that do ask something."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from bot.slack import connections
from bot.slack.connections import Connections, most_connections
from bot.slack.http import CONNECTIONS, HttpServer
from tests.support.waiting import wait_until, within

WRITERS: list[asyncio.StreamWriter] = []  # a connection is closed when nobody holds its writer
HALF = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Le"


class Started(HttpServer):
    """A server with a quick route, and a slow one that waits for `release`."""

    release: asyncio.Event
    asked = 0


async def started(most: int) -> Started:
    async def slow(request: web.Request) -> web.Response:
        with request.app[CONNECTIONS].answering(request):
            server.asked += 1
            await within(release.wait(), "the slow route may answer")
        return web.Response(text="done")

    async def quick(_request: web.Request) -> web.Response:
        return web.Response(text="ok")

    release = asyncio.Event()
    app = web.Application()
    app[CONNECTIONS] = Connections(most)
    app.on_response_prepare.append(app[CONNECTIONS].on_response)
    app.router.add_get("/slow", slow)
    app.router.add_get("/quick", quick)
    server = Started(app, "127.0.0.1", 0)
    server.release = release
    await server.start()
    return server


async def half_open(port: int) -> asyncio.StreamReader:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HALF)
    WRITERS.append(writer)
    return reader


async def closed(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except ConnectionError:
        return True


async def test_a_connection_that_never_asks_makes_room_for_one_that_does():
    server = await started(most=3)
    first, *_others = [await half_open(server.port) for _ in range(3)]
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{server.port}/quick") as answer:
        assert await answer.text() == "ok"
    assert await within(closed(first), "the longest waiting connection is closed")
    await server.stop()


async def test_a_request_that_is_being_answered_keeps_its_place():
    server = await started(most=2)
    async with aiohttp.ClientSession() as session:
        asking = asyncio.create_task(session.get(f"http://127.0.0.1:{server.port}/slow"))
        await wait_until(lambda: server.asked, "the slow request is being answered")
        readers = [await half_open(server.port) for _ in range(20)]
        assert await within(closed(readers[0]), "the longest waiting connection is closed")
        server.release.set()
        assert await (await within(asking, "the slow request is answered")).text() == "done"
    await server.stop()


@pytest.mark.parametrize("sent", [b"", HALF])
async def test_a_request_that_does_not_come_is_waited_for_only_so_long(monkeypatch: pytest.MonkeyPatch, sent: bytes):
    monkeypatch.setattr(connections, "READ_SECONDS", 0.1)
    server = await started(most=100)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(sent)
    assert await within(closed(reader), "the connection is closed")
    await server.stop()


async def test_a_connection_that_asked_in_time_may_ask_again_later(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connections, "READ_SECONDS", 0.2)
    server = await started(most=100)
    asking, silent = await asyncio.open_connection("127.0.0.1", server.port), await half_open(server.port)
    for _ in range(2):
        asking[1].write(b"GET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await within(asking[0].readuntil(b"ok"), "an answer")).startswith(b"HTTP/1.1 200")
        await within(closed(silent), "the time is over")
    await server.stop()


async def test_stopping_does_not_wait_for_connections_that_ask_nothing():
    server = await started(most=100)
    readers = [await half_open(server.port) for _ in range(5)]
    await wait_until(lambda: server.port, "it listens")
    await within(server.stop(), "the server stops", 5)
    assert all([await within(closed(reader), "closed") for reader in readers])


def test_the_cap_leaves_descriptors_for_everything_else(monkeypatch: pytest.MonkeyPatch):
    for files, most in ((256, 92), (1_024, 860), (100_000, 1_000), (64, 16)):
        monkeypatch.setattr(connections.resource, "getrlimit", lambda _which, files=files: (files, files))
        assert most_connections() == most
