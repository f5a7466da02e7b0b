"""chat.postMessage, postEphemeral, update and delete."""

import math
from typing import Any

from bot.playground.local_slack.api.file_json import as_json as file_json
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.messages import message_contents, metadata_of
from bot.playground.local_slack.screen import Message, Shown
from bot.playground.local_slack.state.state import POST_SECONDS, SlackState
from bot.playground.local_slack.state.workspace import Channel

Json = dict[str, Any]
MAX_UPDATE_BYTES = 4_000


def post_message(state: SlackState, arguments: Json) -> Json:
    """chat.postMessage: one message per second and channel."""
    channel = postable_channel(state, arguments.get("channel"))
    text, blocks = message_contents(state, arguments)
    metadata = metadata_of(arguments)
    _require_rate(state, channel)
    message = Message(
        channel.channel_id,
        state.screen.next_ts(),
        text,
        blocks,
        thread_ts=arguments.get("thread_ts"),
        metadata=metadata,
    )
    state.screen.post(message)
    return {"channel": channel.channel_id, "ts": message.ts, "message": as_json(state, message)}


def post_ephemeral(state: SlackState, arguments: Json) -> Json:
    """chat.postEphemeral: a message that only `user` sees."""
    channel = postable_channel(state, arguments.get("channel"))
    person = state.directory.people.get(str(arguments.get("user")))
    if person is None or not channel.includes(person.user_id):
        raise ApiError("user_not_in_channel")
    text, blocks = message_contents(state, arguments)
    thread_ts = arguments.get("thread_ts")
    shown = show(state, channel.channel_id, text, blocks, ephemeral_to=person.user_id, thread_ts=thread_ts)
    return {"message_ts": shown.ts}


def update(state: SlackState, arguments: Json) -> Json:
    """chat.update: new text without blocks removes the blocks; metadata stays unless given, and {} removes it."""
    message = _own_message(state, arguments)
    text, blocks = message_contents(state, _edited_body(message, arguments))
    if len(text.encode(errors="surrogatepass")) > MAX_UPDATE_BYTES:
        raise ApiError("msg_too_long")
    metadata = message.metadata if arguments.get("metadata") is None else metadata_of(arguments)
    message.metadata = metadata
    message.edited = message.edited or not blocks
    state.screen.change(message, text, blocks)
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": as_json(state, message),
    }


def _edited_body(message: Message, arguments: Json) -> Json:
    """The text and blocks to set: as given, or unchanged where neither is given."""
    given = {key: arguments[key] for key in ("text", "blocks") if arguments.get(key) is not None}
    if "text" in given:
        return given
    return {"text": message.text, "blocks": message.blocks, **given}


def delete(state: SlackState, arguments: Json) -> Json:
    """chat.delete."""
    message = _own_message(state, arguments)
    state.screen.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def show(
    state: SlackState,
    channel_id: str,
    text: str,
    blocks: list[Json],
    *,
    ephemeral_to: str | None = None,
    trigger: str | None = None,
    thread_ts: str | None = None,
    files: tuple[str, ...] = (),
) -> Shown:
    """Post a message with these files, for one person only if `ephemeral_to` is given."""
    ts = state.screen.next_ts()
    message = Message(channel_id, ts, text, blocks, ephemeral_to, ephemeral_to is not None, thread_ts, files=files)
    return state.screen.post(message, trigger)


def as_json(state: SlackState, message: Message) -> Json:
    """A message as the Web API returns it."""
    if message.author is not None:
        return written_by_a_person(state, message)
    workspace = state.workspace
    body: Json = {
        "type": "message",
        "subtype": "bot_message",
        "bot_id": workspace.bot_id,
        "app_id": workspace.app_id,
        "user": workspace.bot_user_id,
        "team": workspace.team_id,
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    }
    if message.thread_ts:
        body["thread_ts"] = message.thread_ts
    if message.edited:
        body["edited"] = {"user": workspace.bot_user_id, "ts": f"{state.clock():.6f}"}
    return body


def written_by_a_person(state: SlackState, message: Message) -> Json:
    """A person's message as events and histories show it."""
    body: Json = {
        "type": "message",
        "user": message.author,
        "team": state.directory.team_of(state.directory.person(str(message.author))),
        "ts": message.ts,
        "text": message.text,
    }
    if message.files:
        listed = [file_json(state, state.files[each]) for each in message.files]
        body |= {"subtype": "file_share", "files": listed, "upload": False, "display_as_bot": False}
    return {**body, "thread_ts": message.thread_ts} if message.thread_ts else body


def postable_channel(state: SlackState, where: object) -> Channel:
    """The channel to post to. Raises ApiError: channel_not_found, is_archived, not_in_channel."""
    if not isinstance(where, str) or not where:
        raise ApiError("channel_not_found")
    channel = state.directory.channel(where)
    if channel.is_archived:
        raise ApiError("is_archived")
    if not channel.has_bot:
        raise ApiError("channel_not_found" if channel.is_private else "not_in_channel")
    return channel


def _own_message(state: SlackState, arguments: Json) -> Message:
    """The message to change. Unlike posting, this takes a channel's id only, never its name or a user's id. Raises
    ApiError: channel_not_found, message_not_found.
    """
    channel = state.directory.channels.get(str(arguments.get("channel")))
    if channel is None:
        raise ApiError("channel_not_found")
    if channel.is_archived:
        raise ApiError("is_archived")
    message = state.screen.messages.get((channel.channel_id, str(arguments.get("ts"))))
    if message is None or message.ephemeral:
        raise ApiError("message_not_found")
    if message.author is not None:
        raise ApiError("cant_update_message")
    return message


def _require_rate(state: SlackState, channel: Channel) -> None:
    if not state.rate_limits:
        return
    now, last = state.clock(), state.last_post.get(channel.channel_id)
    if last is not None and 0 <= now - last < POST_SECONDS:
        raise ApiError("ratelimited", status=429, retry_after=math.ceil(POST_SECONDS - (now - last)))
    state.last_post[channel.channel_id] = now
