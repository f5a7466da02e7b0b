"""Slack's Web API under /api/: checks the token, then calls the method."""

from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from aiohttp import BasicAuth, web

from bot.playground.local_slack.api import chat, directory, files, views
from bot.playground.local_slack.api.call import answered
from bot.playground.local_slack.api.scopes import require_scope
from bot.playground.local_slack.apps import OAuthApp
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


async def token_of(request: web.Request) -> str:
    """The token that a call names: in its header, or else among its arguments."""
    header = request.headers.get("Authorization", "")
    if header.startswith("Basic "):  # an app's credentials, which are no token
        return ""
    if header or request.content_type == "application/json":
        return header.removeprefix("Bearer ")
    return str((await request.post()).get("token") or request.query.get("token") or "")


def _credentials(request: web.Request) -> dict[str, str]:
    """The app's ID and secret where they come as HTTP's basic authentication."""
    header = request.headers.get("Authorization", "")
    if not header.startswith("Basic "):
        return {}
    given = BasicAuth.decode(header)
    return {"client_id": given.login, "client_secret": given.password}


async def serve(state: SlackState, request: web.Request, app: OAuthApp) -> web.StreamResponse:
    """Answer a call of a Web API method."""
    method = request.match_info["method"]
    token = await token_of(request)
    known = False

    def act(arguments: Json) -> Json:
        nonlocal known
        if method == "oauth.v2.access":
            return app.access({**arguments, **_credentials(request)})
        _require_token(state, method, token)
        known = state.is_current(token)
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
    if token in state.revoked:
        raise ApiError("token_revoked")
    if token == state.former_token[0] and not state.is_current(token):
        raise ApiError("token_expired")
    if token != state.app_token and not state.is_current(token):
        raise ApiError("invalid_auth")
    if (token == state.app_token) != (method in _APP_LEVEL):
        raise ApiError("not_allowed_token_type")
