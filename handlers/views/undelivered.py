"""What whoever subscribed a channel is told when it can't be reached any more."""

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message

_WHY = {
    "not_in_channel": ("I'm not in it.", "Type /invite @tierbot there"),
    "channel_not_found": ("I'm no longer in it, or it is gone.", "Type /invite @tierbot there"),
    "is_archived": ("it is archived.", "Unarchive it"),
    "shared_unconfirmed": (
        "people of another organization are in it now.",
        "If they may see these figures, type /digest resume here in the channel",
    ),
    "shared_with_others": (
        "it is shared with an organization that may not see these figures.",
        "Take that organization out of the channel",
    ),
}
_OTHERWISE = ("Slack doesn't let me post in it.", "Ask an administrator of your workspace to let tierbot post there")
_END = "and what isn't out of date by then is sent. To end them, type /digest off here in the channel."


def unreachable(channel_id: str, word: str) -> Message:
    """A channel's digests and alerts wait: why, and what to do."""
    why, remedy = _WHY.get(word, _OTHERWISE)
    line = (
        blocks.bold("I can't send "),
        blocks.channel(channel_id),
        blocks.bold(f" its digests and alerts: {why}"),
        blocks.span(f"\n{remedy}, {_END}"),
    )
    text = f"I can't send <#{channel_id}> its digests and alerts: {why} {remedy}, {_END}"
    return Message(text, [blocks.rich(blocks.line(*line))])
