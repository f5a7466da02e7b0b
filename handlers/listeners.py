"""Slack's side of the conversation: commands are answered in the acknowledgement, clicks through the response_url."""

import asyncio
import re
from collections.abc import Awaitable
from typing import TYPE_CHECKING

import orjson
import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.response import BoltResponse

from handlers.background import BackgroundTasks
from handlers.command_names import CommandNames
from handlers.commands.account import DECISIONS, Context, as_subcommand
from handlers.commands.subscriptions import as_digest_subcommand
from handlers.conversation import QUESTIONS, Conversation, TypedCommand, typed_command
from handlers.home import Home
from handlers.modals import FORMS, Modals, ModalSettings
from handlers.payload import Body, action_id_of, chosen_value, field_of, view_of, who
from handlers.presenter import Presenter, ephemeral, logged_refusals
from handlers.responder import ON_CLICK, Counted, Responder
from handlers.views.account import DO
from handlers.views.home import HOME, HomeState, read_state
from handlers.views.modals import FIELD
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import ACTION, FORM, OPEN, read_value, title_of
from tiercore.access import SlackUser

if TYPE_CHECKING:
    from tiercore.notifications.delivery import Outbox
    from tiercore.notifications.service import Notifications
    from tiercore.people.service import People

BUDGET_SECONDS = 2.0
log = structlog.get_logger()


