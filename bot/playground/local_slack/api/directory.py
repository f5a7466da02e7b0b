"""auth.test, users.info, conversations.info, open and history, apps.connections.open."""

import math
from typing import Any

from bot.playground.local_slack.api.chat import as_json
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.screen import Message
from bot.playground.local_slack.state.state import SlackState
from bot.playground.local_slack.state.workspace import Channel, Directory, Person

Json = dict[str, Any]
DEFAULT_HISTORY, DEFAULT_MEMBERS, MAX_HISTORY = 100, 100, 999


def auth_test(state: SlackState, _arguments: Json) -> Json:
    """auth.test: the bot's identity."""
    workspace = state.workspace
    return {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": workspace.bot_name,
        "team_id": workspace.installed_in,
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": workspace.is_org_wide,
        **({"enterprise_id": workspace.enterprise_id} if workspace.enterprise_id else {}),
    }


def users_info(state: SlackState, arguments: Json) -> Json:
    """users.info: without an e-mail for people from other organisations who don't share it, or without the scope
    users:read.email; with `enterprise_user` for people of an enterprise.
    """
    person = state.directory.people.get(str(arguments.get("user")))
    if person is None:
        raise ApiError("user_not_found")
    profile: Json = {"real_name": person.real_name, "display_name": person.name}
    is_seen = person.shares_email or state.directory.is_member(person)
    if is_seen and person.email and "users:read.email" in state.workspace.scopes:
        profile["email"] = person.email
    return {
        "user": {
            "id": person.user_id,
            "team_id": state.directory.team_of(person),
            "name": person.name,
            "real_name": person.real_name,
            "tz": person.tz,
            "deleted": person.deleted,
            "is_admin": person.is_admin,
            "is_bot": False,
            "is_stranger": False,
            "is_restricted": person.is_guest,
            "is_ultra_restricted": False,
            **({"is_email_confirmed": person.has_confirmed_email} if "email" in profile else {}),
            "profile": {**profile, "team": state.directory.team_of(person)},
            **_enterprise_user(state.directory, person),
        }
    }


def _enterprise_user(directory: Directory, person: Person) -> Json:
    enterprise_id, team_id = directory.enterprise_of(person), directory.team_of(person)
    if enterprise_id is None:
        return {}
    here = [directory.workspace.team_id] if directory.is_member(person) else []
    teams = sorted({team_id, *here})
    return {"enterprise_user": {"id": person.user_id, "enterprise_id": enterprise_id, "teams": teams}}


def conversations_info(state: SlackState, arguments: Json) -> Json:
    """conversations.info: a private channel exists for its members alone."""
    channel = state.directory.channels.get(str(arguments.get("channel")))
    if channel is None or (channel.is_private and not channel.has_bot):
        raise ApiError("channel_not_found")
    return {"channel": _channel(channel)}


def conversations_members(state: SlackState, arguments: Json) -> Json:
    """conversations.members: a page of the people in a channel, the bot among them where it is."""
    channel = state.directory.channels.get(str(arguments.get("channel")))
    if channel is None or (channel.is_private and not channel.has_bot):
        raise ApiError("channel_not_found")
    here = [each.user_id for each in state.directory.people.values() if not each.deleted]
    people = sorted(each for each in here if channel.includes(each))
    people += [state.workspace.bot_user_id] if channel.has_bot else []
    limit = min(_number(arguments.get("limit")) or DEFAULT_MEMBERS, MAX_HISTORY, state.members_page)
    start = _number(arguments.get("cursor"))
    more = len(people) > start + limit
    return {
        "members": people[start : start + limit],
        "response_metadata": {"next_cursor": str(start + limit) if more else ""},
    }


def conversations_open(state: SlackState, arguments: Json) -> Json:
    """conversations.open: the direct message with a person."""
    users = arguments.get("users") or ""
    names = users.split(",") if isinstance(users, str) else list(users)
    if len(names) != 1 or names[0] not in state.directory.people:
        raise ApiError("user_not_found" if names and names[0] else "users_list_not_supplied")
    if state.directory.people[names[0]].deleted:
        raise ApiError("user_disabled")
    return {"channel": {"id": state.directory.direct_message(names[0]).channel_id}}


