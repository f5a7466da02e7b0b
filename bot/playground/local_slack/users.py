"""What people do in Slack, as one call each: type a command, click, submit a modal, open Home."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from bot.playground.local_slack import acknowledgement, elements, payloads
from bot.playground.local_slack.answer import Answer
from bot.playground.local_slack.api.chat import as_json
from bot.playground.local_slack.api.views import as_json as view_json
from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.http_delivery import BotResponse, Delivery, Kind
from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.sharing import shared
from bot.playground.local_slack.state.journal import SentRequest
from bot.playground.local_slack.state.state import SlackState
from bot.playground.local_slack.state.workspace import Channel, Person

Json = dict[str, Any]
Acknowledged = Callable[[BotResponse], list[Shown]]


class Users(ABC):
    """The actions of a workspace's people. Each call waits for the acknowledgement and, if that showed nothing, up to
    `wait` real seconds (by default `patience`) for something else to appear because of it.
    """

    state: SlackState
    patience: float
    should_escape: bool
    url: str

    @property
    @abstractmethod
    def _delivery(self) -> Delivery:
        """Delivers to the bot."""

    async def command(
        self,
        user: Person | str,
        word: str,
        text: str = "",
        *,
        channel: Channel | str | None = None,
        team_id: str | None = None,
        wait: float | None = None,
    ) -> Answer:
        """Type "/tier acme" in a channel, by default the workspace's first; in another workspace of the enterprise if
        `team_id` names one.
        """
        person, target = self.state.directory.person(user), self.state.directory.channel_or_first(channel)
        trigger = self.state.tokens.new_trigger(person.user_id)
        url = self._response_url("commands", person, target.channel_id, trigger)
        escaped = payloads.escaped(text, self.state.directory) if self.should_escape else text
        fields = payloads.command(self.state, person, word, escaped, target, url, team_id)
        payload = {**fields, "trigger_id": trigger}

        def acknowledged(response: BotResponse) -> list[Shown]:
            return acknowledgement.to_command(self.state, response, person.user_id, target.channel_id, trigger)

        return await self._do("slash_commands", word, payload, acknowledged, person, target.channel_id, wait)

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
        """Use an element of a message or view. It is named by label or action_id, or given itself; `row` names its
        table row by the beginning of any cell's text. `choice` is the option of a select, by value or text (naming the
        option instead of the select also works), or the new value of a field. Raises LookupError where there is no
        such element, or the person can't see it.
        """
        person = self._require_seen(user, on)
        block, element, option = elements.find(on.blocks, what, row)
        trigger = self.state.tokens.new_trigger(person.user_id, on.view_id or None)
        chosen = choice if option is None else option
        action = elements.action(block, element, chosen, f"{self.state.clock():.6f}")
        values = elements.state_values(on.blocks, {element["action_id"]: chosen})
        payload = payloads.interaction(self.state, "block_actions", person, trigger)
        payload.update(self._container(on, person, trigger, values), actions=[action])
        return await self._do("interactive", "block_actions", payload, _nothing, person, on.channel, wait)

    async def submit_view(
        self, user: Person | str, view: Shown, values: dict[str, Any] | None = None, *, wait: float = 0
    ) -> Answer:
        """Fill in a modal, its fields named by action_id or block_id, and submit it."""
        person = self._require_seen(user, view)
        trigger = self.state.tokens.new_trigger(person.user_id, view.view_id)
        filled = elements.state_values(view.blocks, values)
        payload = payloads.interaction(self.state, "view_submission", person, trigger)
        payload.update(view=payloads.on_view(self.state, view, filled)["view"], response_urls=[])

        def acknowledged(response: BotResponse) -> list[Shown]:
            return acknowledgement.to_submission(self.state, response, view.view_id, trigger)

        return await self._do("interactive", "view_submission", payload, acknowledged, person, "", wait)

    async def close_view(self, user: Person | str, view: Shown, *, wait: float = 0) -> Answer | None:
        """Cancel a modal; the answer is None unless the modal set `notify_on_close`, so that the bot is notified."""
        person, stored = self._require_seen(user, view), self.state.views.find(view.view_id)
        payload = payloads.interaction(self.state, "view_closed", person, "")
        payload.update(view=payloads.on_view(self.state, view, {"values": {}})["view"], is_cleared=False)
        payload.pop("trigger_id")
        self.state.views.close(stored)
        if not stored.body.get("notify_on_close"):
            return None
        return await self._do("interactive", "view_closed", payload, _nothing, person, "", wait)

    async def options(self, user: Person | str, on: Shown, what: str, query: str) -> Answer:
        """Type into a select whose options come from the bot; they are in the answer's `options`."""
        person = self._require_seen(user, on)
        block, element, _ = elements.find(on.blocks, what)
        payload = payloads.interaction(self.state, "block_suggestion", person, "")
        del payload["trigger_id"]
        payload.update(self._container(on, person, "", {"values": {}}))
        payload.pop("response_url", None)
        payload.update(action_id=element["action_id"], block_id=block["block_id"], value=query)
        options: list[Json] = []

        def acknowledged(response: BotResponse) -> list[Shown]:
            options.extend(acknowledgement.to_options(response))
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
        team_id: str | None = None,
        wait: float = 0,
    ) -> Answer:
        """Send an event, of another workspace of the enterprise if `team_id` names one. The same `event_id` with a
        `retry` from 1 to 3 is one of Slack's retries.
        """
        person = self.state.directory.person(user)
        payload = payloads.event(self.state, person, inner, event_id, team_id)
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason} if retry else {}
        channel = str(inner.get("channel", ""))
        return await self._do("events_api", str(inner["type"]), payload, _nothing, person, channel, wait, headers)

    async def share(
        self,
        user: Person | str,
        files: Mapping[str, bytes],
        text: str = "",
        *,
        thread_ts: str | None = None,
        wait: float | None = None,
    ) -> Answer:
        """Drop files in the direct message with the bot; without any, write the text to it."""
        person = self.state.directory.person(user)
        channel = self.state.directory.direct_message(person.user_id).channel_id
        message = as_json(self.state, shared(self.state, person, channel, files, text, thread_ts))
        inner = {**message, "channel": channel, "channel_type": "im"}
        return await self.event(person, inner, wait=self.patience if wait is None else wait)

    async def open_home(self, user: Person | str, *, wait: float | None = None) -> Answer:
        """Open the app's Home tab."""
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
        """Deliver, apply the acknowledgement, add it to the journal, and wait for what follows."""
        start = len(self.state.screen.stream)
        trigger = str(payload.get("trigger_id", ""))
        response = await self._delivery.deliver(kind, payload, headers or {})
        sent = self._acknowledge(name, payload, response, acknowledged, person)

        def seen() -> tuple[Shown, ...]:
            stream = self.state.screen.stream[start:]
            return tuple(each for each in stream if each.is_caused_by(trigger, person.user_id, channel))

        patience = self.patience if wait is None else wait
        if not sent.error and patience and not seen():
            await self.state.screen.until(lambda: bool(seen()), patience)
        return Answer(sent, seen())

    def _acknowledge(
        self, name: str, payload: Json, response: BotResponse, acknowledged: Acknowledged, person: Person
    ) -> SentRequest:
        error, problems, shown = response.error, tuple[str, ...](), list[Shown]()
        try:
            shown = acknowledged(response)
        except ApiError as refused:
            error, problems = refused.error, refused.problems
        sent = SentRequest(
            kind=name,
            payload=payload,
            status=response.status,
            body=response.body,
            seconds=response.seconds,
            at=self.state.clock(),
            user=person.user_id,
            error=error,
            problems=problems,
            shown=tuple(shown),
        )
        self.state.journal.entries.append(sent)
        return sent

    def _require_seen(self, user: Person | str, on: Shown) -> Person:
        person = self.state.directory.person(user)
        on.require_seen_by(person.user_id)
        return person

    def _container(self, on: Shown, person: Person, trigger: str, values: Json) -> Json:
        if on.view_id:
            return payloads.on_view(self.state, on, values)
        url = self._response_url("actions", person, on.channel, trigger, on.ts)
        return {**payloads.on_message(self.state, on, url), "state": values}

    def _response_url(self, kind: str, person: Person, channel: str, trigger: str, ts: str | None = None) -> str:
        key = self.state.tokens.new_response_url(person.user_id, channel, trigger, ts)
        return f"{self.url}{kind}/{self.state.workspace.team_id}/{key}"


def _nothing(_response: BotResponse) -> list[Shown]:
    """For an acknowledgement whose body Slack ignores."""
    return []
