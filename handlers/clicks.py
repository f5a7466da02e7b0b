"""Clicks: on a question, on a change, on Home and on what opens a window. Each is acknowledged, then done."""

import structlog
from slack_bolt.async_app import AsyncAck

from handlers.command_names import CommandNames
from handlers.commands.portfolio_file import STAYING
from handlers.context import Context
from handlers.home import Home
from handlers.payload import Body, action_id_of, action_of, chosen_value, pressed, view_of, viewer_of
from handlers.presenter import Presenter, as_awaitable
from handlers.responder import Responder
from handlers.typed_command import TypedCommand
from handlers.views.account import DO
from handlers.views.home import read_state
from handlers.views.parts.choices import ACTION, FORM, OPEN, read_value, title_of
from handlers.views.parts.controls import unfolded
from handlers.views.parts.typed import ENTRY
from handlers.views.sharing import read_as_of
from handlers.windows import Windows

log = structlog.get_logger()


class Clicks:
    """Hands clicks and submissions to the conversation, the Home tab and the windows."""

    def __init__(
        self,
        context: Context,
        responder: Responder,
        presenter: Presenter,
        home: Home,
        windows: Windows,
        names: CommandNames,
    ) -> None:
        self._start, self.responder, self.presenter = context.start, responder, presenter
        self.home, self.windows, self.names = home, windows, names
        self._families = {
            ACTION: self.on_choice,
            OPEN: self.on_choice,
            FORM: self.on_form,
            DO: self.on_button,
            ENTRY: self.on_entry,
        }

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
                self._start(self.home.show(viewer_of(body), state, body))
                return
        answer, title = self.responder.reply(command, viewer_of(body)), title_of(command.word)
        if opens or (view is not None and not in_modal):
            self._start(self.presenter.answer_in_modal(answer, title, body, push=in_modal))
        elif view is not None:
            self._start(self.presenter.fill_modal(answer, title, str(view.get("id"))))
        else:
            self._start(self.presenter.answer(answer, body))

    async def on_button(self, ack: AsyncAck, body: Body) -> None:
        """A button that changes something: the reply follows the message. A decision that was made replaces it."""
        await ack()
        action = action_id_of(body).split(":")[1]  # what follows tells it from others in its row
        if action in self.responder.on_click:
            self._start(self._press(action, str(chosen_value(body)), body))

    async def _press(self, action: str, value: str, body: Body) -> None:
        viewer, view = viewer_of(body), view_of(body)
        reply = await self.responder.run_button(action, value, viewer)
        if view is None:
            decided = reply.done and action in self.responder.decisions
            work = as_awaitable(reply.message)
            await self.presenter.answer(work, body, for_everyone=decided, below=action in STAYING)
        elif view.get("type") == "home":
            await self.home.show(viewer, read_state(view.get("private_metadata")), body)
        else:
            await self.presenter.fill_modal(as_awaitable(reply.message), "Done", str(view.get("id")))

    async def on_more(self, ack: AsyncAck, body: Body) -> None:
        """A menu of the buttons that have no room: what was chosen is pressed."""
        chosen = unfolded(chosen_value(body))
        press = self._families.get(chosen[0].partition(":")[0]) if chosen else None
        if chosen is None or press is None:
            await ack()
            log.warning("unknown_choice", user=viewer_of(body).user_id)
            return
        await press(ack, {**body, "actions": [{**action_of(body), **pressed(*chosen)}]})

    async def on_as_of(self, ack: AsyncAck, body: Body) -> None:
        """The question of a shared message, as of its day: for whoever clicks, by what they may see."""
        await ack()
        chosen = read_as_of(chosen_value(body))
        question = read_value(chosen[1]) if chosen else None
        if chosen is None or question is None:
            log.warning("unknown_choice", user=viewer_of(body).user_id)
            return
        answer = self.responder.reply(TypedCommand(*question), viewer_of(body), as_of=chosen[0])
        self._start(self.presenter.answer(answer, body))

    async def on_shortcut(self, ack: AsyncAck, body: Body) -> None:
        """A shortcut, which an operator may have added to the app: a message's or a global one shows the viewer's
        standing in a modal.
        """
        await ack()
        answer = self.responder.reply(TypedCommand("tier"), viewer_of(body))
        self._start(self.presenter.answer_in_modal(answer, title_of("tier"), body, push=False))

    async def on_home(self, ack: AsyncAck, body: Body) -> None:
        """Someone chose a tab or a partner in Home."""
        await ack()
        self._start(self.home.show(viewer_of(body), read_state(chosen_value(body)), body))

    async def on_form(self, ack: AsyncAck, body: Body) -> None:
        """A button that opens a modal to read or to fill in."""
        await ack()
        self._start(self.windows.open(action_id_of(body).partition(":")[2], body))

    async def on_entry(self, ack: AsyncAck, body: Body) -> None:
        """A button about an entry that someone typed, or is typing."""
        await ack()
        self._start(self.windows.act_on_entry(body))

    async def on_options(self, ack: AsyncAck, body: Body) -> None:
        """A search asks for its options."""
        await ack(options=await self.windows.options(body))

    async def on_submission(self, ack: AsyncAck, body: Body) -> None:
        """Someone submitted a modal."""
        submitted = await self.windows.submit(body)
        if submitted.response is None:
            await ack()
        else:
            await ack(self.names.spelled(submitted.response))
        if submitted.after is not None:
            self._start(submitted.after)
