"""Calls to HubSpot's API: one shared session, paced, tried again where that can help."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlsplit

import aiohttp
import orjson
import stamina
from yarl import URL

from bot.hubspot.answers import Json, NotInForm
from bot.hubspot.errors import HubSpotError, InvalidPage, NoToken, RateLimited, TryLater, Unreachable, refusal
from bot.hubspot.limits import Limits

API_URL = "https://api.hubapi.com"
_TEN_SECONDS = 10.0  # to wait where a 429 says nothing
_LONGEST_WAIT = 120.0  # seconds; a sync that is asked for more stops, and goes on later
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LARGEST_ANSWER = 32 * 2**20  # bytes; a page of 200 records with all of their properties has some 2 MB
_MOVING = 477  # HubSpot's own: the portal is being moved to another data centre
_MAY_PASS = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.LOCKED, _MOVING})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """A GET, or with a `body` a POST that only reads. Errors are about `what`, and name the `scope` that it needs."""

    path: str
    what: str
    scope: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answer may take, how often a call is tried, and how many seconds lie between: doubled each time, with
    up to `jitter` on top.
    """

    answer: float = 60.0
    attempts: int = 6
    first: float = 0.5
    longest: float = 20.0
    jitter: float = 1.0


class HubSpotClient:
    """HubSpot's API, between `async with`. `calls` counts every request; `hubspot_time` is HubSpot's, once it has said
    it.

    Every call may raise HubSpotError.
    """

    def __init__(self, token: str, limits: Limits, url: str = API_URL, patience: Patience = Patience()) -> None:
        checked_token(token)
        self._token, self.limits, self._url, self._patience = token, limits, checked_url(url), patience
        self._session: aiohttp.ClientSession | None = None
        self.calls = 0
        self.hubspot_time: datetime | None = None

    async def __aenter__(self) -> "HubSpotClient":
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        timeout = aiohttp.ClientTimeout(total=self._patience.answer)
        self._session = aiohttp.ClientSession(headers=headers, timeout=timeout, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, request: Request, read: Callable[[Json], T]) -> T:
        """What `read` makes of the answer; an answer that it finds NotInForm is asked for again, too."""
        patience = self._patience
        waits = {"wait_initial": patience.first, "wait_max": patience.longest, "wait_jitter": patience.jitter}
        async for attempt in stamina.retry_context(on=_may_pass, attempts=patience.attempts, timeout=None, **waits):
            with attempt:
                body = await self._answer(request)
                try:
                    return read(body)
                except NotInForm as error:
                    raise InvalidPage(request.what, str(error)) from None
        raise AssertionError("the loop returns or raises")

    async def _answer(self, request: Request) -> Json:
        """One attempt. A rate limit is remembered, so that nothing else is sent before its time either."""
        assert self._session is not None
        await self.limits.before_call(search=request.path.endswith("/search"))
        self.calls += 1
        method = "GET" if request.body is None else "POST"
        url = URL(self._url + request.path, encoded=True).with_query(request.query)
        try:
            async with self._session.request(method, url, json=request.body, allow_redirects=False) as answer:
                data = await _body(answer)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(request.what, f"the connection broke ({type(error).__name__})") from error
        self.limits.heard(answer.headers)
        self._hear_time(answer.headers)
        found = _json(data.replace(self._token.encode(), b"..."))  # an answer that repeats it isn't quoted
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise self._limited(answer.headers, found or {})
        if answer.status in _MAY_PASS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise self._unavailable(request, answer.status, answer.headers)
        if not 200 <= answer.status < 300:
            raise refusal(answer.status, request.what, request.scope, found or {})
        if found is None:
            raise InvalidPage(request.what, "it isn't a whole JSON object")
        return found

    def _limited(self, headers: Mapping[str, str], body: Json) -> HubSpotError:
        """What a 429 means: a wait of at least as long as it says, or the end of today's calls."""
        policy = str(body.get("policyName") or "no policy named")
        said = _seconds(headers.get("Retry-After", ""))
        daily = "DAILY" in policy.upper()
        if daily or (said or 0) > _LONGEST_WAIT:
            return self.limits.budget.spent(said or 0)
        seconds = _TEN_SECONDS if said is None else said
        self.limits.pause(seconds)
        return RateLimited(seconds, policy, daily=False)

    def _unavailable(self, request: Request, status: int, headers: Mapping[str, str]) -> HubSpotError:
        """What a failure of HubSpot's means: another attempt, not before it says so."""
        said = _seconds(headers.get("Retry-After", "")) or 0
        if said > _LONGEST_WAIT:
            until = datetime.now(UTC) + timedelta(seconds=said)
            return TryLater(f"HubSpot isn't available for {request.what} ({status}), and asks to wait", until)
        self.limits.pause(said)
        return Unreachable(request.what, f"it fails with status {status}")

    def _hear_time(self, headers: Mapping[str, str]) -> None:
        try:
            self.hubspot_time = parsedate_to_datetime(headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError):
            return


def checked_token(token: str) -> str:
    """A token that can be sent in a header. Raises NoToken, HubSpotError."""
    if not token:
        raise NoToken
    if not token.isascii() or not token.isprintable() or " " in token:
        raise HubSpotError("TIERBOT_HUBSPOT_TOKEN has a character that no key of HubSpot's has: copy it again")
    return token


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """The answer's body, as far as it isn't too large to be HubSpot's; what is cut off is no JSON."""
    data = bytearray()
    async for chunk in answer.content.iter_chunked(2**16):
        data += chunk
        if len(data) > LARGEST_ANSWER:
            break
    return bytes(data)


def checked_url(url: str) -> str:
    """The API's address without a slash at its end: https, or http of this machine alone. Raises HubSpotError."""
    try:
        parts = urlsplit(url)
        is_plain = bool(parts.hostname) and not (parts.username or parts.query or parts.fragment) and parts.port != 0
    except ValueError:
        is_plain = False
    if is_plain and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        return url.rstrip("/")
    raise HubSpotError(
        "TIERBOT_HUBSPOT_URL must begin with https://, and have no user in it, because the token is sent there"
    )


def _may_pass(error: Exception) -> bool | float:
    """Whether to try again. A rate limit's wait is the limits' business: they let nothing out before it is over."""
    if isinstance(error, RateLimited):
        return 0.0
    return isinstance(error, Unreachable | InvalidPage)


def _json(data: bytes) -> Json | None:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _seconds(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if 0 <= found < 10**7 else None
