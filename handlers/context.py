"""What a handler of a change works with: the services, Slack, and today's date."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import structlog

from handlers.background import BackgroundTasks
from handlers.enterprise import Installation
from handlers.gateway import SlackGateway, SlackRefused
from handlers.services import Services
from handlers.views.parts.blocks import Message
from handlers.workspace_events import Workspace
from tiercore.access import NotLinked, Reach, SlackUser

if TYPE_CHECKING:
    from tiercore.answers import Answers

WorkspaceOf = Callable[[str], Awaitable[Workspace | None]]
Handler = Callable[["Context", SlackUser, str], Awaitable[Message]]
log = structlog.get_logger()


class Context:
    """The services behind subcommands, buttons and modals.

    It grants nothing: each handler looks up what the viewer may see and do, whatever a button's value claims. A person
    is linked without approval by a verified e-mail of one of the `trusted_domains`. Partners install the app in their
    own workspaces at the `public_url`, "" where the app is in one workspace only.
    """

    def __init__(
        self,
        services: Services,
        answers: "Answers",
        gateway: SlackGateway,
        background: BackgroundTasks,
        today: Callable[[], date],
        workspace: Workspace,
        trusted_domains: frozenset[str] = frozenset(),
        workspace_of: WorkspaceOf | None = None,
        installation: Installation | None = None,
        public_url: str = "",
    ) -> None:
        self._workspace_of, self.installation, self.public_url = workspace_of, installation, public_url
        self.services, self.answers, self.today = services, answers, today
        self.gateway, self._background, self.workspace = gateway, background, workspace
        self.trusted_domains = trusted_domains

    @property
    def is_partners(self) -> bool:
        """Whether the workspace is a partner's own, where nobody has a role in the program."""
        return self.installation is not None and self.installation.is_partners

    async def reach(self, viewer: SlackUser) -> Reach | None:
        """What the viewer may see; None for someone who isn't linked."""
        try:
            return await self.answers.reach(viewer)
        except NotLinked:
            return None

    async def workspace_of(self, team_id: str) -> Workspace:
        """The workspace where a user is reached: theirs, if the app is installed there on its own. Raises SlackRefused
        where it is in several and not, or no longer, in that one.
        """
        if self._workspace_of is None:
            return self.workspace
        found = await self._workspace_of(team_id)
        if found is None:
            raise SlackRefused("not_installed", team_id)
        return found

    @property
    def is_in_many(self) -> bool:
        """Whether the app may be in several workspaces."""
        return self._workspace_of is not None

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work in the background; it is finished before the bot stops."""
        self._background.start(work)

    def notify(self, users: Sequence[SlackUser], message: Message) -> None:
        """Send the message to each user in the background; a failure is logged."""
        self._background.start(self.send(users, message))

    async def send(self, users: Sequence[SlackUser], message: Message) -> None:
        """Send the message to each user; a failure is logged."""
        for user in users:
            try:
                workspace = await self.workspace_of(user.team_id)
                await workspace.gateway.post(user.user_id, {"text": message.text, "blocks": message.blocks})
            except Exception as error:
                log.warning("user_not_notified", user=user.user_id, error=type(error).__name__, reason=str(error)[:200])


@dataclass(frozen=True, slots=True)
class Subcommand:
    """Something that a command does other than answer its question: its word, usage, purpose and handler.

    The handler returns the reply. It raises InvalidChange, NotAllowed, InvalidInput, and whatever asking a question may
    raise. One that is `for_program` is only for the program's people, and isn't offered in a partner's workspace;
    `for_partners` is its summary there, where it is another one.
    """

    word: str
    usage: str
    summary: str
    handler: Handler
    for_program: bool = False
    for_partners: str = ""

    @property
    def summary_for_partners(self) -> str | None:
        """What is said of it in a partner's workspace; None where it isn't offered."""
        return None if self.for_program else self.for_partners or self.summary
