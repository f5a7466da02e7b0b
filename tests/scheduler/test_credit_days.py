"""Over a year each subscriber gets exactly the messages about credit days that the model of credited_year names."""

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot.composing import Composer
from bot.settings import Settings
from bot.wiring import Core, create_core, create_services, open_conversation
from handlers.presenter import Presenter
from handlers.services import Services
from scheduler.credit_days import CreditDayMonitor
from scheduler.delivery import NoLongerWanted
from tests.support.credited_year import BEGINS, ENDS, Member, due, members_of, write_known
from tests.support.databases import Databases
from tests.support.recalibration import TABLE
from tests.support.served_bot import link_user
from tiercore.access import SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.notifications.outbox_types import ClaimedMessage, Outcome, Posted, SendPolicy, State
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import Topic
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.notifications import OutboxRow

CARLA, BEA = SlackUser("T1", "U1"), SlackUser("T1", "U2")
POLICY = SendPolicy(per_second=1_000)
NOON = datetime.combine(BEGINS, time(12), UTC)
NINE = Schedule(0, 540, "UTC")


class NoSlack:
    """Fails on any call: composing a message sends nothing."""


@dataclass
class Year:
    """The year as it passes: the day, and what by the model was to be sent and is to be sent."""

    core: Core
    chance: random.Random
    members: list[Member]
    folder: Path
    now: datetime = NOON
    imported: date = date.min
    expected: set[str] = field(default_factory=set)
    said: dict[str, tuple[str | None, bool]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.now.date()

    def import_known(self) -> None:
        """Import what has come on file since the last import."""
        known = {each.known for member in self.members for each in (*member.sales, *member.tiers)}
        if self.imported == date.min or any(self.imported < each <= self.today for each in known):
            write_known(self.folder, self.members, self.today)
            found = import_folder(self.core.engine, self.core.program, self.folder, today=self.today, mirror=True)
            assert not found.problems
            self.imported = self.today

    def expect(self, subscriptions: dict[str, tuple[set[str], date]]) -> None:
        """Note what a check of today is to queue: for each subscription its partners, and the day since which it is."""
        for key in list(self.said):
            subscription, partner_id, day = key.split(":")[1:]
            tier, was_on_file = self.said[key]
            row = self.member(partner_id).on_file(date.fromisoformat(day), self.today)
            is_read = subscription in subscriptions
            if row and not was_on_file and is_read and f"{key}.change" not in self.expected:
                self.expected |= {f"{key}.change"} | ({f"{key}.reply"} if row.tier != tier else set())
        for subscription, (partners, since) in subscriptions.items():
            for member in self.members:
                if member.partner_id in partners:
                    self.expected |= {
                        key.format(subscription) for key in due(member, self.today) if since <= told_on(key)
                    }

    def member(self, partner_id: str) -> Member:
        return next(each for each in self.members if each.partner_id == partner_id)


def told_on(key: str) -> date:
    """The day that a message is about: a credit day, or so many days before a recalibration."""
    kind, _, _, day, *days = key.split(":")
    return date.fromisoformat(day) - timedelta(int(days[0]) if kind == "recalibration_ahead" else 0)


@pytest.fixture
def years(databases: Databases, tmp_path: Path) -> Iterator[Callable[[int], Year]]:
    """A year for each seed, on a database of its own."""
    rules, cores = tmp_path / "rules.toml", list[Core]()
    rules.write_text(TABLE)

    def year(seed: int) -> Year:
        url = databases.filled(upgrade).render_as_string(hide_password=False)
        cores.append(create_core(Settings(database_url=url, program=rules)))
        chance = random.Random(f"year {seed}")
        return Year(cores[-1], chance, members_of(chance, 3), tmp_path / str(seed))

    yield year
    for core in cores:
        core.engine.dispose()


async def deliver(year: Year, services: Services, composer: Composer, monitors: list[CreditDayMonitor]) -> None:
    """Send everything that is due, one message a second and target; a sender dies now and then before it posts."""
    while await services.outbox.due_before(year.now):
        year.now += timedelta(seconds=2)
        claims = await services.outbox.exchange("one", [], POLICY, limit=100, verify=0)
        outcomes = [await outcome_of(each, year, composer) for each in claims.to_post]
        if year.chance.random() < 0.1:
            year.now += POLICY.lease + timedelta(seconds=1)
            await asyncio.gather(*(each.check() for each in monitors))
            await services.outbox.exchange("two", [], POLICY, limit=0, verify=1)
            continue
        ids = [each.outbox_id for each in claims.to_post]
        await services.outbox.exchange("one", [], POLICY, begin=dict.fromkeys(ids), limit=0, verify=0)
        await services.outbox.record("one", outcomes, POLICY)


async def outcome_of(message: ClaimedMessage, year: Year, composer: Composer) -> Outcome:
    try:
        draft = await composer.compose(message)
    except NoLongerWanted as error:
        return Outcome(message.outbox_id, State.DROPPED, reason=str(error))
    year.texts.append(str(draft.body["text"]))
    return Outcome(message.outbox_id, State.SENT, Posted("D1", str(message.outbox_id)))


def queued(engine: Engine) -> dict[str, tuple[str, dict]]:
    """The outbox: each message's state and content, by key."""
    with reading(engine) as connection:
        rows = connection.execute(select(table(OutboxRow))).all()
    return {row.key: (row.state, json.loads(row.what)) for row in rows}


async def live(year: Year) -> None:
    """Let the year pass: imports, outages, a subscriber who pauses, two replicas; check after every day."""
    core, chance = year.core, year.chance
    year.import_known()
    link_user(core.engine, "T1", "U1", "carla@example.com")
    link_user(core.engine, "T1", "U2", "bea@example.com")
    services = create_services(core, lambda: year.now)
    for user in (CARLA, BEA):
        await services.notifications.subscribe(user, [Topic.ALERTS], NINE, None)
    ids = {user: (await services.notifications.current(user))[0].subscription_id for user in (CARLA, BEA)}
    everybody, pauses = {each.partner_id for each in year.members}, BEGINS + timedelta(chance.randrange(300))
    resumes, since = pauses + timedelta(chance.randrange(1, 60)), BEGINS
    async with open_conversation(core, lambda: year.today) as (conversation, _):
        composer = Composer(conversation.answers, services, Presenter(NoSlack()), lambda: year.today)
        monitors = [CreditDayMonitor(conversation.answers, services.notifications, lambda: year.today) for _ in "12"]
        down_until = BEGINS
        while year.today < ENDS:
            year.now = datetime.combine(year.today + timedelta(1), time(12), UTC)
            if year.today in (pauses, resumes):
                change = services.notifications.pause if year.today == pauses else services.notifications.resume
                await change(BEA)
                since = year.today
            if chance.random() < 0.03:
                down_until = year.today + timedelta(chance.choice((1, 3, 7, 12)))
            if year.today < down_until:
                continue
            year.import_known()
            subscriptions = {ids[CARLA]: (everybody, BEGINS)}
            if not pauses <= year.today < resumes:
                subscriptions[ids[BEA]] = ({"P0"}, since)
            year.expect(subscriptions)
            await asyncio.gather(*(each.check() for each in monitors))
            await deliver(year, services, composer, monitors)
            found = queued(core.engine)
            assert set(found) == year.expected, f"{year.today}: {sorted(set(found) ^ year.expected)}"
            for key, (state, content) in found.items():
                assert state == "sent", (key, state)
                if key.startswith("credit_day") and key not in year.said and "said" in content:
                    _, _, partner_id, day = key.split(":")
                    member, on = year.member(partner_id), date.fromisoformat(day)
                    said = content["said"]
                    year.said[key] = (said["tier"], said["on_file"])
                    on_file = member.on_file(on, year.today) is not None
                    assert (said["tier"], said["on_file"]) == (member.outcome(on, year.today)[1], on_file), key


@pytest.mark.slow
async def test_over_a_year_everybody_gets_exactly_the_messages_due(
    years: Callable[[int], Year], share_of: Callable[[int], int], database_kind: str
):
    kinds = set[str]()
    for seed in range(share_of(8 if database_kind == "sqlite" else 4)):
        year = years(seed)
        try:
            await live(year)
        except AssertionError as error:
            error.add_note(f"year {seed}")
            raise
        kinds |= {key.partition(":")[0] for key in year.expected}
    assert kinds == {"credit_day", "recalibration_ahead"}
