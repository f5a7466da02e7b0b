"""The Bolt listeners: commands are answered in the acknowledgement, clicks through the response_url."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.response import BoltResponse

from handlers import tier_setup
from handlers.acknowledgement import Acknowledged, encoded
from handlers.arrivals import Arrivals
from handlers.background import BackgroundTasks, Begun
from handlers.cache import CachedAnswer
from handlers.clicks import Clicks
from handlers.command_names import BEHIND, CommandNames
from handlers.commands.account import as_subcommand
from handlers.commands.entries import as_window
from handlers.commands.subscriptions import as_digest_subcommand
from handlers.context import Context, WorkspaceOf
from handlers.conversation import Conversation
from handlers.enterprise import ACCESS_GRANTED, ACCESS_REVOKED, Enterprise, Installation
from handlers.file_drop import FileDrop, is_for_the_bot
from handlers.home import Home
from handlers.modals import ModalSettings
from handlers.payload import Body, viewer_of
from handlers.presenter import Presenter, as_awaitable, failures_logged
from handlers.read_log import ReadLog
from handlers.responder import CountOutcome, Reply, Responder
from handlers.services import Services
from handlers.sharing import Sharer
from handlers.typed_command import QUESTIONS, TypedCommand, typed_command
from handlers.views.account import DO
from handlers.views.home import HOME, read_state
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import ACTION, FORM, OPEN
from handlers.views.parts.controls import MORE
from handlers.views.parts.surfaces import native_kinds
from handlers.views.parts.typed import ENTRY
from handlers.views.sharing import AS_OF
from handlers.windows import Windows
from handlers.workspace_events import Workspace

BUDGET_SECONDS = 2.0
OnRemoval = Callable[[str, datetime | None], Awaitable[None]]
REMOVALS = ("app_uninstalled", "tokens_revoked")
COMMANDS = frozenset(each.command for each in QUESTIONS.values())
log = structlog.get_logger()


class Listeners:
    """Hands Slack's commands, clicks, events and submissions to the conversation, the Home tab and the windows."""

    def __init__(
        self,
        conversation: Conversation,
        services: Services,
        presenter: Presenter,
        background: BackgroundTasks,
        modals: ModalSettings,
        names: CommandNames,
        installation: Installation,
        count_outcome: CountOutcome,
        trusted_domains: frozenset[str],
        read_log: ReadLog,
        workspace_of: WorkspaceOf | None = None,
        on_removal: OnRemoval | None = None,
        public_url: str = "",
    ) -> None:
        if installation.is_partners:
            conversation = conversation.of_partners()
        self.names, self.conversation, self.presenter, self.background = names, conversation, presenter, background
        answers, gateway = conversation.answers, presenter.gateway
        self.workspace = Workspace(services, gateway)
        context = Context(
            services,
            answers,
            gateway,
            background,
            conversation.today,
            self.workspace,
            trusted_domains,
            workspace_of,
            installation,
            public_url,
        )
        self.responder = Responder(conversation, context, count_outcome, read_log)
        self.file_drop = FileDrop(context, presenter, self.responder)
        self.responder.add_decisions(self.file_drop.clicks)
        self.enterprise = Enterprise(installation, services, gateway)
        self.home = Home(answers, services, presenter, self.responder, self.enterprise, public_url)
        self.sharer = Sharer(conversation, services.sharing, gateway, installation.bot_user_id)
        self.windows = Windows(context, presenter, self.home, self.responder, modals, self.sharer)
        self.clicks = Clicks(context, self.responder, presenter, self.home, self.windows, names)
        self.arrivals = Arrivals(services, answers, self.responder.first_hour)
        self._on_removal = on_removal
        self.removed: str | None = None  # the event that ended the app's installation

    def register(self, app: AsyncApp) -> None:
        """Register the listeners, but for commands: the app's first middleware passes those to `on_command`."""
        known = [self.know_workspace]
        app.action(re.compile(f"^({ACTION}|{OPEN}):"), middleware=known)(self.clicks.on_choice)
        app.action(re.compile(f"^{MORE}:"), middleware=known)(self.clicks.on_more)
        app.action(re.compile(f"^{HOME}:"), middleware=known)(self.clicks.on_home)
        app.action(re.compile(f"^{FORM}:"), middleware=known)(self.clicks.on_form)
        app.action(re.compile(f"^{DO}:"), middleware=known)(self.clicks.on_button)
        app.action(re.compile(f"^{ENTRY}:"), middleware=known)(self.clicks.on_entry)
        app.action(re.compile(f"^{AS_OF}:"), middleware=known)(self.clicks.on_as_of)
        app.view(re.compile(".*"), middleware=known)(self.clicks.on_submission)
        app.event("app_home_opened")(self.on_home_opened)
        app.event("app_uninstalled")(self.on_removal)
        app.event("tokens_revoked")(self.on_removal)
        app.event(ACCESS_GRANTED)(self.on_access)
        app.event(ACCESS_REVOKED)(self.on_access)
        app.event("message")(self.on_message)
        app.event("user_change")(self.on_workspace_event)
        app.event("channel_shared")(self.on_workspace_event)
        app.event("channel_unshared")(self.on_workspace_event)
        app.event("channel_archive")(self.on_workspace_event)
        app.event("channel_unarchive")(self.on_workspace_event)
        app.event("group_archive")(self.on_workspace_event)
        app.event("group_unarchive")(self.on_workspace_event)
        app.event("member_joined_channel")(self.on_workspace_event)
        app.event(re.compile(".*"))(_ignore)
        app.action(re.compile(".*"))(_ignore)
        app.view_closed(re.compile(".*"))(_ignore)
        app.options(re.compile(".*"), middleware=known)(self.clicks.on_options)
        app.shortcut(re.compile(".*"), middleware=known)(self.clicks.on_shortcut)

    async def know_workspace(self, body: Body, next_: Callable[[], Awaitable[None]]) -> None:
        """Before a click or a submission: learn whose workspace the user's is."""
        await self.enterprise.meet(body)
        await next_()

    def is_command(self, body: Body) -> bool:
        """Whether the payload is a slash command of ours."""
        command = body.get("command")
        return isinstance(command, str) and command in COMMANDS

    async def on_command(self, body: Body) -> BoltResponse:
        """A slash command: answered in the acknowledgement, or after it where the answer takes too long."""
        command = typed_command(str(body["command"])[1:], str(body.get("text", "")))
        await self.enterprise.meet(body)
        if command.word == BEHIND and (kind := as_window(command.text)):
            self.background.start(self.windows.open_entry(kind, body))
            return BoltResponse(status=200, body="")
        if subcommand := _subcommand_in(command):
            if (command.word, subcommand[0]) == (
                BEHIND,
                tier_setup.WORD,
            ) and not self.enterprise.installation.is_partners:
                self.background.start(self.windows.open(tier_setup.WORD, body))
                return BoltResponse(status=200, body="")
            work = self.responder.run_subcommand(command.word, *subcommand, viewer_of(body))
            self.background.start(self.presenter.answer(work, body))
            return BoltResponse(status=200, body="")
        reply = self.responder.answer(command, viewer_of(body))
        if self.conversation.answers.immediate:
            begun = Begun(reply)
            if begun.ended:
                return self._acknowledged(begun.result, body)
            reply = begun.rest()
        answer = asyncio.ensure_future(reply)
        in_time, _ = await asyncio.wait((answer,), timeout=BUDGET_SECONDS)
        if in_time:
            return self._acknowledged(answer.result(), body)
        self.background.start(self.presenter.answer(_message_of(answer), body))
        return BoltResponse(status=200, body="")

    def _acknowledged(self, reply: Reply, body: Body) -> BoltResponse:
        kept, fits = reply.answer, self.presenter.fits_acknowledgement
        if isinstance(kept, CachedAnswer):
            if fits(kept.kinds):
                return Acknowledged(kept.acknowledgement)
        elif fits(native_kinds(kept)):
            return Acknowledged(encoded(kept, self.names))
        self.background.start(self.presenter.answer(as_awaitable(reply.message), body))
        return BoltResponse(status=200, body="")

    async def on_home_opened(self, event: Body, body: Body) -> None:
        """Someone opens their Home tab: it shows the tab and partner that it showed last."""
        if event.get("tab") == "home":
            state = read_state((event.get("view") or {}).get("private_metadata"))
            await self.enterprise.meet(body)
            self.background.start(self.home.show(viewer_of(body), state, body))

    async def on_removal(self, event: Body, body: Body) -> None:
        """The app was uninstalled, or its bot token revoked: somebody has to install it again."""
        kind = str(event.get("type"))
        if kind == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
            return
        self.removed = kind
        if self._on_removal is not None:
            await self._on_removal(kind, _when(body))
        else:
            log.error(kind, team=body.get("team_id"), next="install the app again and set its new SLACK_BOT_TOKEN")

    async def on_access(self, event: Body) -> None:
        """An organization's installation reaches another of its workspaces, or one less."""
        with failures_logged():
            await self.enterprise.access_changed(event)

    async def on_message(self, event: Body, body: Body) -> None:
        """A message in a direct message with the bot: files are previewed, for anything else there are commands."""
        if is_for_the_bot(event, self.enterprise.installation.bot_user_id):
            await self.enterprise.meet(body)
            self.background.start(self.file_drop.answer(event, body))

    async def on_workspace_event(self, event: Body, body: Body) -> None:
        """Somebody's account or a channel has changed."""
        self.background.start(self._follow(event, str(body.get("team_id") or body.get("enterprise_id"))))

    async def _follow(self, event: Body, team_id: str) -> None:
        with failures_logged():
            await self.workspace.on_event(event, team_id)


def _when(body: Body) -> datetime | None:
    """When an event happened, by Slack's clock; None where it doesn't say."""
    at = body.get("event_time")
    return datetime.fromtimestamp(at, UTC) if isinstance(at, int) else None


def _subcommand_in(command: TypedCommand) -> tuple[str, str] | None:
    """The subcommand that the text after a command asks for, and its own text; None for a question."""
    match command.word:
        case "tier":
            return as_subcommand(command.text)
        case "digest":
            return as_digest_subcommand(command.text)
    return None


async def _message_of(answer: Awaitable[Reply]) -> Message:
    return (await answer).message


async def _ignore(ack: AsyncAck) -> None:
    """Acknowledge what no listener handles, or Slack would send it again."""
    await ack()
