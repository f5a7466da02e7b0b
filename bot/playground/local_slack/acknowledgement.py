"""What Slack does with the bot's acknowledgement."""

from typing import Any

from bot.playground.local_slack.api import views
from bot.playground.local_slack.api.chat import show
from bot.playground.local_slack.blockcheck.checks import items
from bot.playground.local_slack.blockcheck.objects import OPTION_GROUP, SELECT_OPTION, SELECT_OPTIONS
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.http_delivery import BotResponse
from bot.playground.local_slack.messages import message_contents
from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.state.state import SlackState

Json = dict[str, Any]


def to_command(state: SlackState, response: BotResponse, user_id: str, channel_id: str, trigger: str) -> list[Shown]:
    """Show the message in a command's acknowledgement, if there is one: ephemeral unless it says in_channel.

    Raises ApiError where the message is invalid, and nothing is shown.
    """
    body = response.answer
    if response.error or not (body.get("text") or body.get("blocks")):
        return []
    text, blocks = message_contents(state, body)
    ephemeral_to = None if body.get("response_type") == "in_channel" else user_id
    return [show(state, channel_id, text, blocks, ephemeral_to=ephemeral_to, trigger=trigger)]


def to_submission(state: SlackState, response: BotResponse, view_id: str, trigger: str) -> list[Shown]:
    """Apply a modal's response_action: show errors, update or push a view, or close it. Raises ApiError."""
    view = state.views.find(view_id)
    if response.error:
        return []
    body = response.answer
    kind = body.get("response_action")
    if kind == "errors":
        return [state.screen.show(views.shown(view, trigger, errors=dict(body.get("errors") or {})))]
    if kind in ("update", "push"):
        new_body = views.validated_view(state, body.get("view"), "modal")
        changed = state.views.update(view, new_body) if kind == "update" else state.views.push(view.user_id, new_body)
        return [state.screen.show(views.shown(changed, trigger, replaced=kind == "update"))]
    if kind == "clear":
        state.views.close_all(view.user_id)
    else:
        state.views.close(view)
    return [state.screen.show(views.shown(view, trigger, deleted=True))]


def to_options(response: BotResponse) -> list[Json]:
    """The options for an external select. Raises ApiError where they are invalid."""
    body = response.answer
    options, groups = body.get("options"), body.get("option_groups")
    if response.error or (options is None and groups is None):
        return []
    listed = options if options is not None else groups
    check = items(SELECT_OPTION if options is not None else OPTION_GROUP, maximum=SELECT_OPTIONS)
    if found := list(check(listed, "/options" if options is not None else "/option_groups")):
        raise ApiError("invalid_options", found)
    return options if options is not None else [each for group in groups or () for each in group["options"]]
