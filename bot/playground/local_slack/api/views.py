"""views.open, push, update and publish."""

import json
from typing import Any

from bot.playground.local_slack.blockcheck import view_problems
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.messages import unsupported, with_ids
from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.state.state import SlackState
from bot.playground.local_slack.state.views import View

Json = dict[str, Any]
MAX_VIEW_BYTES = 250 * 1024


def open_view(state: SlackState, arguments: Json) -> Json:
    """views.open: uses its trigger, unless the view is invalid."""
    body = validated_view(state, arguments.get("view"), "modal")
    trigger = state.tokens.use_trigger(arguments.get("trigger_id"))
    return _shown_view(state, state.views.open(trigger.user_id, body), trigger.trigger_id)


def push(state: SlackState, arguments: Json) -> Json:
    """views.push: on top of the modal that the trigger came from."""
    body = validated_view(state, arguments.get("view"), "modal")
    trigger = state.tokens.use_trigger(arguments.get("trigger_id"))
    return _shown_view(state, state.views.push(trigger.user_id, body), trigger.trigger_id)


def update(state: SlackState, arguments: Json) -> Json:
    """views.update: by view_id or external_id; a stale `hash` is refused."""
    view = state.views.find(arguments.get("view_id"), arguments.get("external_id"))
    body = validated_view(state, arguments.get("view"), view.body["type"])
    return _shown_view(state, state.views.update(view, body, arguments.get("hash")), replaced=True)


def publish(state: SlackState, arguments: Json) -> Json:
    """views.publish: a user's Home tab."""
    person = state.directory.people.get(str(arguments.get("user_id")))
    if person is None:
        raise ApiError("invalid_arguments", ["no such user [json-pointer:/user_id]"])
    body = validated_view(state, arguments.get("view"), "home")
    replaced = person.user_id in state.views.homes
    return _shown_view(state, state.views.publish(person.user_id, body, arguments.get("hash")), replaced=replaced)


def validated_view(state: SlackState, body: object, kind: str) -> Json:
    """The view as it will be stored. Raises ApiError: view_too_large, invalid_arguments with the problems."""
    if len(json.dumps(body, ensure_ascii=False).encode(errors="surrogatepass")) > MAX_VIEW_BYTES:
        raise ApiError("view_too_large")
    found = view_problems(body) or list(unsupported(state, body, "/view"))
    if not found and isinstance(body, dict) and body["type"] != kind:
        found = [f"must be {kind} [json-pointer:/view/type]"]
    if found or not isinstance(body, dict):
        raise ApiError("invalid_arguments", found)
    return {**body, "blocks": with_ids(state, body["blocks"])}


def shown(view: View, trigger: str | None = None, **more: Any) -> Shown:
    """The view as its owner sees it."""
    title = view.body.get("title") or {}
    return Shown(
        text=str(title.get("text", "")),
        blocks=view.body["blocks"],
        ts=view.hash,
        user=view.user_id,
        where="home" if view.is_home else "modal",
        view_id=view.view_id,
        trigger=trigger,
        **more,
    )


def as_json(state: SlackState, view: View) -> Json:
    """A view as the Web API returns it."""
    workspace = state.workspace
    return {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": None,
        "submit": None,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
        **view.body,
        "id": view.view_id,
        "team_id": workspace.team_id,
        "app_id": workspace.app_id,
        "app_installed_team_id": workspace.installed_in,
        "bot_id": workspace.bot_id,
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "state": {"values": {}},
    }


def _shown_view(state: SlackState, view: View, trigger: str | None = None, *, replaced: bool = False) -> Json:
    state.screen.show(shown(view, trigger, replaced=replaced))
    return {"view": as_json(state, view)}
