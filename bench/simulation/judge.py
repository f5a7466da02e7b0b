"""The judge of a simulated run: what stood in Slack and for how long, against what was due by the calendar and the
data.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, select

from bench.simulation.replica import CREDIT_DAY, POLICY, REPEATED, TICK_SECONDS, alert_text
from bench.simulation.scenario import HOUR, LATE, Scenario, Subscriber
from bench.simulation.slack import POST, Call, Json, SimulatedSlack
from bench.simulation.verdict import Copy, Double, Verdict
from bench.simulation.world import SUNDAY, World, moment
from bot.playground.local_slack.screen import Message
from tiercore.notifications.outbox_types import UNVERIFIED, marker_of
from tiercore.questions.signals import Level
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.moments import from_ms
from tiercore.storage.tables.notifications import OutboxRow

_MARGIN = 5.0
_USEFUL = 180.0  # seconds: a process that is killed sooner may not have planned anything
_CHANNEL_SECONDS = 1


class Judge:
    """Watches a run's Slack."""

    def __init__(self, world: World, scenario: Scenario, slack: SimulatedSlack) -> None:
        self._world, self._scenario, self._slack = world, scenario, slack
        self.verdict = Verdict(scenario.seed)
        self._copies: defaultdict[str, list[Copy]] = defaultdict(list)
        self._doubled_since: dict[str, float] = {}
        self._doubles: list[Double] = []
        self._paused: dict[tuple[int, str], tuple[float, float]] = {}
        self._disturbed: set[str] = set()
        slack.on_call, slack.on_effect, slack.on_limit = self._called, self._took_effect, self._limited

    def wrong(self, what: str) -> None:
        """Note a fault of ours."""
        self.verdict.wrong.append(f"{moment(self._world.now()):%a %H:%M:%S} {what}")

    def _called(self, call: Call) -> None:
        self.verdict.calls += 1
        self.verdict.failed += call.failing is not None
        if call.failing is not None and call.method != POST:
            self._disturbed.add(str(call.arguments.get("channel")))
        for key in ((call.process, call.method), (call.process, f"{call.method} {call.arguments.get('channel')}")):
            since, until = self._paused.get(key, (0.0, 0.0))
            if since <= call.made < until:
                self.wrong(
                    f"p{call.process} called {call.method} {until - call.made:.1f} s before Retry-After was over"
                )

    def _limited(self, call: Call, seconds: float) -> None:
        of_channel = call.method == POST and seconds <= _CHANNEL_SECONDS
        name = f"{call.method} {call.arguments.get('channel')}" if of_channel else call.method
        now = self._world.now()
        self._paused[call.process, name] = (now, now + seconds - 0.001)
        if call.failing is None and call.method == POST:
            self.wrong(f"two posts to {call.arguments['channel']} within a second")

    def _took_effect(self, call: Call, body: Json) -> None:
        if call.method == POST:
            self._posted(call, body)
        elif call.method == "chat.delete":
            self._deleted(str(body["ts"]))

    def _posted(self, call: Call, body: Json) -> None:
        marker = str(call.arguments["metadata"]["event_payload"]["mark"])
        copies, new = self._copies[marker], Copy(str(body["ts"]), call, self._world.now())
        repeated = str(call.arguments["text"]).endswith(REPEATED)
        if copies and not repeated and not any(each.is_late for each in (*copies, new)):
            self.wrong(f"{call.arguments['text']!r} was posted again while it stood (#{call.number})")
        copies.append(new)
        if len(copies) > 1:
            self._doubled_since.setdefault(marker, self._world.now())

    def _deleted(self, ts: str) -> None:
        marker, copies = next(item for item in self._copies.items() if any(each.ts == ts for each in item[1]))
        copies[:] = [each for each in copies if each.ts != ts]
        if not copies:
            self.wrong(f"the only copy of {marker} was deleted")
        if len(copies) <= 1 and marker in self._doubled_since:
            self._doubles.append(Double(marker, self._doubled_since.pop(marker), self._world.now()))

    def conclude(self, engine: Engine, up: list[tuple[float, float]]) -> Verdict:
        """The verdict, at the end of the run. `up` are the spans of seconds in which at least one process ran."""
        self._doubles += [Double(marker, start, None) for marker, start in self._doubled_since.items()]
        with reading(engine) as connection:
            rows = {row.key: row for row in connection.execute(select(table(OutboxRow)))}
        self._judge_rows(rows)
        self._judge_standing(rows, up)
        for double in self._doubles:
            self._judge_double(double, {marker_of(key): row for key, row in rows.items()}[double.marker])
        self.verdict.doubled_seconds = [(each.end or self._world.now()) - each.start for each in self._doubles]
        self.verdict.wrong += [f"not caught: {error!r}" for error in self._world.loop.failures]
        return self.verdict

    def _judge_rows(self, rows: dict[str, Any]) -> None:
        for key, row in rows.items():
            if row.state == "sent":
                self.verdict.sent += 1
            elif row.state == "held" and row.reason.startswith(UNVERIFIED) and self._lost_its_history(row.place):
                self.verdict.held += 1
            elif row.state != "dropped" or row.reason != "too late to send":
                self.wrong(f"{key} ended as {row.state}: {row.reason}")

    def _judge_standing(self, rows: dict[str, Any], up: list[tuple[float, float]]) -> None:
        standing = defaultdict[str, list[Message]](list)
        for message in self._slack.state.screen.messages.values():
            standing[str((message.metadata or {})["event_payload"]["mark"])].append(message)
        due = {key: (subscriber.target, may) for subscriber, key, may in self._due(up)}
        for key in sorted(rows.keys() - due.keys()):
            if key.startswith(("digest:", "alert:", "credit_day:")) and "change" not in key and not self._is_reply(key):
                self.wrong(f"{key} was queued, but not due")
        for key, (target, may) in due.items():
            row, messages = rows.get(key), standing.pop(marker_of(key), [])
            self._judge_message(key, target, may, row, messages)
        for key, row in rows.items():
            messages = standing.pop(marker_of(key), [])
            if self._is_reply(key) and row.state == "sent":
                self._judge_message(key, row.place, {1}, row, messages)
            elif key.startswith("unreachable:"):
                continue
            elif messages:
                self.wrong(f"{messages[0].text!r} stands, but isn't due")
        for messages in standing.values():
            self.wrong(f"{messages[0].text!r} stands, but is no message of ours")

    def _judge_message(self, key: str, target: str, may: set[int], row: Any, messages: list[Message]) -> None:
        """`may` says how many copies may stand."""
        if row is not None and row.state == "held":
            may = may | {0}
        repeats = [each for each in messages if each.text.endswith(REPEATED)]
        originals = len(messages) - len(repeats)
        if len(messages) not in may and not (repeats and originals <= 1 and self._lost_its_history(target)):
            self.wrong(
                f"{key} stands {len(messages)} times, due {sorted(may)} ({row and row.state}: {row and row.reason})"
            )
        channel = self._slack.state.directory.channel(target).channel_id
        for each in messages:
            said = each.text.removesuffix(REPEATED)
            if each.channel != channel:
                self.wrong(f"{key} stands in {each.channel} instead of {channel}")
            if not self._says_what_was_due(key, said):
                self.wrong(f"{key} says {said!r}")
            if row is not None and row.state == "sent" and len(messages) == 1 and each.ts != row.ts:
                self.wrong(f"{key} stands at {each.ts}, the outbox says {row.ts}")
            if float(each.ts) < row.made_at / 1_000 - 3:
                self.wrong(f"{key} stands at {each.ts}, before it was due")

    def _says_what_was_due(self, key: str, said: str) -> bool:
        kind, subscription_id, *_, last = key.split(":")
        if kind in ("digest", "credit_day") or self._is_reply(key):
            return said == key
        begins = alert_text(subscription_id, int(last))
        if int(last) == self._episodes():
            return said == f"{begins}{self._scenario.levels[-1][1].name}"
        return said.startswith(begins) and said.removeprefix(begins) in Level.__members__

    def _due(self, up: list[tuple[float, float]]) -> Iterator[tuple[Subscriber, str, set[int]]]:
        """Each message that is due, and how many copies of it may stand: none where no process ran for too long."""
        late = LATE.total_seconds()
        for each in self._scenario.subscribers:
            for slot in each.slots(self._scenario.ends):
                at = (slot.at - SUNDAY).total_seconds()
                useful = next((max(start, at) for start, end in up if end > max(start, at) + _USEFUL), float("inf"))
                possible = any(start <= at + late + _MARGIN and end >= at for start, end in up)
                may = {1} if useful - at < late - 2 * HOUR else {0, 1} if possible else {0}
                yield each, f"digest:{each.subscription_id}:{slot.period}", may
            if each.schedule is None:
                yield each, f"credit_day:{each.subscription_id}:P1:{CREDIT_DAY}", {1}
                for episode in range(1, self._episodes() + 1):
                    yield each, f"alert:{each.subscription_id}:P1:gold.sold_minimum:{episode}", {1}

    def _episodes(self) -> int:
        """How often the signal turned from green, at least three days after the crossing before."""
        episodes, level, green_since = 0, Level.GREEN, float("-inf")
        for at, after in self._scenario.levels[1:]:
            day = (moment(at)).date().toordinal()
            if level is Level.GREEN and (not episodes or day - green_since >= 3):
                episodes += 1
            if after is Level.GREEN:
                green_since = day
            level = after
        return episodes

    def _is_reply(self, key: str) -> bool:
        return key.startswith("alert:") and "." in key.rpartition(":")[2] and not key.endswith(".change")

    def _judge_double(self, double: Double, row: Any) -> None:
        if self._lost_its_history(row.place):
            return
        if double.end is None:
            self.wrong(f"{row.key} is doubled at the end")
            return
        if self._is_disturbed(row.channel) or row.done_at is None:
            return
        sent = (from_ms(row.done_at) - SUNDAY).total_seconds()
        checks = (sent + POLICY.settle.total_seconds(), sent + POLICY.sweep.total_seconds())
        check = next((each for each in checks if each >= double.start), checks[-1])
        if double.end > check + TICK_SECONDS + 10:
            self.wrong(f"{row.key} stood doubled {double.end - check:.0f} s after the check for copies was due")

    def _is_disturbed(self, channel: str) -> bool:
        """Whether a check for copies may have been late for a reason of its own."""
        scenario = self._scenario
        return bool(
            channel in self._disturbed
            or scenario.pages
            or scenario.outages
            or scenario.token_revoked
            or scenario.database_failing
            or self.verdict.kills
            or self.verdict.freezes
        )

    def _lost_its_history(self, place: str) -> bool:
        return any(span.channel == place for span in self._scenario.without_bot)
