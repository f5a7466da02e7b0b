"""chat.postMessage, postEphemeral, update and delete."""

import math
from typing import Any

from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.messages import contents, metadata_of
from bot.playground.local_slack.screen import Message, Shown
from bot.playground.local_slack.state.state import POST_SECONDS, State
from bot.playground.local_slack.state.workspace import Channel

Json = dict[str, Any]
UPDATE_BYTES = 4_000


def post_message(state: State, arguments: Json) -> Json:
    """chat.postMessage: one message a second and channel."""
    channel = writable(state, arguments.get("channel"))
    text, blocks = contents(state, arguments)
    metadata = metadata_of(arguments)
    _within_rate(state, channel)
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


def post_ephemeral(state: State, arguments: Json) -> Json:
    """chat.postEphemeral: a message that only `user` sees."""
    channel = writable(state, arguments.get("channel"))
    person = state.directory.people.get(str(arguments.get("user")))
    if person is None or not channel.includes(person.user_id):
        raise ApiError("user_not_in_channel")
    text, blocks = contents(state, arguments)
    thread_ts = arguments.get("thread_ts")
    shown = show(state, channel.channel_id, text, blocks, ephemeral_to=person.user_id, thread_ts=thread_ts)
    return {"message_ts": shown.ts}


def update(state: State, arguments: Json) -> Json:
    """chat.update: new text without blocks takes the blocks away; metadata stays unless given, and {} takes it away."""
    message = _own_message(state, arguments)
    text, blocks = contents(state, _edit(message, arguments))
    if len(text.encode(errors="surrogatepass")) > UPDATE_BYTES:
        raise ApiError("msg_too_long")
    metadata = message.metadata if arguments.get("metadata") is None else metadata_of(arguments)
    message.text, message.blocks, message.metadata = text, blocks, metadata
    message.edited = message.edited or not blocks
    state.screen.change(message)
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": as_json(state, message),
    }


def _edit(message: Message, arguments: Json) -> Json:
    """What the message is to say: each of text and blocks as given, and as it was where neither is."""
    given = {key: arguments[key] for key in ("text", "blocks") if arguments.get(key) is not None}
    if "text" in given:
        return given
    return {"text": message.text, "blocks": message.blocks, **given}


def delete(state: State, arguments: Json) -> Json:
    """chat.delete."""
    message = _own_message(state, arguments)
    state.screen.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def show(
    state: State,
    channel_id: str,
    text: str,
    blocks: list[Json],
    *,
    ephemeral_to: str | None = None,
    trigger: str | None = None,
    thread_ts: str | None = None,
) -> Shown:
    """A message appears, for one person only if `ephemeral_to` is given."""
    ts = state.screen.next_ts()
    message = Message(channel_id, ts, text, blocks, ephemeral_to, ephemeral_to is not None, thread_ts)
    return state.screen.post(message, trigger)


def as_json(state: State, message: Message) -> Json:
    """A message as the Web API tells it."""
    workspace = state.workspace
    told: Json = {
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
        told["thread_ts"] = message.thread_ts
    if message.edited:
        told["edited"] = {"user": workspace.bot_user_id, "ts": f"{state.clock():.6f}"}
    return told


def writable(state: State, where: object) -> Channel:
    """The channel to post in. Raises ApiError: channel_not_found, is_archived, not_in_channel."""
    if not isinstance(where, str) or not where:
        raise ApiError("channel_not_found")
    channel = state.directory.channel(where)
    if channel.is_archived:
        raise ApiError("is_archived")
    if not channel.has_bot:
        raise ApiError("not_in_channel")
    return channel


def _own_message(state: State, arguments: Json) -> Message:
    """The message to be changed; its channel goes by id alone, a direct message by its own id, not the person's."""
    channel = state.directory.channels.get(str(arguments.get("channel")))
    if channel is None:
        raise ApiError("channel_not_found")
    message = state.screen.messages.get((channel.channel_id, str(arguments.get("ts"))))
    if message is None or message.ephemeral:
        raise ApiError("message_not_found")
    return message


def _within_rate(state: State, channel: Channel) -> None:
    if not state.rate_limits:
        return
    now, last = state.clock(), state.last_post.get(channel.channel_id)
    if last is not None and 0 <= now - last < POST_SECONDS:
        raise ApiError("ratelimited", status=429, retry_after=math.ceil(POST_SECONDS - (now - last)))
    state.last_post[channel.channel_id] = now
