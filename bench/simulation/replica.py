"""One simulated process of tierbot: the real planning, delivery and removal of duplicates, over a simulated Slack."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from bench.simulation.scenario import LATE, POST_SECONDS, Scenario
from bench.simulation.slack import SimulatedClient, SimulatedSlack
from bench.simulation.storage import SimulatedTransactions
from bench.simulation.world import SUNDAY, World
from bot.slack.poster import SlackPoster
from bot.slack.slack_time import SlackTime
from scheduler.delivery import Delivery, Draft
from scheduler.duplicates import DuplicateRemoval
from scheduler.scheduler import Scheduler
from tests.support.posters import for_every_workspace
from tiercore.facts.entries import Partner
from tiercore.notifications.credit_news import CreditNews
from tiercore.notifications.delivery import Outbox
from tiercore.notifications.outbox_types import ClaimedMessage, SendPolicy
from tiercore.notifications.service import Notifications
from tiercore.notifications.types import Topic
from tiercore.program import load_program
from tiercore.questions.credit_day import LATE_DAYS
from tiercore.questions.signals import Level, Signal, Signals

TICK_SECONDS, IDLE_SECONDS, RESTART_SECONDS = 60.0, 1.0, 100.0
POLICY = SendPolicy()
PARTNER = Partner("P1", "Partner", "US", "USD", date(2019, 1, 1))
SIGNAL = "gold.sold_minimum"
CREDIT_DAY = SUNDAY.date() + timedelta(3)  # told once, whoever looks in the week after it
REPEATED = " (may be repeated)"
_RULES = load_program().on(SUNDAY.date())
MakePoster = Callable[[SimulatedClient, SlackTime, Callable[[], float]], SlackPoster]


class WatchedDelivery(Delivery):
    """A delivery that says whether it has nothing to do."""

    idle = False

    async def step(self) -> bool:
        """See Delivery."""
        self.idle = False
        busy = await super().step()
        self.idle = not busy
        return busy


def _poster(client: SimulatedClient, slack_time: SlackTime, steady: Callable[[], float]) -> SlackPoster:
    return SlackPoster(client, POST_SECONDS, slack_time=slack_time, steady=steady)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a process is made of; a test of the judge puts a faulty part in."""

    delivery: type[WatchedDelivery] = WatchedDelivery
    outbox: type[Outbox] = Outbox
    removal: type[DuplicateRemoval] = DuplicateRemoval
    transactions: type[SimulatedTransactions] = SimulatedTransactions
    poster: MakePoster = _poster
    policy: SendPolicy = POLICY


AS_BUILT = Parts()


class Replica:
    """One process. Its own clock is `ahead` of the true time by so many seconds."""

    def __init__(
        self,
        world: World,
        scenario: Scenario,
        slack: SimulatedSlack,
        engine: Engine,
        parts: Parts,
        number: int,
        ahead: float,
    ) -> None:
        self._world, self._scenario, self.number = world, scenario, number
        self._client = SimulatedClient(slack)
        self._slack_time = SlackTime(
            lambda: datetime.fromtimestamp(world.unix() + ahead, UTC), lambda: world.now() + 1_000 * number
        )
        steady = self._slack_time.started
        failing = scenario.database_failing
        transactions = parts.transactions(engine, self._slack_time.now, world, failing)
        outbox = parts.outbox(transactions, self._slack_time.now)
        poster = for_every_workspace(parts.poster(self._client, self._slack_time, steady))
        self._notifications = Notifications(transactions)
        self._delivery = parts.delivery(outbox, poster, self._compose, f"p{number}", parts.policy)
        removal = parts.removal(outbox, poster, parts.policy)
        self._scheduler = Scheduler(self._notifications, self._delivery, LATE, [self._check_signals, removal.remove])
        self._checked: object = None
        self._waits_for_slack = False

    @property
    def is_idle(self) -> bool:
        """Whether it only polls."""
        return self._waits_for_slack or (self._delivery.idle and not self._scheduler.ticking.locked())

    def look(self) -> None:
        """It has stood still: until it has looked what is due now, it isn't idle."""
        self._delivery.idle = False

    async def serve(self) -> None:
        """Ask Slack what time it is, then plan and deliver for ever."""
        while not await self._knows_the_time():
            self._world.at(self._world.now() + RESTART_SECONDS, lambda: None)
            self._waits_for_slack = True
            await asyncio.sleep(RESTART_SECONDS)
            self._waits_for_slack = False
        await asyncio.gather(self._tick(), self._delivery.run(IDLE_SECONDS))

    async def _knows_the_time(self) -> bool:
        asked = self._slack_time.started()
        try:
            async with asyncio.timeout(POST_SECONDS):
                answer = await self._client.auth_test()
        except Exception:
            return False
        self._slack_time.heard(asked, answer.headers)
        return True

    async def _tick(self) -> None:
        while True:
            await self._scheduler.tick()
            await asyncio.sleep(TICK_SECONDS)

    async def _check_signals(self) -> None:
        """As scheduler.alerts.AlertMonitor and scheduler.credit_days.CreditDayMonitor do: once for each version of the
        data, and each day.
        """
        seconds = self._world.now()
        version = sum(at <= seconds for at, _ in self._scenario.levels)
        day = self._notifications.now().date()
        if (version, day) == self._checked or all(each.schedule for each in self._scenario.subscribers):
            return
        subscribers = [each for each in await self._notifications.active() if each.topic is Topic.ALERTS]
        signal = Signal(SIGNAL, "gold", self._scenario.level_at(seconds))
        signals = Signals(PARTNER, day, _RULES, (signal,), (), version)
        await self._notifications.record_signals(signals, subscribers)
        if 0 <= (day - CREDIT_DAY).days <= LATE_DAYS:
            await self._notifications.queue_credit_news(CreditNews("P1", told=(CREDIT_DAY,)), subscribers, (), day)
        self._checked = (version, day)

    async def _compose(self, message: ClaimedMessage) -> Draft:
        await asyncio.sleep(self._world.chance.choice((0.0, 0.0, 0.01, 0.4)))
        text = text_of(message.key, message.content, self._scenario.level_at(self._world.now()))
        urgent = message.content["kind"] in ("alert", "credit_day")
        changes = message.content.get("as") == "change"
        again = {"text": f"{text}{REPEATED}"}
        return Draft({"text": text}, changes=changes, urgent=urgent, again=again)


def text_of(key: str, content: Mapping[str, object], level: Level) -> str:
    """What a message says: its key, or of an alert how serious it is at the moment."""
    if content["kind"] == "alert" and content.get("as") != "reply":
        return f"{alert_text(str(content['subscription']), int(str(content['episode'])))}{level.name}"
    return key


def alert_text(subscription_id: str, episode: int) -> str:
    """How the text of an alert begins."""
    return f"{subscription_id}, {SIGNAL}, crossing {episode}: "
