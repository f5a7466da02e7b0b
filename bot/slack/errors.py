"""Slack's failures: the one place that interprets status, error word and Retry-After."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from slack_sdk.errors import SlackApiError

_WORD = re.compile(r"[a-z]+(_[a-z]+)*")
_RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})


@dataclass(frozen=True, slots=True)
class SlackFailure:
    """An answer other than "ok".

    `word` is Slack's error word, empty where the answer isn't Slack's (a proxy's page, a truncated body); `detail` says
    more, `needed` names a missing scope; `retry_after` is in seconds, None without the header.
    """

    status: int
    word: str = ""
    detail: str = ""
    needed: str = ""
    retry_after: float | None = None

    @property
    def is_rate_limit(self) -> bool:
        """Whether Slack didn't take the request and wants it later."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or self.word in _RATE_LIMITED

    @property
    def is_server_error(self) -> bool:
        """Whether Slack failed, in which case it may have taken the request all the same."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def reason(self) -> str:
        """A short reason for logs and the operator."""
        reason = self.word or f"HTTP {self.status}, not an answer from Slack"
        return f"{reason} (needs {self.needed})" if self.needed else reason


def failure_of(error: SlackApiError) -> SlackFailure:
    """The failure of a Web API call."""
    response: Any = error.response
    status = int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)
    data = getattr(response, "data", response)
    body = data if isinstance(data, dict) and data.get("ok") is False else {}
    messages = (body.get("response_metadata") or {}).get("messages") or []
    return SlackFailure(
        status,
        str(body.get("error") or ""),
        "; ".join(map(str, messages)),
        str(body.get("needed") or ""),
        retry_after(getattr(response, "headers", None) or {}),
    )


def failure_in(status: int, headers: Mapping[str, str], text: str) -> SlackFailure | None:
    """The failure in the answer to a plain POST (a response_url, an upload), None where Slack took it.

    Such an answer has its error word in JSON or as plain text.
    """
    word = _word(text)
    if status == HTTPStatus.OK and not word:
        return None
    return SlackFailure(status, word, text[:200], retry_after=retry_after(headers))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds of the Retry-After header, None without one or where it isn't a number."""
    value = next((value for key, value in headers.items() if key.lower() == "retry-after"), "")
    return float(value) if str(value).isdecimal() else None


def _word(text: str) -> str:
    """The error word in an answer's body, "" without one."""
    try:
        found = orjson.loads(text) if text.startswith("{") else text.strip()
    except orjson.JSONDecodeError:
        return ""
    if isinstance(found, dict):
        return "" if found.get("ok") else str(found.get("error", "not_ok"))
    return found if _WORD.fullmatch(found) and found != "ok" else ""
