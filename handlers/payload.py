"""What Slack sends, read with care: every part may be missing or of another kind."""

from typing import Any

from tiercore.access import SlackUser

Body = dict[str, Any]


def who(body: Body) -> SlackUser:
    """Identity is (team, user), or (enterprise, user) where Slack names no team; a clicker's own team counts."""
    user = body.get("user")
    if isinstance(user, dict):
        team = user.get("team_id") or (body.get("team") or body.get("enterprise") or {}).get("id")
        channel = body.get("channel")
        where = str(channel["id"]) if isinstance(channel, dict) and "id" in channel else None
        return SlackUser(str(team), str(user.get("id")), where)
    team = str(body.get("team_id") or body.get("enterprise_id"))
    return SlackUser(team, str(body.get("user_id")), str(body.get("channel_id")))


def action_of(body: Body) -> Body:
    """The element that was used; empty for a payload that has none."""
    actions = body.get("actions") or [{}]
    return actions[0] if isinstance(actions, list) and isinstance(actions[0], dict) else {}


def action_id_of(body: Body) -> str:
    """The action_id of the element that was used."""
    return str(action_of(body).get("action_id", ""))


def chosen_value(body: Body) -> object:
    """What the button carries, or the option that was chosen."""
    action = action_of(body)
    option = action.get("selected_option")
    return option.get("value") if isinstance(option, dict) else action.get("value")


def view_of(body: Body) -> Body | None:
    """The window or page that the element was on; None for a message."""
    view = body.get("view")
    return view if isinstance(view, dict) else None


def field_of(view: Body, name: str) -> str:
    """What stands in a window's field whose block and action have this name."""
    values = (view.get("state") or {}).get("values") or {}
    return str(((values.get(name) or {}).get(name) or {}).get("value") or "")
