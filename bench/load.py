"""A small load generator: signed slash commands over a fixed number of keep-alive connections."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from statistics import median
from urllib.parse import urlencode

SECRET = "bench-secret"
_SERIAL = count()


@dataclass(frozen=True, slots=True)
class Measured:
    """Median seconds per answer, answers per second, and the size of the last answer in bytes."""

    p50: float
    rate: float
    size: int


def signed_request(command: str, text: str, user: str) -> bytes:
    """A slash command as raw HTTP, as Slack sends it; each one is unique."""
    fields = {
        "token": "t",
        "team_id": "T1",
        "team_domain": "bench",
        "channel_id": "C1",
        "channel_name": "general",
        "user_id": user,
        "user_name": "ana",
        "command": command,
        "text": text,
        "api_app_id": "A1",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/1/2/3",
        "trigger_id": f"1.{next(_SERIAL)}",
    }
    body = urlencode(fields).encode()
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={digest}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read an answer; the size of its body. Raises RuntimeError for any status but 200."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lower = head.lower()
    at = lower.find(b"content-length:")
    size = int(lower[at + 15 : lower.find(b"\r\n", at)]) if at >= 0 else 0
    body = await reader.readexactly(size) if size else b""
    if status != 200:
        raise RuntimeError(f"the server answered {status}: {body[:200]!r}")
    return size


async def _worker(port: int, requests: list[bytes], took: list[float], sizes: list[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for request in requests:
            started = time.perf_counter()
            writer.write(request)
            sizes.append(await _answer(reader))
            took.append(time.perf_counter() - started)
    finally:
        writer.close()


async def timed(port: int, command: str, text: str, *, user: str) -> float:
    """The seconds that one request takes, on a connection of its own."""
    took: list[float] = []
    await _worker(port, [signed_request(command, text, user)], took, [])
    return took[0]


async def measure_all(port: int, asks: Sequence[tuple[str, str, str]], connections: int) -> Measured:
    """Send the requests (command, text, user) over so many connections, each of which waits for its answers."""
    prepared = [signed_request(*ask) for ask in asks]
    took: list[float] = []
    sizes: list[int] = []
    started = time.perf_counter()
    await asyncio.gather(*(_worker(port, prepared[first::connections], took, sizes) for first in range(connections)))
    return Measured(median(took), len(took) / (time.perf_counter() - started), sizes[-1])


async def measure(port: int, command: str, text: str, *, user: str, connections: int, requests: int) -> Measured:
    """Send `requests` requests over `connections` connections, each of which waits for its answer before the next."""
    return await measure_all(port, [(command, text, user)] * requests, connections)
