"""Slack's Web API under /api/: checks the token, then calls the method."""

from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from aiohttp import web

from bot.playground.local_slack.api import chat, directory, files, views
from bot.playground.local_slack.api.call import answered
from bot.playground.local_slack.api.scopes import require_scope
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.state.state import SlackState

Json = dict[str, Any]
Method = Callable[[SlackState, Json], Json]

METHODS: dict[str, Method] = {
    "auth.test": directory.auth_test,
    "chat.postMessage": chat.post_message,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.update": chat.update,
    "chat.delete": chat.delete,
    "views.open": views.open_view,
    "views.push": views.push,
    "views.update": views.update,
    "views.publish": views.publish,
    "files.getUploadURLExternal": files.get_upload_url,
    "files.completeUploadExternal": files.complete_upload,
    "files.info": files.info,
    "users.info": directory.users_info,
    "conversations.info": directory.conversations_info,
    "conversations.members": directory.conversations_members,
    "conversations.open": directory.conversations_open,
    "conversations.history": directory.conversations_history,
    "conversations.replies": directory.conversations_replies,
    "apps.connections.open": directory.connections_open,
}
_APP_LEVEL = {"apps.connections.open"}


async def serve(state: SlackState, request: web.Request) -> web.StreamResponse:
    """Answer a call of a Web API method."""
    method = request.match_info["method"]
    header = request.headers.get("Authorization", "")
    known = False

    def act(arguments: Json) -> Json:
        nonlocal known
        token = header.removeprefix("Bearer ") or str(arguments.get("token") or "")
        _require_token(state, method, token)
        known = token == state.bot_token
        if method not in METHODS:
            raise ApiError("unknown_method")
        require_scope(state, method, arguments)
        return METHODS[method](state, arguments)

    answer = await answered(state, request, method, act)
    answer.headers["Date"] = formatdate(state.clock(), usegmt=True)
    if known:
        answer.headers["x-oauth-scopes"] = ",".join(state.workspace.scopes)
    return answer


def _require_token(state: SlackState, method: str, token: str) -> None:
    if not token:
        raise ApiError("not_authed")
    if token not in (state.bot_token, state.app_token):
        raise ApiError("invalid_auth")
    if (token == state.app_token) != (method in _APP_LEVEL):
        raise ApiError("not_allowed_token_type")
