"""The app manifest of an installation, for Slack's "From a manifest": its commands, scopes and URLs."""

from typing import Any
from urllib.parse import urlsplit

from bot.slack.scopes import SCOPES
from handlers.command_names import BEHIND, CORE, Commands
from handlers.enterprise import ACCESS_GRANTED, ACCESS_REVOKED
from handlers.question import Question
from handlers.typed_command import QUESTIONS
from handlers.workspace_events import WORKSPACE_EVENTS

EVENTS_PATH = "/slack/events"
INSTALL_PATH, REDIRECT_PATH = "/slack/install", "/slack/oauth_redirect"
EXAMPLE_URL = "https://tierbot.example.com"
MAX_NAME_LENGTH = 35
ACCESS_EVENTS = (ACCESS_GRANTED, ACCESS_REVOKED)
BOT_EVENTS = ("app_home_opened", "app_uninstalled", "tokens_revoked", "message.im", *WORKSPACE_EVENTS)
_DESCRIPTION = "Where you stand in the partner tier program, what you're missing, and what expires soon"
_LONG_DESCRIPTION = (
    "{name} answers partners and their channel account managers: which tier you hold and which one your numbers reach, "
    "what you're missing for the next tier in points and in money, what expires soon, client by client and why, and "
    "what was gained and lost. Every figure follows the program's dated rules. What is unknown or not set is named, "
    "never guessed. Only you see the answers."
)


class InvalidManifest(ValueError):
    """No manifest can be made from these values; the message says what is valid."""


def app_manifest(
    url: str = EXAMPLE_URL,
    *,
    socket_mode: bool = False,
    oauth: bool = False,
    commands: Commands = "all",
    name: str = "tierbot",
) -> dict[str, Any]:
    """The manifest, as Slack's JSON.

    `url` is the bot's public URL, which isn't needed with `socket_mode`. With `oauth` the app can be installed by a
    click in many workspaces and in whole organizations, and its tokens rotate (slack#install). Raises InvalidManifest.
    """
    if oauth and socket_mode:
        raise InvalidManifest("an app that is installed by a click is reached over HTTP: leave out --socket-mode")
    if not 0 < len(name.strip()) <= MAX_NAME_LENGTH:
        raise InvalidManifest(f"an app's name has 1 to {MAX_NAME_LENGTH} characters")
    address = {} if socket_mode else {"url": _events_url(url)}
    request_url = {} if socket_mode else {"request_url": _events_url(url)}
    options_url = {} if socket_mode else {"message_menu_options_url": _events_url(url)}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": name.strip(),
            "description": _DESCRIPTION,
            "long_description": _LONG_DESCRIPTION.format(name=name.strip()),
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name.strip(), "always_online": True},
            "slash_commands": [
                {
                    "command": each.command,
                    **address,
                    "description": each.summary,
                    "usage_hint": _usage_hint(each, commands),
                    "should_escape": False,
                }
                for each in QUESTIONS.values()
                if commands == "all" or each.word in CORE
            ],
        },
        "oauth_config": {
            **({"redirect_urls": [f"{_base(url)}{REDIRECT_PATH}"]} if oauth else {}),
            "scopes": {
                "bot": [each.name for each in SCOPES if not each.optional],
                "bot_optional": [each.name for each in SCOPES if each.optional],
            },
        },
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": [*BOT_EVENTS, *(ACCESS_EVENTS if oauth else ())]},
            "interactivity": {"is_enabled": True, **request_url, **options_url},
            "org_deploy_enabled": oauth,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": oauth,
        },
    }


def _usage_hint(question: Question, commands: Commands) -> str:
    if commands == "core" and question.word == BEHIND:
        behind = ", ".join(word for word in QUESTIONS if word not in CORE)
        return f"{question.usage} | {behind} | help"
    return f"{question.usage} | help"


def _events_url(url: str) -> str:
    """The URL that Slack posts to. Raises InvalidManifest."""
    return f"{_base(url)}{EVENTS_PATH}"


def _base(url: str) -> str:
    """The bot's public URL without a path of its own. Raises InvalidManifest."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise InvalidManifest(f"{url} isn't a valid URL for Slack: it must begin with https://, like {EXAMPLE_URL}")
    return url.rstrip("/").removesuffix(EVENTS_PATH)
