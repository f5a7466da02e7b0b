"""Files as the Web API and events show them."""

from typing import Any

from bot.playground.local_slack.state.files import File
from bot.playground.local_slack.state.state import SlackState

Json = dict[str, Any]


def as_json(state: SlackState, file: File) -> Json:
    """A file's details."""
    details: Json = {
        "id": file.file_id,
        "created": int(file.created),
        "timestamp": int(file.created),
        "name": file.name,
        "title": file.title,
        "user": file.owner or state.workspace.bot_user_id,
        "mode": "hosted",
        "file_access": "visible",
        "size": file.length,
        "is_external": False,
        "is_public": bool(file.channels),
        "url_private": file.url_private,
        "url_private_download": file.url_private,
        "channels": list(file.channels),
    }
    if file.is_ready:
        details |= {"mimetype": file.mimetype, "filetype": file.mimetype.partition("/")[2]}
    return details
