"""Run one seed: processes that are killed, frozen and started again, until the weeks are over."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import Engine, insert

from bench.simulation.judge import Judge
from bench.simulation.replica import AS_BUILT, Parts, Replica
from bench.simulation.scenario import CHANNELS, PEOPLE, Scenario, Subscriber, fault_for, scenario_of
from bench.simulation.slack import POST, Call, Failing, SimulatedSlack
from bench.simulation.storage import clear, empty_database, next_moment
from bench.simulation.verdict import Verdict
from bench.simulation.world import SUNDAY, World
from bot.playground.local_slack.state.workspace import Channel, Person, Workspace
from tiercore.notifications.timetable import Schedule
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import SubscriptionRow

TEAM = "T01LOCAL"
_FREEZES = (5.0, 70.0, 200.0, 400.0)
_COUNTED = ("calls", "failed", "kills", "freezes", "sent", "held")
_REVOKED = Failing("token_revoked", None, "status", 200, "token_revoked")


@dataclass(frozen=True, slots=True)
class Simulated:
    """The verdicts on a number of seeds."""

    verdicts: tuple[Verdict, ...]

    @property
    def wrong(self) -> tuple[Verdict, ...]:
        """Those on which the judge found a fault of ours."""
        return tuple(each for each in self.verdicts if each.wrong)

    def __str__(self) -> str:
        total = {name: sum(getattr(each, name) for each in self.verdicts) for name in _COUNTED}
        doubled = [seconds for each in self.verdicts for seconds in each.doubled_seconds]
        return (
            f"{len(self.verdicts):,} seeds, {total['calls']:,} calls, {total['failed']:,} of them failed, "
            f"{total['kills']:,} kills, {total['freezes']:,} freezes: {total['sent']:,} messages sent, {total['held']} "
            f"held for want of a history, {len(doubled)} taken late by Slack and doubled meanwhile (at most "
            f"{max(doubled, default=0):.0f} s); {len(self.wrong)} seeds wrong"
        )


def simulate(seeds: Iterable[int], parts: Parts = AS_BUILT, *, stop: bool = False) -> Simulated:
    """Run seeds one after another; with `stop`, up to the first that is wrong."""
    engine, verdicts = empty_database(), list[Verdict]()
    for seed in seeds:
        verdicts.append(Run(scenario_of(seed), engine, parts).judged())
        if stop and verdicts[-1].wrong:
            break
    engine.dispose()
    return Simulated(tuple(verdicts))


class Run:
    """One run of a scenario on an empty database. With `kill_at`, one process is killed before its step of that number,
    and nothing else is killed.
    """

    def __init__(self, scenario: Scenario, engine: Engine, parts: Parts = AS_BUILT, kill_at: int | None = None) -> None:
        self.scenario, self._engine, self._parts, self._kill_at = scenario, engine, parts, kill_at
        self.world = World(scenario.seed)
        channels = tuple(Channel(each, each.lower()) for each in CHANNELS)
        people = tuple(Person(each, each.lower()) for each in PEOPLE)
        self._slack = SimulatedSlack(self.world, Workspace(people=people, channels=channels))
        self.judge = Judge(self.world, scenario, self._slack)
        self._replicas: dict[int, Replica] = {}
        self._started = self._down = self.steps = 0
        self._up: list[tuple[float, float]] = []
        self._since = 0.0

    def judged(self) -> Verdict:
        """Let the weeks pass; the verdict."""
        clear(self._engine)
        self._subscribe()
        self._plan_trouble()
        loop, ends = self.world.loop, self.scenario.ends
        over = loop.create_future()
        self.world.at(ends, lambda: over.set_result(None))
        loop.before_step, loop.skip_to = self._before_step, self._skip_to
        with closing(loop):
            for _ in range(self.scenario.replicas):
                self._start()
            loop.run_until_complete(over)
            self._note_up()
            verdict = self.judge.conclude(self._engine, self._up)
        return replace(verdict, fingerprint=self.world.fingerprint())

    def _subscribe(self) -> None:
        rows = [_row(each) for each in self.scenario.subscribers]
        with self._engine.begin() as connection:
            connection.execute(insert(table(SubscriptionRow)), rows)

    def _plan_trouble(self) -> None:
        scenario, world = self.scenario, self.world
        self._slack.choose = self._fault
        if scenario.pages:
            self._slack.state.history_page, self._slack.state.history_seconds = scenario.pages, 60.0
        for at, level in scenario.levels[1:]:
            world.at(at, partial(world.note, f"the signal is {level.name}"))
        for span in scenario.outages:
            world.at(max(0.0, span.start), self._outage_begins)
            world.at(span.end, self._outage_ends)
        for span in scenario.without_bot:
            for at, has_bot in ((span.start, False), (span.end, True)):
                channel = Channel(span.channel, span.channel.lower(), has_bot=has_bot)
                world.at(max(0.0, at), partial(self._slack.state.directory.change, channel))

    def _fault(self, call: Call) -> Failing | None:
        scenario, chance = self.scenario, self.world.chance
        if any(span.start <= call.made < span.end for span in scenario.token_revoked):
            return _REVOKED
        if call.made > scenario.trouble_ends:
            return None
        percent = scenario.posts_failing if call.method == POST else scenario.others_failing
        return fault_for(chance, call) if chance.randrange(100) < percent else None

    def _before_step(self, number: int) -> None:
        """Now and then, kill or freeze the process that is about to go on."""
        self.steps += 1
        scenario, verdict, chance = self.scenario, self.judge.verdict, self.world.chance
        if self._kill_at is not None:
            if self.steps == self._kill_at:
                self._kill(number)
            return
        if self.world.now() > scenario.trouble_ends:
            return
        luck = chance.random()
        if verdict.kills < scenario.kills and luck < 0.004:
            self._kill(number)
        elif verdict.freezes < scenario.freezes and luck > 0.997:
            verdict.freezes += 1
            self.world.note(f"p{number} stands still")
            self.world.loop.freeze(number)
            self.world.at(self.world.now() + chance.choice(_FREEZES), lambda: self._thaw(number))

    def _thaw(self, number: int) -> None:
        self.world.loop.thaw(number)
        if number in self._replicas:
            self._replicas[number].look()

    def _kill(self, number: int) -> None:
        self.judge.verdict.kills += 1
        self._end(number)
        self.world.at(self.world.now() + self.world.chance.uniform(1, 90), self._start)

    def _end(self, number: int) -> None:
        self._note_up()
        self.world.note(f"p{number} is killed")
        self.world.loop.kill(number)
        del self._replicas[number]

    def _start(self) -> None:
        if self._down or len(self._replicas) >= self.scenario.replicas:
            return
        self._note_up()
        self._started += 1
        off = self.scenario.clocks_off
        ahead = self.world.chance.uniform(-off, off)
        number = self._started
        replica = Replica(self.world, self.scenario, self._slack, self._engine, self._parts, number, ahead)
        self._replicas[number] = replica
        self.world.note(f"p{number} starts, its clock {ahead:+.0f} s off")
        self.world.loop.start_process(number, replica.serve())

    def _outage_begins(self) -> None:
        self._down += 1
        for number in list(self._replicas):
            self._end(number)

    def _outage_ends(self) -> None:
        self._down -= 1
        for _ in range(self.scenario.replicas):
            self._start()

    def _note_up(self) -> None:
        """Note when a process ran until now; to be called before one starts or ends."""
        now = self.world.now()
        if self._replicas:
            self._up.append((self._since, now))
        self._since = now

    def _skip_to(self) -> float | None:
        loop = self.world.loop
        if not all(replica.is_idle or loop.is_frozen(number) for number, replica in self._replicas.items()):
            return None
        event = self.world.next_event()
        if not self._replicas:
            return event
        due = next_moment(self._engine, self.world.moment())
        if due is None or event is None:
            return None
        return min(event, (due - SUNDAY) / timedelta(seconds=1))


def _row(subscriber: Subscriber) -> dict[str, object]:
    schedule = subscriber.schedule or Schedule(0, 0, "UTC")
    due = next((as_ms(slot.at) for slot in subscriber.slots(30 * 86_400)), None)
    return {
        "subscription_id": subscriber.subscription_id,
        "team_id": TEAM,
        "place": subscriber.target,
        "topic": subscriber.topic.value,
        "weekday": schedule.weekday,
        "minute": schedule.minute,
        "timezone": schedule.timezone,
        "paused": False,
        "quiet_from": 0,
        "quiet_until": 0,
        "made_by": subscriber.target,
        "made_at": 0,
        "next_at": due,
    }
