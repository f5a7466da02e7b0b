"""The scopes that methods need."""

from typing import Any

from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.state.state import SlackState
from bot.playground.local_slack.state.workspace import Channel

Json = dict[str, Any]

_NEEDED = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "files.info": "files:read",
    "users.info": "users:read",
    "conversations.open": "im:write",
}
_BY_KIND_OF_CHANNEL = {
    "conversations.info": "read",
    "conversations.members": "read",
    "conversations.history": "history",
    "conversations.replies": "history",
}


def require_scope(state: SlackState, method: str, arguments: Json) -> None:
    """Raises ApiError: missing_scope, where the token lacks the scope that the method needs for this channel."""
    needed = _NEEDED.get(method)
    if method in _BY_KIND_OF_CHANNEL:
        channel = state.directory.channels.get(str(arguments.get("channel")))
        needed = f"{_kind(channel)}:{_BY_KIND_OF_CHANNEL[method]}"
    if needed and needed not in state.workspace.scopes:
        raise ApiError("missing_scope", needed=needed, provided=",".join(state.workspace.scopes))


def _kind(channel: Channel | None) -> str:
    if channel is None or not channel.is_private:
        return "channels"
    return "im" if channel.dm_with else "groups"
