"""Reading Slack's payloads defensively: any part may be missing or have another type."""

from typing import Any

from handlers.views.parts.submitted import entered
from tiercore.access import SlackUser

Body = dict[str, Any]


def viewer_of(body: Body) -> SlackUser:
    """The user who sent it, in their own team, or in their enterprise where Slack names no team."""
    user = body.get("user")
    if isinstance(user, dict):
        team = user.get("team_id") or (body.get("team") or body.get("enterprise") or {}).get("id")
        channel = body.get("channel")
        channel_id = str(channel["id"]) if isinstance(channel, dict) and "id" in channel else None
        return SlackUser(str(team), str(user.get("id")), channel_id)
    team, event = str(body.get("team_id") or body.get("enterprise_id")), body.get("event")
    if isinstance(event, dict):
        return SlackUser(team, str(event.get("user")))
    return SlackUser(team, str(body.get("user_id")), str(body.get("channel_id")))


def home_team_of(body: Body) -> str | None:
    """The workspace in which the Home tab of an event or a click was opened; None where Slack doesn't say."""
    view = view_of(body) or {}
    team = body.get("team_id") if "event" in body else view.get("app_installed_team_id") or view.get("team_id")
    return str(team) if team else None


def action_of(body: Body) -> Body:
    """The element that was used; empty where the payload has none."""
    actions = body.get("actions") or [{}]
    return actions[0] if isinstance(actions, list) and isinstance(actions[0], dict) else {}


def is_only_the_clickers(body: Body) -> bool:
    """Whether the message that was clicked is ephemeral. Any other message stands there for others, too."""
    container = body.get("container")
    return isinstance(container, dict) and container.get("is_ephemeral") is True


def thread_of(body: Body) -> str | None:
    """The thread that the clicked message is in; None outside of one."""
    message = body.get("message")
    thread_ts = message.get("thread_ts") if isinstance(message, dict) else None
    return str(thread_ts) if thread_ts else None


def action_id_of(body: Body) -> str:
    """The action_id of the element that was used."""
    return str(action_of(body).get("action_id", ""))


def chosen_value(body: Body) -> object:
    """The value of the button, or of the option that was chosen."""
    action = action_of(body)
    option = action.get("selected_option")
    return option.get("value") if isinstance(option, dict) else action.get("value")


def pressed(action_id: str, value: str) -> Body:
    """What a payload says of a button that was pressed, in place of the menu that it was chosen from."""
    return {"type": "button", "action_id": action_id, "value": value, "selected_option": None}


def view_of(body: Body) -> Body | None:
    """The modal or Home tab that the element was in; None for a message."""
    view = body.get("view")
    return view if isinstance(view, dict) else None


def field_of(view: Body, name: str) -> str:
    """What the modal has in the field whose block and action have this name; "" where there is none."""
    return entered(view, name, name)


def selected_users(view: Body, name: str) -> list[str]:
    """The IDs of the users that are chosen in a submitted view's field."""
    state = ((view.get("state") or {}).get("values") or {}).get(name) or {}
    return [str(each) for each in (state.get(name) or {}).get("selected_users") or ()]


def is_channels_message(body: Body) -> bool:
    """Whether the element was in a message that everybody in a channel sees; a direct message is one person's."""
    container, channel = body.get("container"), body.get("channel")
    if not isinstance(container, dict) or not isinstance(channel, dict) or container.get("type") != "message":
        return False
    return not container.get("is_ephemeral") and not str(channel.get("id", "D")).startswith("D")