def conversations_history(state: SlackState, arguments: Json) -> Json:
    """conversations.history: newest first, without ephemeral messages and replies in threads."""
    channel = _readable_channel(state, arguments)
    _require_history_rate(state, "conversations.history")
    roots = [each for each in state.screen.messages.values() if each.thread_ts in (None, each.ts)]
    found = [each for each in roots if _in_history(each, channel, arguments)]
    found.sort(key=lambda each: float(each.ts), reverse=True)
    return _page(state, found, arguments)


def conversations_replies(state: SlackState, arguments: Json) -> Json:
    """conversations.replies: a thread, beginning with its root, whatever span of it is asked for."""
    channel, root = _readable_channel(state, arguments), str(arguments.get("ts"))
    _require_history_rate(state, "conversations.replies")
    if (channel.channel_id, root) not in state.screen.messages:
        raise ApiError("thread_not_found")
    thread = [each for each in state.screen.messages.values() if root in (each.ts, each.thread_ts)]
    found = [each for each in thread if each.ts == root or _in_history(each, channel, arguments)]
    return _page(state, sorted(found, key=lambda each: float(each.ts)), arguments)


def _readable_channel(state: SlackState, arguments: Json) -> Channel:
    channel = state.directory.channels.get(str(arguments.get("channel")))
    if channel is None:
        raise ApiError("channel_not_found")
    if not channel.has_bot:
        raise ApiError("channel_not_found" if channel.is_private else "not_in_channel")
    return channel


def _require_history_rate(state: SlackState, method: str) -> None:
    """Raises ApiError: ratelimited, where this method was called within `history_seconds`."""
    if not state.history_seconds:
        return
    now, last = state.clock(), state.last_history.get(method)
    if last is not None and 0 <= now - last < state.history_seconds:
        wait = math.ceil(state.history_seconds - (now - last))
        raise ApiError("ratelimited", status=429, retry_after=wait)
    state.last_history[method] = now


def _page(state: SlackState, found: list[Message], arguments: Json) -> Json:
    limit = min(_number(arguments.get("limit")) or DEFAULT_HISTORY, MAX_HISTORY, state.history_page)
    start = _number(arguments.get("cursor"))
    page, more = found[start : start + limit], len(found) > start + limit
    include_metadata = str(arguments.get("include_all_metadata")).lower() in ("true", "1")
    return {
        "messages": [_as_json(state, each, include_metadata) for each in page],
        "has_more": more,
        "response_metadata": {"next_cursor": str(start + limit) if more else ""},
    }


def connections_open(state: SlackState, _arguments: Json) -> Json:
    """apps.connections.open: the URL for a socket."""
    return {"url": f"{state.sockets_url}?ticket={next(state.counter)}&app_id={state.workspace.app_id}"}


def _in_history(message: Message, channel: Channel, arguments: Json) -> bool:
    if message.channel != channel.channel_id or message.ephemeral:
        return False
    oldest, latest = _seconds(arguments.get("oldest"), 0.0), _seconds(arguments.get("latest"), float("inf"))
    ts = float(message.ts)
    if str(arguments.get("inclusive")).lower() in ("true", "1"):
        return oldest <= ts <= latest
    return oldest < ts < latest


def _as_json(state: SlackState, message: Message, include_metadata: bool) -> Json:
    body = as_json(state, message)
    if include_metadata and message.metadata:
        body["metadata"] = message.metadata
    return body


def _channel(channel: Channel) -> Json:
    return {
        "id": channel.channel_id,
        "name": channel.name,
        "is_channel": channel.dm_with is None and not channel.is_private,
        "is_private": channel.is_private,
        "is_im": channel.dm_with is not None,
        "is_archived": channel.is_archived,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_pending_ext_shared": bool(channel.invited),
        "connected_team_ids": [*channel.connected],
        "pending_connected_team_ids": [*channel.invited],
        "is_member": channel.has_bot,
        **({"user": channel.dm_with} if channel.dm_with else {}),
    }


def _number(text: object) -> int:
    return int(text) if isinstance(text, int | str) and str(text).isdecimal() else 0


def _seconds(text: object, otherwise: float) -> float:
    try:
        return float(str(text)) if text not in (None, "") else otherwise
    except ValueError as error:
        raise ApiError("invalid_ts_oldest") from error
