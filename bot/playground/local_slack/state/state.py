"""The local Slack's state, in one object that its parts share."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.playground.local_slack.faults import Faults
from bot.playground.local_slack.screen import Screen, Shown
from bot.playground.local_slack.state.files import Files
from bot.playground.local_slack.state.journal import Journal
from bot.playground.local_slack.state.tokens import InteractionTokens
from bot.playground.local_slack.state.views import ViewStore
from bot.playground.local_slack.state.workspace import Directory, Workspace

POST_SECONDS = 1.0


@dataclass(slots=True)
class SlackState:
    """The state of one workspace; `clock` gives seconds since 1970.

    `former_token` is the one that was renewed, and when it ends. A history has at most `history_page` messages a page,
    and is shown once in `history_seconds` (0 for no limit). A list of members has at most `members_page` a page.
    """

    workspace: Workspace
    clock: Callable[[], float]
    bot_token: str
    app_token: str
    rate_limits: bool = True
    revoked: set[str] = field(default_factory=set)
    former_token: tuple[str, float] = ("", 0.0)
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)
    files: Files = field(default_factory=Files)
    unsupported_types: set[str] = field(default_factory=set)
    directory: Directory = field(init=False)
    screen: Screen = field(init=False)
    tokens: InteractionTokens = field(init=False)
    views: ViewStore = field(init=False)
    last_post: dict[str, float] = field(default_factory=dict)
    history_page: int = 999
    members_page: int = 999
    history_seconds: float = 0.0
    last_history: dict[str, float] = field(default_factory=dict)
    url: str = ""
    sockets_url: str = ""
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    counter: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.directory = Directory(self.workspace)
        self.screen = Screen(self.clock)
        self.tokens = InteractionTokens(self.clock)
        self.views = ViewStore()

    def is_current(self, token: str) -> bool:
        """Whether the token is the bot's, or was until it was renewed and hasn't ended."""
        former, ends = self.former_token
        return bool(token) and (token == self.bot_token or (token == former and self.clock() < ends))

    def readers_of(self, shown: Shown) -> frozenset[str]:
        """The ids of everyone who sees this message or view."""
        if shown.user is not None:
            return frozenset({shown.user})
        channel = self.directory.channels[shown.channel]
        return frozenset(each for each in self.directory.people if channel.includes(each))

    def taken_from_others(self) -> list[tuple[Shown, frozenset[str]]]:
        """Every message that a click replaced or deleted for people other than who clicked, and those people's ids."""
        found = []
        for shown in self.screen.stream:
            trigger = self.tokens.triggers.get(shown.trigger or "")
            if shown.former is None or trigger is None:
                continue
            others = self.readers_of(shown.former) - {trigger.user_id}
            if others:
                found.append((shown, others))
        return found

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Within it no message comes too soon after another: it was let in when it was sent."""
        limited, self.rate_limits = self.rate_limits, False
        try:
            yield
        finally:
            self.rate_limits = limited
