"""Actions on the page, performed in the local Slack as the person who is chosen there."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from bot.playground.local_slack import faults
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.server import Slack
from bot.playground.world.partner_workspace import PartnerWorkspace
from bot.playground.world.people import Account
from bot.playground.world.world import BUSY, World, command_error
from tiercore.people.types import NotAllowed
from tiercore.questions.recalibration_days import recalibration_of

Json = dict[str, Any]
FAULTS = {
    "429, too many requests": ("*", faults.rate_limited(1)),
    "500 from Slack": ("*", faults.server_error()),
    "lost answer: a post arrives, but its answer doesn't": ("chat.postMessage", faults.LOST_ANSWER),
    "time-out: a post arrives, but nothing answers": ("chat.postMessage", faults.HANG_AFTER_ACCEPTING),
    "a window can no longer be opened": ("views.open", faults.EXPIRED_TRIGGER),
}
LABELS = {fault.name: label for label, (_, fault) in FAULTS.items()}
REFUSED = "charts and tables refused"
_OF_THE_APP = frozenset({"command", "home", "remove"})
FURTHEST = date(2100, 12, 31)


class CannotDo(ValueError):
    """The action is impossible here; the message says what to do instead."""


def require_installed(slack: Slack) -> None:
    """Raises CannotDo where tierbot isn't installed in this workspace."""
    if not slack.is_installed:
        raise CannotDo(f"tierbot isn't installed in the Slack of {slack.state.workspace.name}: add it first")


