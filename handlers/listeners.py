"""The Bolt listeners: commands are answered in the acknowledgement, clicks through the response_url."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import orjson
import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.response import BoltResponse

from handlers import tier_setup
from handlers.background import BackgroundTasks, Begun
from handlers.command_names import BEHIND, CommandNames
from handlers.commands.account import as_subcommand
from handlers.commands.entries import as_window
from handlers.commands.subscriptions import as_digest_subcommand
from handlers.context import Context
from handlers.conversation import QUESTIONS, Conversation, TypedCommand, typed_command
from handlers.enterprise import Enterprise, Installation
from handlers.entry_windows import SUBMITTED, EntryWindows
from handlers.file_drop import FileDrop, is_for_the_bot
from handlers.home import Home
from handlers.modals import FORMS, Modals, ModalSettings
from handlers.payload import Body, action_id_of, chosen_value, field_of, view_of, viewer_of
from handlers.presenter import Presenter, ephemeral, failures_logged
from handlers.proposals import decline_because
from handlers.read_log import ReadLog
from handlers.responder import DECISIONS, CountOutcome, Responder
from handlers.views.account import DO
from handlers.views.case import ANSWER, TITLE
from handlers.views.home import HOME, HomeState, read_state
from handlers.views.modals import FIELD
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import ACTION, FLAG, FORM, OPEN, read_value, title_of
from handlers.views.parts.typed import ENTRY
from handlers.views.proposals import DECLINING, declining
from handlers.workspace_events import Workspace
from tiercore.access import SlackUser
from tiercore.typed.types import Kind

if TYPE_CHECKING:
    from tiercore.approvals.service import Approvals
    from tiercore.cases.service import Cases
    from tiercore.ingest.staging.status import Syncs
    from tiercore.nightly import Verifications
    from tiercore.notifications.delivery import Outbox
    from tiercore.notifications.service import Notifications
    from tiercore.people.service import People
    from tiercore.typed.service import TypedEntries
    from tiercore.uploads.service import Uploads

BUDGET_SECONDS = 2.0
log = structlog.get_logger()


class Listeners:
    """Hands Slack's commands, clicks, events and submissions to the conversation, the Home tab and the modals."""

    def __init__(
        self,
        conversation: Conversation,
        people: "People",
        notifications: "Notifications",
        outbox: "Outbox",
        verifications: "Verifications",
        syncs: "Syncs",
        uploads: "Uploads",
        cases: "Cases",
        presenter: Presenter,
        background: BackgroundTasks,
        modals: ModalSettings,
        names: CommandNames,
        count_outcome: CountOutcome = lambda word, outcome: None,
        trusted_domains: frozenset[str] = frozenset(),
        *,
        approvals: "Approvals",
        installation: Installation,
        typed: "TypedEntries",
    ) -> None:
        self.names = names
        self.conversation, self.presenter, self.background = conversation, presenter, background
        answers, today = conversation.answers, conversation.today
        gateway = presenter.gateway
        self.workspace = Workspace(people, notifications, outbox, gateway)
        self.context = Context(
            people,
            notifications,
            answers,
            gateway,
            background,
            today,
            self.workspace,
            cases,
            trusted_domains,
            approvals=approvals,
            typed=typed,
        )
        self.read_log = ReadLog(people)
        self.responder = Responder(conversation, self.context, count_outcome, self.read_log)
        self.file_drop = FileDrop(self.context, uploads, presenter, self.responder)
        self.responder.on_click.update(self.file_drop.clicks)
        self._bot_user_id, self._decisions = installation.bot_user_id, {**DECISIONS, **self.file_drop.clicks}
        self.enterprise = Enterprise(installation, people, gateway)
        reply = self.responder.reply
        self.home = Home(
            answers,
            people,
            outbox,
            verifications,
            syncs,
            cases,
            presenter,
            reply,
            installation.team_id,
            self.responder.first_hour,
        )
        self.modals = Modals(self.context, modals)
        self.entries = EntryWindows(self.context, presenter)
        self.removed: str | None = None  # the event that ended the app's installation

    def register(self, app: AsyncApp) -> None:
        """Register the listeners. One for every command comes first: Bolt tries them in order, and each costs time."""
        words = "|".join(QUESTIONS)
        app.command(re.compile(f"^/({words})$"))(self.on_command)
        known = [self.know_workspace]
        app.action(re.compile(f"^({ACTION}|{OPEN}):"), middleware=known)(self.on_choice)
        app.action(re.compile(f"^{HOME}:"), middleware=known)(self.on_home)
        app.action(re.compile(f"^{FORM}:"), middleware=known)(self.on_form)
        app.action(re.compile(f"^{DO}:"), middleware=known)(self.on_button)
        app.action(re.compile(f"^{ENTRY}:"), middleware=known)(self.on_entry)
        app.view(re.compile(".*"), middleware=known)(self.on_submission)
        app.event("app_home_opened")(self.on_home_opened)
        app.event("app_uninstalled")(self.on_removal)
        app.event("tokens_revoked")(self.on_removal)
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
        app.options(re.compile(".*"), middleware=known)(self.on_options)
        app.shortcut(re.compile(".*"), middleware=known)(self.on_shortcut)

    async def know_workspace(self, body: Body, next_: Callable[[], Awaitable[None]]) -> None:
        """Before a click or a submission: learn whose workspace the user's is."""
        await self.enterprise.meet(body)
        await next_()

    async def on_command(self, body: Body) -> BoltResponse:
        """A slash command: answered in the acknowledgement, or after it where the answer takes too long."""
        command = typed_command(str(body["command"])[1:], str(body.get("text", "")))
        await self.enterprise.meet(body)
        if command.word == BEHIND and (kind := as_window(command.text)):
            self.background.start(self._open_entry(kind, body))
            return BoltResponse(status=200, body="")
        if subcommand := _subcommand_in(command):
            if (command.word, subcommand[0]) == (BEHIND, tier_setup.WORD):
                self.background.start(self._open_modal(tier_setup.WORD, body))
                return BoltResponse(status=200, body="")
            work = self.responder.run_subcommand(command.word, *subcommand, viewer_of(body))
            self.background.start(self.presenter.answer(work, body))
            return BoltResponse(status=200, body="")
        reply = self.responder.reply(command, viewer_of(body))
        if self.conversation.answers.immediate:
            begun = Begun(reply)
            if begun.ended:
                return self._acknowledged(begun.result, body)
            reply = begun.rest()
        answer = asyncio.ensure_future(reply)
        in_time, _ = await asyncio.wait((answer,), timeout=BUDGET_SECONDS)
        if in_time:
            return self._acknowledged(answer.result(), body)
        self.background.start(self.presenter.answer(answer, body))
        return BoltResponse(status=200, body="")

    def _acknowledged(self, message: Message, body: Body) -> BoltResponse:
        if self.presenter.fits_acknowledgement(message):
            return _json_response(self.names.spelled(ephemeral(message, message.blocks)))
        self.background.start(self.presenter.answer(_as_awaitable(message), body))
        return BoltResponse(status=200, body="")

    async def on_choice(self, ack: AsyncAck, body: Body) -> None:
        """A button or menu that asks a question: the answer takes the place of the ephemeral message, modal or Home tab
        that it was in, appears below a message that others see, or opens in a modal.
        """
        await ack()
        chosen = read_value(chosen_value(body))
        if chosen is None:
            log.warning("unknown_choice", user=viewer_of(body).user_id)
            return
        command, view = TypedCommand(*chosen), view_of(body)
        in_modal = view is not None and view.get("type") == "modal"
        opens = action_id_of(body).startswith(OPEN)
        if view is not None and not in_modal and not opens:
            state = read_state(view.get("private_metadata")).with_choice(*chosen)
            if state is not None:
                self._start_home(viewer_of(body), state, body)
                return
        answer, title = self.responder.reply(command, viewer_of(body)), title_of(command.word)
        if opens or (view is not None and not in_modal):
            self.background.start(self.presenter.answer_in_modal(answer, title, body, push=in_modal))
        elif view is not None:
            self.background.start(self.presenter.fill_modal(answer, title, str(view.get("id"))))
        else:
            self.background.start(self.presenter.answer(answer, body))

    async def on_button(self, ack: AsyncAck, body: Body) -> None:
        """A button that changes something: the reply follows the message. A decision that was made replaces it."""
        await ack()
        action = action_id_of(body).partition(":")[2]
        if action in self.responder.on_click:
            self.background.start(self._press(action, str(chosen_value(body)), body))

    async def _press(self, action: str, value: str, body: Body) -> None:
        viewer, view = viewer_of(body), view_of(body)
        reply = await self.responder.run_button(action, value, viewer)
        if view is None:
            decided = reply.done and action in self._decisions
            await self.presenter.answer(_as_awaitable(reply.message), body, for_everyone=decided)
        elif view.get("type") == "home":
            if self.enterprise.is_own_home(body):
                await self._open_home(viewer, read_state(view.get("private_metadata")))
        else:
            await self.presenter.fill_modal(_as_awaitable(reply.message), "Done", str(view.get("id")))

    async def on_home_opened(self, event: Body, body: Body) -> None:
        """Someone opens their Home tab: it shows the tab and partner that it showed last."""
        if event.get("tab") == "home":
            state = read_state((event.get("view") or {}).get("private_metadata"))
            await self.enterprise.meet(body)
            self._start_home(viewer_of(body), state, body)

    async def on_removal(self, event: Body, body: Body) -> None:
        """The app was uninstalled, or its bot token revoked: the operator has to install it again."""
        kind = str(event.get("type"))
        if kind == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
            return
        self.removed = kind
        log.error(kind, team=body.get("team_id"), next="install the app again and set its new SLACK_BOT_TOKEN")

    async def on_shortcut(self, ack: AsyncAck, body: Body) -> None:
        """A shortcut, which an operator may have added to the app: a message's or a global one shows the viewer's
        standing in a modal.
        """
        await ack()
        answer = self.responder.reply(TypedCommand("tier"), viewer_of(body))
        self.background.start(self.presenter.answer_in_modal(answer, title_of("tier"), body, push=False))

    async def on_message(self, event: Body, body: Body) -> None:
        """A message in a direct message with the bot: files are previewed, for anything else there are commands."""
        if is_for_the_bot(event, self._bot_user_id):
            await self.enterprise.meet(body)
            self.background.start(self.file_drop.answer(event, body))

    async def on_workspace_event(self, event: Body, body: Body) -> None:
        """Somebody's account or a channel has changed."""
        self.background.start(self._follow(event, str(body.get("team_id") or body.get("enterprise_id"))))

    async def _follow(self, event: Body, team_id: str) -> None:
        with failures_logged():
            await self.workspace.on_event(event, team_id)

    async def on_home(self, ack: AsyncAck, body: Body) -> None:
        """Someone chose a tab or a partner in Home."""
        await ack()
        self._start_home(viewer_of(body), read_state(chosen_value(body)), body)

    def _start_home(self, viewer: SlackUser, state: HomeState, body: Body) -> None:
        """Publish Home in the background, unless another workspace's was opened."""
        if self.enterprise.is_own_home(body):
            self.background.start(self._open_home(viewer, state))

    async def _refresh_home(self, viewer: SlackUser) -> None:
        with failures_logged():
            await self.home.refresh_for(viewer)

    async def _open_home(self, viewer: SlackUser, state: HomeState) -> None:
        with failures_logged():
            await self.home.open(viewer, state)

    async def on_form(self, ack: AsyncAck, body: Body) -> None:
        """A button that opens a modal to read or to fill in."""
        await ack()
        self.background.start(self._open_modal(action_id_of(body).partition(":")[2], body))

    async def _open_modal(self, kind: str, body: Body) -> None:
        with failures_logged():
            is_in_modal = (view_of(body) or {}).get("type") == "modal"
            if kind in tier_setup.WINDOWS:
                title, compose = tier_setup.WINDOWS[kind]
                await self.presenter.open_form(compose(self.context, viewer_of(body)), title, body, push=is_in_modal)
            elif view := await self.modals.open(kind, viewer_of(body), body):
                await self.presenter.open_view(view, body, push=is_in_modal)

    async def _open_entry(self, kind: Kind, body: Body) -> None:
        with failures_logged():
            await self.entries.open(kind, body)

    async def on_entry(self, ack: AsyncAck, body: Body) -> None:
        """A button about an entry that someone typed, or is typing."""
        await ack()
        self.background.start(self._act_on_entry(body))

    async def _act_on_entry(self, body: Body) -> None:
        with failures_logged():
            await self.entries.on_action(body)

    async def on_options(self, ack: AsyncAck, body: Body) -> None:
        """A search asks for its options."""
        await ack(options=await self.entries.options(body))

    async def on_submission(self, ack: AsyncAck, body: Body) -> None:
        """Someone submitted a modal."""
        view = view_of(body) or {}
        kind, text = str(view.get("callback_id")), field_of(view, FIELD)
        if kind == "digest":
            await ack(self.names.spelled(await self.modals.submit_notifications(viewer_of(body), view)))
        elif kind in SUBMITTED:
            await ack(self.names.spelled(await self.entries.submit(viewer_of(body), view)))
        elif kind == FLAG:
            await self._flag(ack, viewer_of(body), view)
        elif kind == ANSWER:
            await ack(self.names.spelled(await self.modals.submit_answer(viewer_of(body), view)))
        elif kind in tier_setup.KINDS:
            await ack(self.names.spelled(await tier_setup.submit(self.context, viewer_of(body), view)))
        elif kind == DECLINING:
            await ack({"response_action": "update", "view": self.names.spelled(declining())})
            self.background.start(self._decline(viewer_of(body), view))
        elif kind in FORMS:
            await ack(self.names.spelled(await self.modals.submit(kind, viewer_of(body), text)))
            if kind == "link":
                self.background.start(self._refresh_home(viewer_of(body)))
        else:
            await ack()

    async def _decline(self, viewer: SlackUser, submitted: Body) -> None:
        """Someone declined a proposal: the window shows it when it is done, which an import may delay."""
        work = decline_because(self.context, viewer, submitted)
        reply = await self.responder.reply_to(work, "decline", viewer)
        await self.presenter.fill_modal(_as_awaitable(reply.message), "Decline", str(submitted.get("id")))

    async def _flag(self, ack: AsyncAck, viewer: SlackUser, submitted: Body) -> None:
        """Someone flagged a figure: the window says so immediately, and shows what was found when it is."""
        read, response = await self.modals.read_flag(viewer, submitted)
        await ack(self.names.spelled(response))
        if read is not None:
            found = self.modals.flag(viewer, read)
            self.background.start(self.presenter.fill_modal(found, TITLE, str(submitted.get("id"))))


def _subcommand_in(command: TypedCommand) -> tuple[str, str] | None:
    """The subcommand that the text after a command asks for, and its own text; None for a question."""
    match command.word:
        case "tier":
            return as_subcommand(command.text)
        case "digest":
            return as_digest_subcommand(command.text)
    return None


async def _as_awaitable(message: Message) -> Message:
    return message


def _json_response(body: Body) -> BoltResponse:
    """A message as an acknowledgement, serialized by orjson, which takes a tenth of the SDK's time."""
    text = orjson.dumps(body).decode()
    return BoltResponse(status=200, body=text, headers={"content-type": "application/json"})


async def _ignore(ack: AsyncAck) -> None:
    """Acknowledge what no listener handles, or Slack would send it again."""
    await ack()
