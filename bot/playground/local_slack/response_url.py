"""Posts to a response_url: at most five within thirty minutes, as a new message or in place of the one clicked."""

from typing import Any

from aiohttp import web

from bot.playground.local_slack.api.call import answered
from bot.playground.local_slack.api.chat import show
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.messages import contents
from bot.playground.local_slack.screen import Message
from bot.playground.local_slack.state.state import State
from bot.playground.local_slack.state.tickets import ResponseUrl

Json = dict[str, Any]
METHOD = "response_url"


async def serve(state: State, request: web.Request) -> web.StreamResponse:
    """One post to a response_url."""
    return await answered(state, request, METHOD, lambda body: _respond(state, request.match_info["key"], body))


def _respond(state: State, key: str, body: Json) -> Json:
    ticket = state.tickets.respond(key)
    try:
        _take(state, ticket, body)
    except ApiError as error:
        raise ApiError(error.error, error.problems, status=400) from error
    return {}


def _take(state: State, ticket: ResponseUrl, body: Json) -> None:
    source = state.screen.messages.get((ticket.channel_id, ticket.message_ts or ""))
    if body.get("delete_original") and source is not None:
        state.screen.remove(source, ticket.trigger_id)
        return
    text, blocks = contents(state, body)
    if body.get("replace_original") and source is not None:
        _replace(state, source, text, blocks, ticket)
        return
    alone = body.get("response_type") != "in_channel"
    show(
        state,
        ticket.channel_id,
        text,
        blocks,
        ephemeral_to=ticket.user_id if alone else None,
        trigger=ticket.trigger_id,
        thread_ts=body.get("thread_ts"),
    )


def _replace(state: State, source: Message, text: str, blocks: list[Json], ticket: ResponseUrl) -> None:
    source.text, source.blocks = text, blocks
    state.screen.change(source, ticket.trigger_id)
