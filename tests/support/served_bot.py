"""The real bot on a real port, and the local Slack in front of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Engine

from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Person, Workspace
from bot.serving import Bot
from bot.settings import Settings
from bot.terminal.render import render
from bot.wiring import Core
from handlers.views.parts.blocks import cell_text
from tiercore.access import SlackUser
from tiercore.people.linking import link
from tiercore.storage.transactions import Transactions, utc_now

TODAY = date(2022, 9, 5)
PEOPLE = tuple(
    Person(f"U0{name.upper()}", name, name.title(), f"{name}@example.com")
    for name in ("ana", "bea", "carla", "admin", "eve")
)
WORKSPACE = Workspace(people=PEOPLE, channels=(Channel("C01SALES", "sales"),), team_id="T01LOCAL")


class Clock:
    """Real time shifted to another moment; `jump` shifts it again."""

    def __init__(self, to: datetime) -> None:
        self.jump(to)

    def jump(self, to: datetime) -> None:
        self._offset = to - datetime.now(UTC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._offset


@dataclass
class ServedBot:
    """The bot with its workspace, its core and its clock."""

    slack: Slack
    bot: Bot
    core: Core
    clock: Clock


def connected_bot(core: Core, slack: Slack, moment: Callable[[], datetime] = utc_now, **settings: object) -> Bot:
    """The bot with the local Slack's tokens."""
    from_slack = {
        "slack_bot_token": slack.bot_token,
        "slack_signing_secret": slack.signing_secret,
        "slack_api_url": slack.api_url,
        "slack_response_url": slack.response_prefix,
        "feedback_channel": "C01SALES",
        "watch_seconds": 0.1,
        "tick_seconds": 0.1,
        "post_seconds": 0.4,
        "settle_seconds": 0.5,
        **settings,
    }
    return Bot(Core(Settings(**{**core.settings.model_dump(), **from_slack}), core.program, core.engine), moment=moment)


def text_of(answer) -> str:
    """The answer's visible text as one line of plain text."""
    return " ".join(render(answer.blocks, colour=False, width=400).split())


def table_in(answer) -> list[list[str]]:
    """The rows of the answer's table, its head first, each cell as text."""
    [table] = [block for block in answer.blocks if block["type"] in ("table", "data_table")]
    return [[cell_text(cell) for cell in row] for row in table["rows"]]


def link_user(engine: Engine, team: str, user: str, email: str) -> None:
    """Link a Slack user to a person, as the operator does."""
    Transactions(engine).write_now(lambda connection, now: link(connection, SlackUser(team, user), email, now))
