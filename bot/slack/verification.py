"""The front door: size, time, signature and replay are checked on the raw bytes before anything reads them.

What does not pass gets 400, 401 or 413 with one word; nothing from a stranger causes a 5xx (architecture#front-door).
"""

import hashlib
import hmac
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

LARGEST_BODY = 256 * 1024
WINDOW_SECONDS = 300
_MOST_REMEMBERED = 200_000
_MOST_FIELDS = 100


class InvalidRequest(Exception):
    """The request goes no further; `status` and `word` are all that its sender learns."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(word)
        self.status, self.word = status, word


@dataclass(slots=True)
class RequestVerifier:
    """Checks requests that say they come from Slack; each signed request is let in once."""

    signing_secret: bytes
    clock: Callable[[], float] = time.time
    _seen: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def admit(self, body: bytes, headers: Mapping[str, str]) -> dict[str, object]:
        """The parsed body of a genuine request. Raises InvalidRequest."""
        if len(body) > LARGEST_BODY:
            raise InvalidRequest(413, "too_large")
        now = self.clock()
        signature = self._genuine(body, headers, now)
        self._first_time(signature, now)
        return parsed(body, headers.get("Content-Type", ""))

    def _genuine(self, body: bytes, headers: Mapping[str, str], now: float) -> str:
        stamp = headers.get("X-Slack-Request-Timestamp", "")
        given = headers.get("X-Slack-Signature", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12) or abs(now - int(stamp)) > WINDOW_SECONDS:
            raise InvalidRequest(401, "stale")
        digest = hmac.new(self.signing_secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(f"v0={digest}".encode(), given.encode("utf-8", "surrogateescape")):
            raise InvalidRequest(401, "bad_signature")
        return digest

    def _first_time(self, signature: str, now: float) -> None:
        """Remember the signature for as long as its timestamp could pass again."""
        seen = self._seen
        while seen and (len(seen) >= _MOST_REMEMBERED or next(iter(seen.values())) < now - 2 * WINDOW_SECONDS):
            seen.popitem(last=False)
        if signature in seen:
            raise InvalidRequest(401, "replayed")
        seen[signature] = now


def parsed(body: bytes, content_type: str) -> dict[str, object]:
    """The fields of a form (its `payload` opened) or of a JSON body. Raises InvalidRequest for anything else."""
    try:
        text = body.decode("utf-8")
        if content_type.startswith("application/json"):
            return _json_object(text)
        fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
        return _json_object(fields["payload"]) if "payload" in fields else dict(fields)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(400, "malformed") from error


def _json_object(text: str) -> dict[str, object]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found
