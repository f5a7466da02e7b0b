"""A stress test of digests: replicas are killed at random, Slack fails, the database restarts; no message may be lost
or sent twice (`make torture`). Real processes and a real database; what arrived in the local Slack is the judge.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from sqlalchemy import Engine, func, insert, select

from bench.crowds import crossings_at_once, planned_at_once
from bench.data import write_folder
from bench.replicas import TEAM, Replicas, until
from bot.playground.local_slack import faults
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Person, Workspace
from tiercore.ingest.importing import import_folder
from tiercore.program import load_program
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine, database_url, reading
from tiercore.storage.moments import as_ms
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.notifications import OutboxRow, SubscriptionRow

SMALL = {"USMALL": 200}
_FAULTS = (
    faults.rate_limited(1),
    faults.RESET,
    faults.LOST_ANSWER,
    faults.HANG_AFTER_ACCEPTING,
    faults.HANG,
    faults.server_error(),
    faults.server_error(accepted=True),
    faults.accepted_late(3.5),  # after it was looked up and sent again
)


@dataclass(frozen=True, slots=True)
class Plan:
    """The test's parameters: messages to send, replicas, kills, the percentage of posts that fail, and so on."""

    messages: int = 2_000
    replicas: int = 3
    kills: int = 20
    percent: int = 12
    restarts: int = 1
    freezes: int = 2
    seed: int = 7


@dataclass(slots=True)
class Figures:
    """The results. `lost` and `doubled` count messages; `after` are the seconds from the last kill to the end."""

    messages: int
    lost: int
    doubled: int
    kills: int
    faults: int
    after: float
    seconds: float
    late: int = 0
    states: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        states = ", ".join(f"{number} {state}" for state, number in sorted(self.states.items()))
        return (
            f"{self.messages:,} messages, {self.kills} kills, {self.faults} failed posts, {self.late} of "
            f"them taken by Slack after they were sent again: {self.lost} lost, "
            f"{self.doubled} doubled; {self.after:.1f} s from the last kill, {self.seconds:.1f} s in all ({states})"
        )


def filled_database(url: str, folder: Path, messages: int) -> Engine:
    """A database in which so many Slack users subscribe to a partner's digest, all of them due this minute."""
    engine = create_database_engine(database_url(url))
    upgrade(engine)
    write_folder(folder, SMALL)
    imported = import_folder(engine, load_program(), folder, today=datetime(2022, 9, 5, tzinfo=UTC).date())
    assert not imported.problems, imported.problems[0]
    users = [f"U{number:05d}" for number in range(messages)]
    due = datetime.now(UTC).replace(second=0, microsecond=0)
    common = {"team_id": TEAM, "topic": "progress", "weekday": due.weekday(), "timezone": "UTC", "paused": False}
    common |= {"minute": due.hour * 60 + due.minute, "made_at": as_ms(due), "next_at": as_ms(due)}
    with engine.begin() as connection:
        bound = [{"team_id": TEAM, "user_id": user, "email": "usmall@example.com"} for user in users]
        connection.execute(insert(table(LinkRow)), bound)
        rows = [{**common, "subscription_id": f"s{user}", "place": user, "made_by": user} for user in users]
        connection.execute(insert(table(SubscriptionRow)), rows)
    return engine