class Listeners:
    """The Bolt listeners: thin, over a conversation, the Home tab and the modals."""

    def __init__(
        self,
        conversation: Conversation,
        people: "People",
        notifications: "Notifications",
        outbox: "Outbox",
        presenter: Presenter,
        background: BackgroundTasks,
        modals: ModalSettings,
        names: CommandNames,
        counted: Counted = lambda word, outcome: None,
    ) -> None:
        self.names = names
        self.conversation, self.presenter, self.background = conversation, presenter, background
        answers, today = conversation.answers, conversation.today
        self.context = Context(people, notifications, answers, presenter.gateway, background, today)
        self.responder = Responder(conversation, self.context, counted)
        self.home = Home(answers, people, outbox, presenter, self.responder.reply)
        self.modals = Modals(self.context, modals)

    def register(self, app: AsyncApp) -> None:
        """One router for every command comes first: each listener tried before the match costs time."""
        words = "|".join(QUESTIONS)
        app.command(re.compile(f"^/({words})$"))(self.on_command)
        app.action(re.compile(f"^({ACTION}|{OPEN}):"))(self.on_choice)
        app.action(re.compile(f"^{HOME}:"))(self.on_home)
        app.action(re.compile(f"^{FORM}:"))(self.on_form)
        app.action(re.compile(f"^{DO}:"))(self.on_button)
        app.view(re.compile(".*"))(self.on_submission)
        app.event("app_home_opened")(self.on_home_opened)
        app.event(re.compile(".*"))(_ignore)
        app.action(re.compile(".*"))(_ignore)

    async def on_command(self, body: Body) -> BoltResponse:
        """A slash command: the answer rides back in the acknowledgement, or follows it when it takes long."""
        asked = typed_command(str(body["command"])[1:], str(body.get("text", "")))
        if deed := _subcommand_in(asked):
            work = self.responder.done(asked.word, *deed, who(body))
            self.background.start(self.presenter.answer(work, body, replace=False))
            return BoltResponse(status=200, body="")
        if self.conversation.answers.immediate:
            return self._acknowledged(await self.responder.reply(asked, who(body)), body)
        answer = asyncio.ensure_future(self.responder.reply(asked, who(body)))
        done, _ = await asyncio.wait((answer,), timeout=BUDGET_SECONDS)
        if done:
            return self._acknowledged(answer.result(), body)
        self.background.start(self.presenter.answer(answer, body, replace=False))
        return BoltResponse(status=200, body="")

    def _acknowledged(self, message: Message, body: Body) -> BoltResponse:
        if self.presenter.fits_acknowledgement(message):
            return _written(self.names.spelled(ephemeral(message, message.blocks)))
        self.background.start(self.presenter.answer(_ready(message), body, replace=False))
        return BoltResponse(status=200, body="")

    async def on_choice(self, ack: AsyncAck, body: Body) -> None:
        """A button or list that asks a question: the answer takes the place of what it was on, in Home too, or opens a
        window.
        """
        await ack()
        chosen = read_value(chosen_value(body))
        if chosen is None:
            log.warning("choice_not_ours", user=who(body).user_id)
            return
        asked, view = TypedCommand(*chosen), view_of(body)
        in_window = view is not None and view.get("type") == "modal"
        opens = action_id_of(body).startswith(OPEN)
        if view is not None and not in_window and not opens:
            state = read_state(view.get("private_metadata")).with_choice(*chosen)
            if state is not None:
                self.background.start(self._home(who(body), state))
                return
        answer, title = self.responder.reply(asked, who(body)), title_of(asked.word)
        if opens or (view is not None and not in_window):
            self.background.start(self.presenter.answer_in_window(answer, title, body, push=in_window))
        elif view is not None:
            self.background.start(self.presenter.fill_window(answer, title, str(view.get("id"))))
        else:
            self.background.start(self.presenter.answer(answer, body, replace=True))

    async def on_button(self, ack: AsyncAck, body: Body) -> None:
        """A button that changes something: what came of it takes the place of the message it was on."""
        await ack()
        deed, about = action_id_of(body).partition(":")[2], str(chosen_value(body))
        if deed not in ON_CLICK:
            return
        view, work = view_of(body), self.responder.clicked(deed, about, who(body))
        if view is None:
            self.background.start(self.presenter.answer(work, body, replace=deed in DECISIONS))
        elif view.get("type") == "home":
            self.background.start(self._home_after(work, who(body), read_state(view.get("private_metadata"))))
        else:
            self.background.start(self.presenter.fill_window(work, "Done", str(view.get("id"))))

    async def _home_after(self, work: Awaitable[Message], viewer: SlackUser, state: HomeState) -> None:
        await work
        await self._home(viewer, state)

    async def on_home_opened(self, event: Body, body: Body) -> None:
        """Someone looks at their Home tab: it shows what it showed before."""
        if event.get("tab") == "home":
            shown = (event.get("view") or {}).get("private_metadata")
            team = body.get("team_id") or body.get("enterprise_id")
            viewer = SlackUser(str(team), str(event.get("user")))
            self.background.start(self._home(viewer, read_state(shown)))

    async def on_home(self, ack: AsyncAck, body: Body) -> None:
        """A tab or a partner was chosen in Home."""
        await ack()
        self.background.start(self._home(who(body), read_state(chosen_value(body))))

    async def _followed(self, viewer: SlackUser) -> None:
        with logged_refusals():
            await self.home.follow(viewer)

    async def _home(self, viewer: SlackUser, state: HomeState) -> None:
        with logged_refusals():
            await self.home.open(viewer, state)

    async def on_form(self, ack: AsyncAck, body: Body) -> None:
        """A button that opens a window to read or to fill in."""
        await ack()
        self.background.start(self._window(action_id_of(body).partition(":")[2], body))

    async def _window(self, kind: str, body: Body) -> None:
        with logged_refusals():
            form = await self.modals.window(kind, who(body), body)
            if form:
                await self.presenter.open_form(form, body)

    async def on_submission(self, ack: AsyncAck, body: Body) -> None:
        """A window was filled in."""
        view = view_of(body) or {}
        kind, text = str(view.get("callback_id")), field_of(view, FIELD)
        if kind == "digest":
            await ack(self.names.spelled(await self.modals.subscribed(who(body), view)))
        elif kind in FORMS:
            await ack(self.names.spelled(await self.modals.submitted(kind, who(body), text)))
            if kind == "link":
                self.background.start(self._followed(who(body)))
        else:
            await ack()


def _subcommand_in(asked: TypedCommand) -> tuple[str, str] | None:
    """The deed that the words after a command ask for, and its words; None for a question."""
    match asked.word:
        case "tier":
            return as_subcommand(asked.text)
        case "digest":
            return as_digest_subcommand(asked.text)
    return None


async def _ready(message: Message) -> Message:
    return message


def _written(body: Body) -> BoltResponse:
    """A message as an acknowledgement, written by orjson: the SDK's own way takes ten times as long."""
    text = orjson.dumps(body).decode()
    return BoltResponse(status=200, body=text, headers={"content-type": "application/json"})


async def _ignore(ack: AsyncAck) -> None:
    """What we don't know is acknowledged, or Slack would send it again."""
    await ack()
