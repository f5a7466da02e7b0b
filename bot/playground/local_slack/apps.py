"""The app as Slack knows it: its credentials, and what happens between Add to Slack and a token (OAuth v2)."""

import hmac
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from bot.playground.local_slack.errors import ApiError

if TYPE_CHECKING:
    from bot.playground.local_slack.state.state import SlackState

Json = dict[str, Any]
CODE_SECONDS = 600.0
TOKEN_SECONDS = 43_200


@dataclass(slots=True)
class _Code:
    """A code that is waiting to be exchanged: for which workspace, who allowed it, and to where it was sent."""

    state: "SlackState"
    user_id: str
    scopes: tuple[str, ...]
    redirect_uri: str
    expires_at: float


@dataclass(slots=True)
class OAuthApp:
    """One app. With `rotates` its tokens end after twelve hours and are renewed by a refresh token, used once. The one
    that was renewed is good until it ends.

    `refuses` are scopes that nobody is granted, as where people uncheck optional ones. `signed_in` is the team and the
    user that a browser comes to Slack's page as, unless they choose otherwise there.
    """

    clock: Callable[[], float]
    client_id: str = "1000.2000"
    client_secret: str = "local-client-secret"  # noqa: S105  (of a server that lives for one test)
    rotates: bool = True
    refuses: frozenset[str] = frozenset()
    signed_in: tuple[str, str] | None = None
    _codes: dict[str, _Code] = field(default_factory=dict)
    _refreshable: dict[str, "SlackState"] = field(default_factory=dict)
    _ends: dict[str, float] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def asked(self, authorize_url: str) -> dict[str, str]:
        """What an address of Slack's page asks for. Raises ValueError where Slack would show an error page."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(authorize_url).query).items()}
        if asked.get("client_id") != self.client_id:
            raise ValueError("invalid_client_id")
        if missing := {"scope", "redirect_uri", "state"} - asked.keys():
            raise ValueError(f"missing {', '.join(sorted(missing))}")
        return asked

    def allow(self, authorize_url: str, state: "SlackState", user_id: str) -> str:
        """Press Allow on Slack's page as somebody of the workspace; where the browser is sent to. Raises ValueError for
        an address that Slack would show an error page for.
        """
        asked = self.asked(authorize_url)
        code = secrets.token_urlsafe(16)
        granted = tuple(each for each in asked["scope"].split(",") if each and each not in self.refuses)
        expires_at = self.clock() + CODE_SECONDS
        self._codes[code] = _Code(state, user_id, granted, asked["redirect_uri"], expires_at)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def deny(self, authorize_url: str) -> str:
        """Press Cancel on Slack's page; where the browser is sent to."""
        asked = self.asked(authorize_url)
        return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"

    def access(self, arguments: Json) -> Json:
        """oauth.v2.access: a token for a code, or for a refresh token. Raises ApiError."""
        if not hmac.compare_digest(str(arguments.get("client_id", "")), self.client_id):
            raise ApiError("invalid_client_id")
        if not hmac.compare_digest(str(arguments.get("client_secret", "")), self.client_secret):
            raise ApiError("bad_client_secret")
        if arguments.get("grant_type") == "refresh_token":
            return self._renewed(str(arguments.get("refresh_token", "")))
        code = self._codes.pop(str(arguments.get("code", "")), None)
        if code is None:
            raise ApiError("invalid_code")
        if code.expires_at < self.clock():
            raise ApiError("code_expired")
        if arguments.get("redirect_uri") != code.redirect_uri:
            raise ApiError("bad_redirect_uri")
        code.state.workspace = code.state.directory.workspace = code.state.workspace.with_scopes(code.scopes)
        return self._token_of(code.state) | {"authed_user": {"id": code.user_id}}

    def _renewed(self, refresh_token: str) -> Json:
        state = self._refreshable.pop(refresh_token, None)
        if state is None:
            raise ApiError("invalid_refresh_token")
        state.former_token = state.bot_token, self._ends.get(state.bot_token, 0.0)
        return self._token_of(state)

    def _token_of(self, state: "SlackState") -> Json:
        number, workspace = next(self._numbers), state.workspace
        state.bot_token = f"xoxe.xoxb-{workspace.team_id}-{number}-{secrets.token_hex(8)}"
        answer: Json = {
            "app_id": workspace.app_id,
            "access_token": state.bot_token,
            "token_type": "bot",
            "scope": ",".join(workspace.scopes),
            "bot_user_id": workspace.bot_user_id,
            "team": {"id": workspace.team_id, "name": workspace.name},
            "enterprise": None,
            "is_enterprise_install": False,
        }
        if workspace.enterprise_id:
            answer["enterprise"] = {"id": workspace.enterprise_id, "name": workspace.name}
        if workspace.is_org_wide:
            answer |= {"team": None, "is_enterprise_install": True}
        if self.rotates:
            refresh_token = f"xoxe-1-{workspace.team_id}-{number}-{secrets.token_hex(8)}"
            self._refreshable[refresh_token] = state
            self._ends[state.bot_token] = self.clock() + TOKEN_SECONDS
            answer |= {"refresh_token": refresh_token, "expires_in": TOKEN_SECONDS}
        return answer
