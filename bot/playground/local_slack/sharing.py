"""What a person writes to the bot, with the files that they drop."""

from collections.abc import Mapping

from bot.playground.local_slack.screen import Message
from bot.playground.local_slack.state.state import SlackState
from bot.playground.local_slack.state.workspace import Person


def shared(
    state: SlackState, person: Person, channel: str, files: Mapping[str, bytes], text: str, thread_ts: str | None
) -> Message:
    """Post the person's message with its files; the message."""
    private = f"{state.url}files-pri/{state.workspace.team_id}-"
    stored = [
        state.files.share(person.user_id, name, data, channel, state.clock(), private) for name, data in files.items()
    ]
    message = Message(
        channel,
        state.screen.next_ts(),
        text,
        [],
        thread_ts=thread_ts,
        author=person.user_id,
        files=tuple(each.file_id for each in stored),
    )
    state.screen.post(message)
    return message
