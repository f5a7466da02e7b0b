"""What the bot has in each workspace: a client with its token, what it has learned there, listeners, a composer, a
poster. It serves one workspace by a token from the settings (`OneWorkspace`), or all that the app is installed in
(`bot.many_workspaces`).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import aiohttp
from slack_bolt.response import BoltResponse

from bot.composing import Composer
from bot.recipients import Recipients
from bot.release_notes import releases
from bot.settings import Settings
from bot.slack.app import CommandsFirst, create_bolt_app
from bot.slack.client import SlackClient, web_client
from bot.slack.poster import SlackPoster
from bot.slack.slack_time import SlackTime
from bot.wiring import command_names
from handlers.background import BackgroundTasks
from handlers.conversation import Conversation
from handlers.enterprise import Installation
from handlers.listeners import Listeners, OnRemoval
from handlers.modals import ModalSettings
from handlers.presenter import Presenter
from handlers.read_log import ReadLog
from handlers.responder import CountOutcome
from handlers.services import Services
from handlers.workspace_events import Workspace
from scheduler.delivery import Draft
from scheduler.poster import Poster
from tiercore.notifications.outbox_types import ClaimedMessage

Body = dict[str, Any]


@dataclass(slots=True)
class ServedWorkspace:
    """Everything of one workspace; its Bolt app is made when it is first needed, which commands don't."""

    installation: Installation
    slack: SlackClient
    presenter: Presenter
    listeners: Listeners
    composer: Composer
    poster: SlackPoster
    _app: CommandsFirst | None = field(default=None, init=False)

    @property
    def app(self) -> CommandsFirst:
        """The Bolt app."""
        if self._app is None:
            self._app = create_bolt_app(self.slack.client, self.listeners)
        return self._app

    async def dispatch(self, body: Body, headers: Mapping[str, str]) -> BoltResponse:
        """The answer to a verified request."""
        return await self.app.dispatch_body(body, headers)


class ServedWorkspaces(Protocol):
    """The workspaces that the bot serves, each by what it has there."""

    async def dispatch(self, body: Body, headers: Mapping[str, str]) -> BoltResponse:
        """The answer to a verified request, from whichever workspace."""

    async def poster_of(self, team_id: str, /) -> Poster:
        """Posts in a workspace. Raises NotInstalled where the app isn't, and Faulty where its token can't be used."""

    async def compose(self, message: ClaimedMessage) -> Draft:
        """An outbox message as of now. Raises as Composer, and as `poster_of`."""

    async def refresh_homes(self) -> None:
        """Make the Home tabs that were opened lately again."""

    @property
    def removed(self) -> str | None:
        """The event that ended the only installation; None while there is any, or could be."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all workspaces have in common. `answering` and `posting` are sessions: a post may take longer than an
    answer.
    """

    settings: Settings
    conversation: Conversation
    services: Services
    background: BackgroundTasks
    read_log: ReadLog
    slack_time: SlackTime
    count_outcome: CountOutcome
    answering: aiohttp.ClientSession
    posting: aiohttp.ClientSession

    @property
    def today(self) -> Callable[[], date]:
        """The day that questions are about."""
        return self.conversation.today

    def serve(
        self,
        installation: Installation,
        token: str,
        workspace_of: Callable[[str], Awaitable[Workspace | None]] | None = None,
        on_removal: OnRemoval | None = None,
    ) -> ServedWorkspace:
        """What the bot has in a workspace with this token. `workspace_of` gives others of them by their ID, None where
        the app isn't installed; `on_removal` is told the event that ended the installation.
        """
        settings, names = self.settings, command_names(self.settings)
        slack = SlackClient(
            token, settings.slack_api_url, settings.slack_response_url, self.answering, installation, names.spelled
        )
        presenter = Presenter(slack, accepted=settings.native_blocks == "yes", rejected=settings.native_blocks == "no")
        listeners = Listeners(
            self.conversation,
            self.services,
            presenter,
            self.background,
            ModalSettings(settings.feedback_channel, releases()),
            names,
            installation,
            self.count_outcome,
            settings.trusted_domains,
            self.read_log,
            workspace_of,
            on_removal,
            settings.public_url if settings.slack_client_id else "",
        )
        recipients = Recipients(slack, listeners.workspace, self.services.workspaces if workspace_of else None)
        composer = Composer(
            self.conversation.answers,
            self.services,
            presenter,
            self.today,
            recipients,
            listeners.sharer,
            listeners.arrivals,
        )
        client = web_client(token, settings.slack_api_url, self.posting)
        poster = SlackPoster(client, settings.post_seconds, names.spelled, self.slack_time)
        return ServedWorkspace(installation, slack, presenter, listeners, composer, poster)


class OneWorkspace:
    """The only workspace, by a token from the settings."""

    def __init__(self, served: ServedWorkspace) -> None:
        self.served = served

    async def dispatch(self, body: Body, headers: Mapping[str, str]) -> BoltResponse:
        """See ServedWorkspaces."""
        return await self.served.app.dispatch_body(body, headers)

    async def poster_of(self, _team_id: str, /) -> Poster:
        """See ServedWorkspaces."""
        return self.served.poster

    async def compose(self, message: ClaimedMessage) -> Draft:
        """See ServedWorkspaces."""
        return await self.served.composer.compose(message)

    async def refresh_homes(self) -> None:
        """See ServedWorkspaces."""
        await self.served.listeners.home.refresh()

    @property
    def removed(self) -> str | None:
        """See ServedWorkspaces."""
        return self.served.listeners.removed
