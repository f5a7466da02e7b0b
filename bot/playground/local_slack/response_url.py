"""Posts to a response_url: at most five within 30 minutes; they add a message, or replace or delete the one clicked."""

from typing import Any

from aiohttp import web

from bot.playground.local_slack.api.call import answered
from bot.playground.local_slack.api.chat import show
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.messages import message_contents
from bot.playground.local_slack.state.state import SlackState
from bot.playground.local_slack.state.tokens import ResponseUrl

Json = dict[str, Any]
METHOD = "response_url"


async def serve(state: SlackState, request: web.Request) -> web.StreamResponse:
    """Answer a post to a response_url."""
    return await answered(state, request, METHOD, lambda body: _respond(state, request.match_info["key"], body))


def _respond(state: SlackState, key: str, body: Json) -> Json:
    granted = state.tokens.use_response_url(key)
    try:
        _apply(state, granted, body)
    except ApiError as error:
        raise ApiError(error.error, error.problems, status=400) from error
    return {}


def _apply(state: SlackState, granted: ResponseUrl, body: Json) -> None:
    source = state.screen.messages.get((granted.channel_id, granted.message_ts or ""))
    if body.get("delete_original") and source is not None:
        state.screen.remove(source, granted.trigger_id)
        return
    text, blocks = message_contents(state, body)
    if body.get("replace_original") and source is not None:
        state.screen.change(source, text, blocks, granted.trigger_id)
        return
    show(
        state,
        granted.channel_id,
        text,
        blocks,
        ephemeral_to=None if body.get("response_type") == "in_channel" else granted.user_id,
        trigger=granted.trigger_id,
        thread_ts=body.get("thread_ts"),
    )
