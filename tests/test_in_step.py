"""Manifest, registered commands, help and documents agree, and the manifest is within Slack's limits."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner

from bot.cli.main import app
from bot.slack.manifest import InvalidManifest, app_manifest
from bot.slack.manifest_yaml import as_yaml
from bot.slack.scopes import SCOPES
from handlers.command_names import CORE
from handlers.typed_command import QUESTIONS

ROOT = Path(__file__).parent.parent
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "app_manifest.yml").read_text())
EVERY = [
    app_manifest(socket_mode=socket_mode, oauth=oauth, commands=commands, name=name)
    for socket_mode, oauth in ((False, False), (True, False), (False, True))
    for commands in ("all", "core")
    for name in ("tierbot", "x" * 35)
]
NEED_NO_SCOPE = {
    *("base_url", "auth_test", "apps_connections_open", "oauth_v2_access", "is_connected"),
    *("views_open", "views_push", "views_update", "views_publish"),
}
HISTORY = ("im:history", "channels:history", "groups:history")
SCOPE_OF: dict[str, str | tuple[str, ...]] = {
    "chat_postMessage": "chat:write",
    "users_info": "users:read",
    "conversations_info": ("channels:read", "groups:read"),
    "conversations_members": ("channels:read", "groups:read"),
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


def test_the_manifest_has_exactly_the_supported_commands():
    assert set(COMMANDS) == {question.command for question in QUESTIONS.values()}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_manifest_and_help_describe_a_command_identically(question):
    command = COMMANDS[question.command]
    assert command["description"] == question.summary
    assert command["usage_hint"] == f"{question.usage} | help"


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_the_readme_shows_every_command_with_its_usage(question):
    assert f"{question.command} {question.usage}" in (ROOT / "README.md").read_text()


def test_the_readme_shows_every_subcommand_of_the_command_line():
    readme = (ROOT / "README.md").read_text()
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"tierbot {name}" in readme, name


def test_every_subcommand_of_the_command_line_has_an_example_in_its_help():
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert f"tierbot {name}" in (command.help or ""), name


def test_the_manifest_file_is_the_manifest_commands_output():
    printed = CliRunner().invoke(app, ["manifest", "--commands", "all"])
    assert printed.exit_code == 0
    assert printed.stdout == (ROOT / "app_manifest.yml").read_text()
    assert printed.stderr == ""


@pytest.mark.parametrize("manifest", EVERY)
def test_the_yaml_manifest_equals_the_json_manifest(manifest: dict[str, Any]):
    assert yaml.safe_load(as_yaml(manifest)) == manifest


@pytest.mark.parametrize("manifest", EVERY)
def test_a_manifest_is_within_slacks_limits(manifest: dict[str, Any]):
    display, features = manifest["display_information"], manifest["features"]
    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert 175 <= len(display["long_description"]) <= 4000
    assert re.fullmatch(r"#[0-9a-f]{6}", display["background_color"])
    assert len(features["bot_user"]["display_name"]) <= 80
    assert 1 <= len(features["slash_commands"]) <= 50
    for command in features["slash_commands"]:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
        assert 1 <= len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    assert len({command["command"] for command in features["slash_commands"]}) == len(features["slash_commands"])
    shortcuts = features.get("shortcuts", [])
    assert len(shortcuts) <= 10
    assert all(len(each["name"]) <= 24 and len(each["description"]) <= 150 for each in shortcuts)
    assert len(features.get("unfurl_domains", [])) <= 5
    agent = features.get("agent_view", {})
    assert len(agent.get("agent_description", "")) <= 300
    assert len(agent.get("suggested_prompts", [])) <= 4
    scopes = manifest["oauth_config"]["scopes"]
    assert len(scopes["bot"]) + len(scopes["bot_optional"]) <= 255
    assert not {*scopes["bot"]} & {*scopes["bot_optional"]}
    assert len(manifest["oauth_config"].get("redirect_urls", [])) <= 1000
    assert len(manifest["settings"]["event_subscriptions"]["bot_events"]) <= 100


def test_a_manifest_has_its_url_everywhere_slack_posts_and_none_with_socket_mode():
    http, socket = app_manifest("https://bot.example.com/base/"), app_manifest(socket_mode=True)
    address = "https://bot.example.com/base/slack/events"
    assert {command["url"] for command in http["features"]["slash_commands"]} == {address}
    assert http["settings"]["event_subscriptions"]["request_url"] == address
    assert http["settings"]["interactivity"]["request_url"] == address
    assert http["settings"]["interactivity"]["message_menu_options_url"] == address, "searches in windows"
    assert http["settings"]["socket_mode_enabled"] is False
    assert socket["settings"]["socket_mode_enabled"] is True
    assert "example.com" not in as_yaml(socket).partition("display_information")[2]
    assert app_manifest(address) == http


def test_the_core_manifest_has_four_commands_and_mentions_the_others_behind_tier():
    commands = {each["command"]: each for each in app_manifest(commands="core")["features"]["slash_commands"]}
    assert set(commands) == {"/tier", "/gap", "/expiring", "/digest"}
    assert all(word in commands["/tier"]["usage_hint"] for word in QUESTIONS if word not in CORE)


def test_an_app_for_many_workspaces_comes_back_to_its_own_address_and_differs_in_nothing_else():
    one, many = app_manifest("https://bot.example.com/base/"), app_manifest("https://bot.example.com/base/", oauth=True)
    assert many["oauth_config"].pop("redirect_urls") == ["https://bot.example.com/base/slack/oauth_redirect"]
    events = many["settings"]["event_subscriptions"]["bot_events"]
    assert [events.pop(), events.pop()] == ["team_access_revoked", "team_access_granted"]
    assert many["settings"] == one["settings"] | {"org_deploy_enabled": True, "token_rotation_enabled": True}
    assert {**many, "settings": None} == {**one, "settings": None}


def test_a_manifest_is_by_default_for_the_configured_address(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TIERBOT_PUBLIC_URL", "https://bot.example.com/")
    printed = CliRunner().invoke(app, ["manifest", "--oauth"])
    assert yaml.safe_load(printed.stdout) == app_manifest("https://bot.example.com", oauth=True)
    other = CliRunner().invoke(app, ["manifest", "--url", "https://other.example.com"])
    assert yaml.safe_load(other.stdout) == app_manifest("https://other.example.com")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--oauth", "--socket-mode"], "leave out --socket-mode"),
        (["--oauth", "--url", "http://127.0.0.1:3000"], "must begin with https://"),
        (["--url", "http://bot.example.com"], "must begin with https://"),
        (["--url", "bot.example.com"], "must begin with https://"),
        (["--name", "x" * 36], "1 to 35 characters"),
        (["--name", " "], "1 to 35 characters"),
    ],
)
def test_a_manifest_that_slack_would_refuse_is_not_printed(words: list[str], what: str):
    refused = CliRunner().invoke(app, ["manifest", *words])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert what in refused.stderr
    with pytest.raises(InvalidManifest):
        app_manifest("", name="tierbot")


def test_a_manifest_with_other_commands_than_configured_says_what_to_set(monkeypatch: pytest.MonkeyPatch):
    result = CliRunner().invoke(app, ["manifest", "--commands", "core"])
    assert "Set TIERBOT_COMMANDS=core" in result.stderr
    monkeypatch.setenv("TIERBOT_COMMANDS", "core")
    by_default = CliRunner().invoke(app, ["manifest"])
    assert (by_default.stdout, by_default.stderr) == (result.stdout, "")


def test_documents_and_manifest_list_the_same_scopes():
    documented = (ROOT / "docs" / "slack.md").read_text().partition("## Scopes")[2].partition("\n## ")[0]
    assert {each.name for each in SCOPES} == {*re.findall(r"`([a-z]+(?::[a-z.]+)?|commands)`", documented)} - {
        *MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    }
    for each in SCOPES:
        name = f"`{each.name}`{' (optional)' if each.optional else ''}"
        assert f"| {name} | {each.purpose} | {each.without} |" in documented


def test_the_manifest_requests_only_scopes_the_code_uses():
    scopes = MANIFEST["oauth_config"]["scopes"]
    scopes_requested = {*scopes["bot"], *scopes["bot_optional"]} - {"users:read.email"}
    called = set(re.findall(r"client\.([a-z]+_\w+)", "".join(p.read_text() for p in ROOT.glob("bot/slack/*.py"))))
    assert called - NEED_NO_SCOPE <= set(SCOPE_OF)
    needed = {"commands"}
    for scope in (SCOPE_OF[name] for name in called - NEED_NO_SCOPE):
        needed |= {scope} if isinstance(scope, str) else {*scope}
    assert scopes_requested == needed


def test_the_manifest_subscribes_to_exactly_the_handled_events():
    handled = set(re.findall(r'app\.event\("(\w+)"\)', (ROOT / "handlers" / "listeners.py").read_text()))
    subscribed = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert {each.partition(".")[0] for each in subscribed} == handled  # message.im comes as a message
    assert [each for each in subscribed if "." in each] == ["message.im"]
    assert MANIFEST["features"]["app_home"]["home_tab_enabled"]


def test_the_manifest_has_only_keys_known_to_slack():
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
    known["oauth_config"] = {"redirect_urls", "scopes"}
    for manifest in EVERY:
        for path, keys in known.items():
            assert set(manifest[path] if path else manifest) <= keys, path


def test_make_thorough_runs_every_test_that_tries_a_share_of_its_random_cases():
    [listed] = re.findall(r"^LONG := ((?:.*\\\n)*.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    taking = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "tests").rglob("test_*.py")
        if re.search(r"\bshare_of(: |_examples\()", file.read_text())
    }
    assert set(listed.replace("\\", " ").split()) == taking
