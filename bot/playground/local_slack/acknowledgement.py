"""What Slack does with the body of an acknowledgement."""

from typing import Any

from bot.playground.local_slack.api import views
from bot.playground.local_slack.api.chat import show
from bot.playground.local_slack.blockcheck.checks import items
from bot.playground.local_slack.blockcheck.objects import OPTION_GROUP, SELECT_OPTION, SELECT_OPTIONS
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.http_delivery import Delivered
from bot.playground.local_slack.messages import contents
from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.state.state import State

Json = dict[str, Any]


def to_command(state: State, delivered: Delivered, user_id: str, channel_id: str, trigger: str) -> list[Shown]:
    """A command's answer: a message in the body appears, for the person alone unless it says in_channel.

    Raises ApiError when the message is not acceptable: then nothing appears.
    """
    body = delivered.answer
    if delivered.error or not (body.get("text") or body.get("blocks")):
        return []
    text, blocks = contents(state, body)
    alone = body.get("response_type") != "in_channel"
    to = user_id if alone else None
    return [show(state, channel_id, text, blocks, ephemeral_to=to, trigger=trigger)]


def to_submission(state: State, delivered: Delivered, view_id: str, trigger: str) -> list[Shown]:
    """A modal's answer: errors, another view in its place or on top, or the end of it. Raises ApiError."""
    view = state.views.find(view_id)
    if delivered.error:
        return []
    body = delivered.answer
    kind = body.get("response_action")
    if kind == "errors":
        return [state.screen.show(views.shown(view, trigger, errors=dict(body.get("errors") or {})))]
    if kind in ("update", "push"):
        made = views.accepted(state, body.get("view"), "modal")
        changed = state.views.update(view, made) if kind == "update" else state.views.push(view.user_id, made)
        return [state.screen.show(views.shown(changed, trigger, replaced=kind == "update"))]
    if kind == "clear":
        state.views.close_all(view.user_id)
    else:
        state.views.close(view)
    return [state.screen.show(views.shown(view, trigger, deleted=True))]


def to_options(delivered: Delivered) -> list[Json]:
    """The choices for an external list. Raises ApiError when they are not acceptable."""
    body = delivered.answer
    options, groups = body.get("options"), body.get("option_groups")
    if delivered.error or (options is None and groups is None):
        return []
    listed = options if options is not None else groups
    check = items(SELECT_OPTION if options is not None else OPTION_GROUP, most=SELECT_OPTIONS)
    if found := list(check(listed, "/options" if options is not None else "/option_groups")):
        raise ApiError("invalid_options", found)
    return options if options is not None else [each for group in groups or () for each in group["options"]]
