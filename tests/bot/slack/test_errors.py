"""Slack's responses: status, error code, Retry-After."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.errors import SlackFailure, failure_in, failure_of, retry_after


def refused(status: int, data: object, headers: dict[str, str] | None = None) -> SlackApiError:
    client = AsyncWebClient(token="xoxb-1")
    response = AsyncSlackResponse(
        client=client, http_verb="POST", api_url="", req_args={}, data=data, headers=headers or {}, status_code=status
    )
    return SlackApiError("refused", response)


def test_a_refusal_carries_slacks_code_the_detail_and_the_needed_scope():
    data = {"ok": False, "error": "missing_scope", "needed": "im:write", "response_metadata": {"messages": ["a", "b"]}}
    failure = failure_of(refused(200, data))
    assert failure == SlackFailure(200, "missing_scope", "a; b", "im:write")
    assert failure.reason == "missing_scope (needs im:write)"
    assert not failure.is_rate_limit
    assert not failure.is_server_error


@pytest.mark.parametrize("header", ["Retry-After", "retry-after"])
def test_a_rate_limit_says_when_to_retry(header: str):
    failure = failure_of(refused(429, {"ok": False, "error": "ratelimited"}, {header: "30"}))
    assert (failure.is_rate_limit, failure.retry_after) == (True, 30.0)


@pytest.mark.parametrize("value", ["", "soon", "-1", "1.5"])
def test_a_retry_after_that_is_not_a_whole_number_is_ignored(value: str):
    assert retry_after({"Retry-After": value} if value else {}) is None


def test_a_body_without_ok_false_is_not_slacks():
    assert failure_of(refused(502, "<html>Bad gateway</html>")).word == ""
    assert failure_of(refused(200, {"error": "lost"})).word == ""


@pytest.mark.parametrize(
    ("status", "text", "word"),
    [
        (200, "ok", None),
        (200, '{"ok":true}', None),
        (200, '{"ok":false,"error":"invalid_blocks"}', "invalid_blocks"),
        (404, "used_url", "used_url"),
        (500, "", ""),
        (503, "<html>", ""),
        (200, "{cut", None),
    ],
)
def test_a_response_url_answers_in_json_or_plain_text(status: int, text: str, word: str | None):
    failure = failure_in(status, {}, text)
    assert (failure.word if failure else None) == word
