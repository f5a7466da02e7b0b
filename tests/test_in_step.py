"""Manifest, registered commands, help and documents say the same, and the manifest keeps the platform's limits."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from bot.cli.main import app
from handlers.conversation import QUESTIONS

ROOT = Path(__file__).parent.parent
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "app_manifest.yml").read_text())
NEED_NO_SCOPE = {
    *("base_url", "auth_test", "apps_connections_open", "is_connected"),
    *("views_open", "views_push", "views_update", "views_publish"),
}
HISTORY = ("im:history", "channels:history", "groups:history")
SCOPE_OF: dict[str, str | tuple[str, ...]] = {
    "chat_postMessage": "chat:write",
    "users_info": "users:read",
    "files_getUploadURLExternal": "files:write",
    "files_completeUploadExternal": "files:write",
    "files_info": "files:read",
    "chat_update": "chat:write",
    "chat_delete": "chat:write",
    "conversations_open": "im:write",
    "conversations_history": HISTORY,
    "conversations_replies": HISTORY,
}
COMMANDS = {command["command"]: command for command in MANIFEST["features"]["slash_commands"]}


def test_the_manifest_has_exactly_the_commands_that_are_answered():
    assert set(COMMANDS) == {question.command for question in QUESTIONS.values()}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_manifest_and_help_describe_a_command_alike(question):
    command = COMMANDS[question.command]
    assert command["description"] == question.summary
    assert command["usage_hint"] == f"{question.usage} | help"


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_readme_names_every_command_with_its_usage(question):
    assert f"{question.command} {question.usage}" in (ROOT / "README.md").read_text()


def test_readme_names_every_command_of_the_command_line():
    readme = (ROOT / "README.md").read_text()
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"tierbot {name}" in readme, name


def test_every_command_of_the_command_line_has_an_example_in_its_help():
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert f"tierbot {name}" in (command.help or ""), name


def test_the_manifest_keeps_the_limits_of_the_platform():
    display = MANIFEST["display_information"]
    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert 175 <= len(display["long_description"]) <= 4000
    assert re.fullmatch(r"#[0-9a-f]{6}", display["background_color"])
    assert len(MANIFEST["features"]["bot_user"]["display_name"]) <= 80
    assert len(COMMANDS) <= 50
    for command in COMMANDS.values():
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
        assert command["url"].startswith("https://")


def test_the_manifest_asks_for_no_more_than_the_code_uses():
    scopes = MANIFEST["oauth_config"]["scopes"]
    asked = {*scopes["bot"], *scopes["bot_optional"]} - {"users:read.email"}
    called = set(re.findall(r"client\.([a-z]+_\w+)", "".join(p.read_text() for p in ROOT.glob("bot/slack/*.py"))))
    assert called - NEED_NO_SCOPE <= set(SCOPE_OF)
    needed = {"commands"}
    for scope in (SCOPE_OF[name] for name in called - NEED_NO_SCOPE):
        needed |= {scope} if isinstance(scope, str) else {*scope}
    assert asked == needed


def test_the_manifest_subscribes_to_the_events_that_are_handled():
    handled = set(re.findall(r'app\.event\("(\w+)"\)', (ROOT / "handlers" / "listeners.py").read_text()))
    assert set(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == handled
    assert MANIFEST["features"]["app_home"]["home_tab_enabled"]


def test_the_manifest_has_no_key_that_slack_does_not_know():
    known = {
        "": {"_metadata", "display_information", "features", "oauth_config", "settings"},
        "display_information": {"name", "description", "long_description", "background_color"},
        "features": {"app_home", "bot_user", "shortcuts", "slash_commands", "unfurl_domains", "agent_view"},
        "settings": {
            "allowed_ip_address_ranges",
            "event_subscriptions",
            "interactivity",
            "org_deploy_enabled",
            "socket_mode_enabled",
            "token_rotation_enabled",
        },
    }
    for path, keys in known.items():
        assert set(MANIFEST[path] if path else MANIFEST) <= keys, path
