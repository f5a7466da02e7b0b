"""What people do in Slack, each as one call: type a command, click, fill in a form, open Home."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.playground.local_slack import acknowledgement, elements, payloads
from bot.playground.local_slack.answer import Answer
from bot.playground.local_slack.api.views import as_json as view_json
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.http_delivery import Delivered, Delivery, Kind
from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.state.journal import Sent
from bot.playground.local_slack.state.state import State
from bot.playground.local_slack.state.workspace import Channel, Person

Json = dict[str, Any]
Acknowledged = Callable[[Delivered], list[Shown]]


class Users:
    """The people of a workspace and what they do. Each call waits for the acknowledgement, and then, if that showed
    nothing, up to `wait` real seconds (`patience` if not given) for something to appear because of it.
    """

    state: State
    patience: float
    should_escape: bool
    url: str

    @property
    def _delivery(self) -> Delivery:
        """The way to the bot."""
        raise NotImplementedError

    async def command(
        self,
        user: Person | str,
        word: str,
        text: str = "",
        *,
        channel: Channel | str | None = None,
        wait: float | None = None,
    ) -> Answer:
        """Someone types "/tier acme" in a channel (the workspace's first if none is named)."""
        person, place = self.state.directory.person(user), self.state.directory.place(channel)
        trigger = self.state.tickets.trigger(person.user_id)
        url = self._response_url("commands", person, place.channel_id, trigger)
        said = payloads.escaped(text, self.state.directory) if self.should_escape else text
        payload = {**payloads.command(self.state, person, word, said, place, url), "trigger_id": trigger}

        def acknowledged(got: Delivered) -> list[Shown]:
            return acknowledgement.to_command(self.state, got, person.user_id, place.channel_id, trigger)

        return await self._do("slash_commands", word, payload, acknowledged, person, place.channel_id, wait)

    async def click(
        self,
        user: Person | str,
        on: Shown,
        what: str | Json,
        choice: Any = None,
        *,
        row: str | None = None,
        wait: float | None = None,
    ) -> Answer:
        """Someone uses an element of a message or view: a button by its label or action_id, or as itself, in a table
        in the `row` that says so in any cell; a list, and `choice` from it by value or text (naming the option alone
        will do); a field with its new value. Raises LookupError where there is no such element, or it is not theirs
        to see.
        """
        person = self._sees(user, on)
        block, element, option = elements.find(on.blocks, what, row)
        trigger = self.state.tickets.trigger(person.user_id, on.view_id or None)
        chosen = choice if option is None else option
        act = elements.action(block, element, chosen, f"{self.state.clock():.6f}")
        values = elements.state_values(on.blocks, {element["action_id"]: chosen})
        payload = payloads.interaction(self.state, "block_actions", person, trigger)
        payload.update(self._where(on, person, trigger, values), actions=[act])
        return await self._do("interactive", "block_actions", payload, _nothing, person, on.channel, wait)

    async def submit_view(
        self, user: Person | str, view: Shown, values: dict[str, Any] | None = None, *, wait: float = 0
    ) -> Answer:
        """Someone fills in a modal, fields named by action_id or block_id, and submits it."""
        person = self._sees(user, view)
        trigger = self.state.tickets.trigger(person.user_id, view.view_id)
        filled = elements.state_values(view.blocks, values)
        payload = payloads.interaction(self.state, "view_submission", person, trigger)
        payload.update(view=payloads.on_view(self.state, view, filled)["view"], response_urls=[])

        def acknowledged(got: Delivered) -> list[Shown]:
            return acknowledgement.to_submission(self.state, got, view.view_id, trigger)

        return await self._do("interactive", "view_submission", payload, acknowledged, person, "", wait)

    async def close_view(self, user: Person | str, view: Shown, *, wait: float = 0) -> Answer | None:
        """Someone cancels a modal; the bot hears of it only where it asked to (`notify_on_close`)."""
        person, held = self._sees(user, view), self.state.views.find(view.view_id)
        payload = payloads.interaction(self.state, "view_closed", person, "")
        payload.update(view=payloads.on_view(self.state, view, {"values": {}})["view"], is_cleared=False)
        payload.pop("trigger_id")
        self.state.views.close(held)
        if not held.body.get("notify_on_close"):
            return None
        return await self._do("interactive", "view_closed", payload, _nothing, person, "", wait)

    async def options(self, user: Person | str, on: Shown, what: str, query: str) -> Answer:
        """Someone types into a list whose choices come from the bot; they are in the answer's `options`."""
        person = self._sees(user, on)
        block, element, _ = elements.find(on.blocks, what)
        payload = payloads.interaction(self.state, "block_suggestion", person, "")
        del payload["trigger_id"]
        payload.update(self._where(on, person, "", {"values": {}}))
        payload.pop("response_url", None)
        payload.update(action_id=element["action_id"], block_id=block["block_id"], value=query)
        options: list[Json] = []

        def acknowledged(got: Delivered) -> list[Shown]:
            options.extend(acknowledgement.to_options(got))
            return []

        answer = await self._do("interactive", "block_suggestion", payload, acknowledged, person, "", 0)
        return Answer(answer.sent, answer.shown, options)

    async def event(
        self,
        user: Person | str,
        inner: Json,
        *,
        event_id: str | None = None,
        retry: int = 0,
        reason: str = "http_timeout",
        wait: float = 0,
    ) -> Answer:
        """Something happened that the bot subscribed to. The same `event_id` with `retry` 1 to 3 is Slack's repeat."""
        person = self.state.directory.person(user)
        payload = payloads.event(self.state, person, inner, event_id)
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason} if retry else {}
        channel = str(inner.get("channel", ""))
        return await self._do("events_api", str(inner["type"]), payload, _nothing, person, channel, wait, headers)

    async def open_home(self, user: Person | str, *, wait: float | None = None) -> Answer:
        """Someone opens the app's Home tab."""
        person = self.state.directory.person(user)
        channel = self.state.directory.direct_message(person.user_id).channel_id
        inner: Json = {"type": "app_home_opened", "tab": "home", "channel": channel}
        if published := self.state.views.homes.get(person.user_id):
            inner["view"] = view_json(self.state, published)
        return await self.event(person, inner, wait=self.patience if wait is None else wait)

    async def _do(
        self,
        kind: Kind,
        name: str,
        payload: Json,
        acknowledged: Acknowledged,
        person: Person,
        channel: str,
        wait: float | None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Deliver, let the acknowledgement take effect, wait for what follows; all of it in the journal."""
        start = len(self.state.screen.stream)
        trigger = str(payload.get("trigger_id", ""))
        delivered = await self._delivery.deliver(kind, payload, headers or {})
        sent = self._acknowledge(name, payload, delivered, acknowledged, person)

        def seen() -> tuple[Shown, ...]:
            stream = self.state.screen.stream[start:]
            return tuple(each for each in stream if _caused(each, trigger, person, channel))

        patience = self.patience if wait is None else wait
        if not sent.error and patience and not seen():
            await self.state.screen.until(lambda: bool(seen()), patience)
        return Answer(sent, seen())

    def _acknowledge(
        self, name: str, payload: Json, delivered: Delivered, acknowledged: Acknowledged, person: Person
    ) -> Sent:
        error, problems, shown = delivered.error, tuple[str, ...](), list[Shown]()
        try:
            shown = acknowledged(delivered)
        except ApiError as refused:
            error, problems = refused.error, refused.problems
        at, took = self.state.clock(), delivered.seconds
        found = tuple(shown)
        sent = Sent(name, payload, delivered.status, delivered.body, took, at, person.user_id, error, problems, found)
        self.state.journal.entries.append(sent)
        return sent

    def _sees(self, user: Person | str, on: Shown) -> Person:
        person = self.state.directory.person(user)
        on.require_seen_by(person.user_id)
        return person

    def _where(self, on: Shown, person: Person, trigger: str, values: Json) -> Json:
        if on.view_id:
            return payloads.on_view(self.state, on, values)
        url = self._response_url("actions", person, on.channel, trigger, on.ts)
        return {**payloads.on_message(self.state, on, url), "state": values}

    def _response_url(self, kind: str, person: Person, channel: str, trigger: str, ts: str | None = None) -> str:
        key = self.state.tickets.response_url(person.user_id, channel, trigger, ts)
        return f"{self.url}{kind}/{self.state.workspace.team_id}/{key}"


def _nothing(_delivered: Delivered) -> list[Shown]:
    """An acknowledgement whose body Slack does not read."""
    return []


def _caused(shown: Shown, trigger: str, person: Person, channel: str) -> bool:
    """Whether this appeared because of the interaction, as far as its person can tell."""
    if shown.trigger:
        return shown.trigger == trigger
    if shown.where != "message":
        return shown.user == person.user_id
    return shown.channel == channel and shown.user in (None, person.user_id)
