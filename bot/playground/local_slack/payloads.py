"""Build the payloads that Slack sends to an app: commands, interactions and events, with all their fields."""

import re
from typing import Any
from uuid import uuid4

from bot.playground.local_slack.api.chat import as_json
from bot.playground.local_slack.api.views import as_json as view_json
from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.state.state import SlackState
from bot.playground.local_slack.state.workspace import Channel, Directory, Person

Json = dict[str, Any]
VERIFICATION_TOKEN = "local-verification-token"  # noqa: S105  (Slack's deprecated field, no secret)
_MENTION = re.compile(r"(?<!\S)([@#])([\w.-]+)")


def command(
    state: SlackState,
    person: Person,
    word: str,
    text: str,
    channel: Channel,
    response_url: str,
    team_id: str | None = None,
) -> Json:
    """A slash command's form fields, with the workspace that it was typed in (`team_id`, by default this one)."""
    workspace, directory = state.workspace, state.directory
    typed_in = team_id or (workspace.team_id if directory.is_member(person) else directory.team_of(person))
    enterprise_id = directory.enterprise_of(person)
    enterprise = {"enterprise_id": enterprise_id, "enterprise_name": workspace.name}
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": typed_in,
        "team_domain": workspace.domain,
        **(enterprise if enterprise_id else {}),
        "channel_id": channel.channel_id,
        "channel_name": channel.name,
        "user_id": person.user_id,
        "user_name": person.name,
        "command": word,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "true" if workspace.is_org_wide else "false",
        "response_url": response_url,
    }


def interaction(state: SlackState, kind: str, person: Person, trigger_id: str) -> Json:
    """The fields that all interactions have in common. `team` and `enterprise` are where the app is installed: no team
    where that is an organization.
    """
    workspace = state.workspace
    enterprise = {"id": workspace.enterprise_id, "name": workspace.name} if workspace.enterprise_id else None
    of_enterprise = {"enterprise_id": workspace.enterprise_id, "enterprise_name": workspace.name}
    return {
        "type": kind,
        "user": {
            "id": person.user_id,
            "username": person.name,
            "name": person.name,
            "team_id": state.directory.team_of(person),
        },
        "api_app_id": workspace.app_id,
        "token": VERIFICATION_TOKEN,
        "team": None
        if workspace.is_org_wide
        else {
            "id": workspace.team_id,
            "domain": workspace.domain,
            **(of_enterprise if workspace.enterprise_id else {}),
        },
        "enterprise": enterprise,
        "is_enterprise_install": workspace.is_org_wide,
        "trigger_id": trigger_id,
    }


def on_message(state: SlackState, shown: Shown, response_url: str) -> Json:
    """The fields for an interaction in a message. Slack doesn't include the contents of an ephemeral one."""
    channel = state.directory.channels[shown.channel]
    fields: Json = {
        "container": {
            "type": "message",
            "message_ts": shown.ts,
            "channel_id": shown.channel,
            "is_ephemeral": shown.ephemeral,
        },
        "channel": {"id": channel.channel_id, "name": channel.name},
        "response_url": response_url,
    }
    message = state.screen.messages.get((shown.channel, shown.ts))
    if message is not None and not shown.ephemeral:
        fields["message"] = as_json(state, message)
    return fields


def on_view(state: SlackState, shown: Shown, values: Json) -> Json:
    """The fields for an interaction in a view."""
    view = {**view_json(state, state.views.find(shown.view_id)), "state": values}
    return {"container": {"type": "view", "view_id": shown.view_id}, "view": view}


def event(state: SlackState, person: Person, inner: Json, event_id: str | None, team_id: str | None = None) -> Json:
    """An event in its envelope, of another workspace of the enterprise if `team_id` names one."""
    workspace = state.workspace
    team_id = team_id or workspace.team_id
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": team_id,
        "enterprise_id": workspace.enterprise_id,
        "context_team_id": team_id,
        "context_enterprise_id": workspace.enterprise_id,
        "api_app_id": workspace.app_id,
        "type": "event_callback",
        "event_id": event_id or f"Ev{uuid4().hex[:10].upper()}",
        "event_time": int(state.clock()),
        "authorizations": [
            {
                "enterprise_id": workspace.enterprise_id,
                "team_id": team_id,
                "user_id": workspace.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": workspace.is_org_wide,
            }
        ],
        "is_ext_shared_channel": False,
        "event": {"user": person.user_id, "event_ts": f"{state.clock():.6f}", **inner},
    }


def escaped(text: str, directory: Directory) -> str:
    """A command's text as Slack sends it with `should_escape`: entities, and mentions with their ids."""

    def mention(found: re.Match[str]) -> str:
        sign, name = found.groups()
        people, channels = directory.people.values(), directory.channels.values()
        if sign == "@":
            ids = [f"<@{each.user_id}|{each.name}>" for each in people if each.name == name]
        else:
            ids = [f"<#{each.channel_id}|{each.name}>" for each in channels if each.name == name]
        return ids[0] if ids else found.group()

    entities = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MENTION.sub(mention, entities)