async def torture(url: str, plan: Plan, restart: Callable[[], None] | None = None) -> Figures:
    """Run the test and count the messages that arrived. `restart` restarts the database."""
    chance, started = random.Random(plan.seed), time.monotonic()
    people = tuple(Person(f"U{n:05d}", f"u{n}", team_id=None) for n in range(plan.messages))
    with tempfile.TemporaryDirectory(prefix="tierbot-torture-") as folder:
        engine = filled_database(url, Path(folder), plan.messages)
        async with Slack(workspace=Workspace(people=people, team_id=TEAM)) as slack:
            failed = _inject_faults(slack, plan, chance)
            replicas = Replicas(slack, url, plan.replicas)
            try:
                await replicas.start()
                await until(lambda: len(_received(slack)) > plan.messages // 50, 60, "the first messages arrive")
                last = await _torment(replicas, plan, chance, restart)
                await until(lambda: not _under_way(engine, plan.messages), 240, "everything is sent")
            finally:
                await replicas.end()
            received = _received(slack)
        states = _states(engine)
        engine.dispose()
    now = time.monotonic()
    lost, late = plan.messages - len(received), sum(each.name == faults.accepted_late(0).name for each in failed)
    doubled = sum(number - 1 for number in received.values())
    return Figures(plan.messages, lost, doubled, plan.kills, len(failed), now - last, now - started, late, states)


async def _torment(replicas: Replicas, plan: Plan, chance: random.Random, restart: Callable[[], None] | None) -> float:
    """Kill, restart and freeze replicas, and restart the database; the time of the last kill."""
    halfway = plan.kills // 2
    frozen: list[asyncio.Future[None]] = []
    for number in range(plan.kills):
        await asyncio.sleep(chance.uniform(0.3, 1.2))
        await replicas.kill(chance)
        await replicas.start()
        if number == halfway and restart:
            await asyncio.to_thread(restart)
        if plan.replicas > 1 and len(frozen) < plan.freezes and chance.random() < 0.3:
            frozen.append(asyncio.ensure_future(replicas.freeze(chance, 4)))
    last = time.monotonic()
    await asyncio.gather(*frozen)
    return last


def _inject_faults(slack: Slack, plan: Plan, chance: random.Random) -> list[faults.Fault]:
    """Make some posts fail from now on; the list of injected faults, which grows."""
    failed: list[faults.Fault] = []

    def choose(method: str) -> faults.Fault | None:
        if method != "chat.postMessage" or chance.randrange(100) >= plan.percent:
            return None
        failed.append(chance.choice(_FAULTS))
        return failed[-1]

    slack.faults.chooser = choose
    return failed


def _received(slack: Slack) -> Counter[str]:
    return Counter(message.channel for message in slack.state.screen.messages.values())


def _states(engine: Engine) -> Counter[str]:
    with reading(engine) as connection:
        return Counter(connection.scalars(select(table(OutboxRow).c.state)))


def _under_way(engine: Engine, messages: int) -> bool:
    outbox = table(OutboxRow)
    try:
        states = _states(engine)
        with reading(engine) as connection:
            swept = connection.scalar(select(func.count()).where(outbox.c.sweep_at.is_not(None))) == 0
    except Exception:
        return True  # the database is being restarted
    return sum(states.values()) < messages or bool(states.keys() & {"pending", "sending", "unknown"}) or not swept


async def main() -> None:
    """Test both engines and print the results; exit status 1 if a message was lost or doubled."""
    parser = argparse.ArgumentParser(prog="make torture")
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=20)
    options, out = parser.parse_args(), Console(highlight=False, soft_wrap=True)
    from tests.support.postgres_server import PostgresServer, find_binaries

    found = []
    with tempfile.TemporaryDirectory(prefix="tierbot-torture-db-") as folder:
        plan = Plan(options.messages, replicas=1, kills=options.kills, freezes=0)
        found.append(await torture(f"sqlite:///{folder}/tierbot.db", plan))
        out.print(f"SQLite, one process: {found[-1]}")
        out.print(f"SQLite: {await asyncio.to_thread(planned_at_once, f'sqlite:///{folder}/planned.db')}")
        out.print(f"SQLite: {await crossings_at_once(f'sqlite:///{folder}/crossed.db', replicas=1)}")
    if (binaries := find_binaries()) is None:
        out.print("PostgreSQL's server is not installed: its run is left out (apt-get install postgresql)")
    else:
        server = PostgresServer(binaries)
        server.start()
        try:
            plan = Plan(options.messages, kills=options.kills)
            found.append(await torture(server.url(server.create_database()), plan, server.restart))
            out.print(f"PostgreSQL, three replicas, a restart: {found[-1]}")
            planned = await asyncio.to_thread(planned_at_once, server.url(server.create_database()))
            out.print(f"PostgreSQL: {planned}")
            out.print(f"PostgreSQL: {await crossings_at_once(server.url(server.create_database()))}")
        finally:
            server.stop()
    sys.exit(any(each.lost or each.doubled for each in found))


if __name__ == "__main__":
    asyncio.run(main())