class PageActions:
    """The page's actions."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._actions: dict[str, Callable[[Account, Json], Awaitable[Json]]] = {
            "command": self._command,
            "click": self._click,
            "submit": self._submit,
            "options": self._options,
            "close": self._close,
            "home": self._home,
            "clock": self._clock,
            "fault": self._fault,
            "invite": self._invite,
            "remove": self._remove,
        }

    async def do(self, who: Account, request: Json) -> Json:
        """Perform an action; its result for the page. Raises CannotDo."""
        name = str(request.get("do"))
        action = self._actions.get(name)
        if action is None:
            raise CannotDo("the page sent something unknown: reload it")
        if name in _OF_THE_APP:
            require_installed(self.world.slack_of(who))
        try:
            return await action(who, request)
        except (LookupError, ApiError) as error:
            raise CannotDo(f"that's no longer there: {error}") from error

    async def _command(self, who: Account, request: Json) -> Json:
        line, channel = str(request.get("text", "")).strip(), str(request.get("channel"))
        if not self.world.slack_of(who).directory.channel(channel).includes(who.user_id):
            raise CannotDo("that channel isn't yours")
        if wrong := command_error(line):
            raise CannotDo(wrong)
        answer = await self.world.type(who, line, channel, wait=0)
        return _told(answer.sent.error, answer.sent.problems)

    async def _click(self, who: Account, request: Json) -> Json:
        on, element = self._surface(who, request), request.get("element")
        if not isinstance(element, dict):
            raise CannotDo("the page didn't say what was clicked: reload it")
        answer = await self.world.slack_of(who).click(who.user_id, on, element, request.get("choice"), wait=0)
        return _told(answer.sent.error, answer.sent.problems)

    async def _submit(self, who: Account, request: Json) -> Json:
        values = request.get("values")
        on = self._surface(who, request)
        answer = await self.world.slack_of(who).submit_view(who.user_id, on, values if isinstance(values, dict) else {})
        errors = next((each.errors for each in answer.shown if each.errors), {})
        return {**_told(answer.sent.error, answer.sent.problems), "errors": errors}

    async def _options(self, who: Account, request: Json) -> Json:
        """What the bot offers for a select while someone types into it."""
        on, element = self._surface(who, request), str(request.get("element"))
        answer = await self.world.slack_of(who).options(who.user_id, on, element, str(request.get("text", "")))
        return {**_told(answer.sent.error, answer.sent.problems), "options": answer.options}

    async def _close(self, who: Account, request: Json) -> Json:
        with suppress(CannotDo):  # closed already: Escape was pressed twice
            await self.world.slack_of(who).close_view(who.user_id, self._surface(who, request))
        self.world.slack.state.screen.notify()
        return {}

    async def _home(self, who: Account, _request: Json) -> Json:
        answer = await self.world.slack_of(who).open_home(who.user_id, wait=0)
        return _told(answer.sent.error, answer.sent.problems)

    def _surface(self, who: Account, request: Json) -> Shown:
        """The message or view that the request names, as the person currently sees it. Raises CannotDo."""
        slack, where = self.world.slack_of(who), request.get("where")
        found: Shown | None = None
        if where == "message":
            seen = slack.messages(str(request.get("channel")), who.user_id)
            found = next((each for each in seen if each.ts == request.get("ts")), None)
        elif where == "home":
            found = slack.home(who.user_id)
        elif where == "modal":
            found = slack.modal(who.user_id)
            found = found if found and found.view_id == request.get("view") else None
        if found is None or (found.channel and not slack.directory.channel(found.channel).includes(who.user_id)):
            raise CannotDo("that's no longer there: look again")
        return found

    async def _clock(self, _who: Account, request: Json) -> Json:
        if request.get("to") == "stop":
            self.world.stop_advancing()
            return {}
        if self.world.busy.locked():
            raise CannotDo(BUSY)
        to = self._day(str(request.get("to")))
        if to < self.world.day or request.get("to") == "today":
            await self.world.jump_to(to)
            return {}
        async for _ in self.world.advance(to):
            pass
        return {}

    def _day(self, to: str) -> date:
        today = self.world.day
        match to:
            case "today":
                day = date.today()  # noqa: DTZ011  (the user's local day)
            case "day":
                day = today + timedelta(1)
            case "week":
                day = today + timedelta(7)
            case "recalibration":
                ends, _ = recalibration_of(today + timedelta(1), self.world.core.program)
                day = ends
            case _:
                try:
                    day = date.fromisoformat(to)
                except ValueError:
                    raise CannotDo("type a day like 2022-09-05") from None
        if not date(2019, 1, 1) <= day <= FURTHEST:
            raise CannotDo(f"choose a day from 2019-01-01 to {FURTHEST}")
        return day

    async def _fault(self, who: Account, request: Json) -> Json:
        name, slack = str(request.get("name")), self.world.slack_of(who)
        if name == "none":
            slack.faults.clear()
            await self.world.set_unsupported_types(slack)
        elif name == REFUSED:
            await self.world.set_unsupported_types(slack, "data_visualization", "data_table", "table")
        elif name in FAULTS:
            slack.faults.add(*FAULTS[name])
        else:
            raise CannotDo("choose a fault from the list")
        self.world.slack.state.screen.notify()
        return {}

    async def _invite(self, who: Account, _request: Json) -> Json:
        """The link for installing tierbot in the partner's workspace, as the CAM would send it."""
        try:
            return {"link": await self._partner(who).invitation(who)}
        except NotAllowed as error:  # since other files were imported
            raise CannotDo(str(error)) from error

    async def _remove(self, who: Account, _request: Json) -> Json:
        """Remove tierbot from the partner's workspace."""
        await self._partner(who).slack.uninstall(who.user_id)
        self.world.slack.state.screen.notify()
        return {}

    def _partner(self, who: Account) -> PartnerWorkspace:
        """The partner's workspace, which this person has to be of. Raises CannotDo."""
        if self.world.partner is None or who.key not in self.world.partner.people:
            raise CannotDo("choose the partner's workspace first")
        return self.world.partner


def _told(error: str | None, problems: tuple[str, ...]) -> Json:
    return {"error": f"{error}: {'; '.join(problems)}".rstrip(": ")} if error else {}
