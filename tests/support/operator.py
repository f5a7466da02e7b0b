"""The operator at the command line: a filled database with the app in the program's workspace and a partner's."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from click.testing import Result
from sqlalchemy import Engine
from typer.testing import CliRunner

from bot.cli.main import app
from bot.slack.scopes import SCOPES
from bot.slack.token_keys import TokenKeys, new_key
from tiercore.storage.transactions import Transactions
from tiercore.workspaces.service import Workspaces
from tiercore.workspaces.types import InstalledBy, InstalledToken, WorkspaceRole

NOW = datetime(2022, 9, 5, 12, tzinfo=UTC)
PUBLIC_URL = "https://tierbot.example.com"
PROGRAMS = InstalledBy("T01", None, "Program", False, "U0ADMIN")
PARTNERS = InstalledBy("T77", None, "Zweite GmbH", False, "U0BEA2")


@dataclass(slots=True)
class Operator:
    """Runs commands with the settings of an app that is installed by a click, whose tokens are sealed with `key`."""

    engine: Engine
    patch: pytest.MonkeyPatch
    key: str = field(default_factory=new_key)

    def __post_init__(self) -> None:
        self.set(
            TIERBOT_DATABASE_URL=self.engine.url.render_as_string(hide_password=False),
            SLACK_CLIENT_ID="1000.2000",
            SLACK_CLIENT_SECRET="secret",
            SLACK_SIGNING_SECRET="signing",
            TIERBOT_TOKEN_KEYS=self.key,
            TIERBOT_PUBLIC_URL=PUBLIC_URL,
        )

    @property
    def workspaces(self) -> Workspaces:
        """The service, at noon of the tests' day."""
        return Workspaces(Transactions(self.engine, lambda: NOW))

    def set(self, **settings: str) -> None:
        """Set environment variables; an empty one is as good as unset."""
        for name, value in settings.items():
            self.patch.setenv(name, value)

    def run(self, *words: str, typing: str | None = None) -> Result:
        """The outcome of `tierbot …`, where `typing` is what is typed to its questions."""
        return CliRunner().invoke(app, list(words), input=typing)

    def done(self, *words: str, typing: str | None = None) -> str:
        """What a command prints that has to end well."""
        result = self.run(*words, typing=typing)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *words: str) -> str:
        """What a command says that has to be refused in words, and not by a crash."""
        result = self.run(*words)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit)
        return result.stderr

    def install(self, by: InstalledBy, role: WorkspaceRole, *partners: str, scopes: Iterable[str] | None = None) -> str:
        """Install the app by an invitation; the token."""
        granted = [each.name for each in SCOPES] if scopes is None else scopes
        keys, token = TokenKeys([self.key]), f"xoxe.xoxb-{by.team_id}"
        sealed = InstalledToken("A1", "B1", "U0BOT", frozenset(granted), keys.seal(token), keys.seal("xoxe-1"), None)

        async def install() -> None:
            state = await self.workspaces.begin(await self.workspaces.invite(None, role, partners))
            await self.workspaces.install(by, sealed, await self.workspaces.use_state(state))

        asyncio.run(install())
        return token

    def tokens(self, *keys: str) -> list[str]:
        """The tokens of all workspaces, opened with the keys alone."""
        found = asyncio.run(self.workspaces.tokens())
        return [TokenKeys(keys).open(token.token) for _, token in found]
