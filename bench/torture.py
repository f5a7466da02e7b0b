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
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console
from sqlalchemy import Engine, func, insert, select

from bench.crowds import crossings_at_once, planned_at_once
from bench.data import write_folder
from bench.judge import Due, Figures, Judge
from bench.replicas import TEAM, Replicas, until
from bench.trouble import Trouble
from bot.composing import STOP, STOP_HERE
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Person, Workspace
from bot.settings import Settings
from bot.wiring import Core, open_conversation
from handlers.commands import digest
from tiercore.access import SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.notifications.outbox_types import marker_of
from tiercore.program import load_program
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine, database_url, reading
from tiercore.storage.moments import as_ms
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.notifications import OutboxRow, SubscriptionRow
from tiercore.storage.tables.people import ChannelRow

SMALL = {"USMALL": 200}
_CLOCKS_APART = (-150.0, 0.0, 150.0)  # seconds by which Slack's clock is ahead of ours
_CLOCKS_LESS_THAN = timedelta(minutes=3)
_TODAY = date(2022, 9, 5)
_PARTNER = "P-USMALL"


@dataclass(frozen=True, slots=True)
class Plan:
    """The test's parameters: messages to send, replicas, kills, the percentage of posts and of other calls that fail,
    and so on.
    """

    messages: int = 2_000
    replicas: int = 3
    kills: int = 20
    percent: int = 12
    others: int = 6
    restarts: int = 1
    freezes: int = 2
    seed: int = 7


def filled_database(url: str, folder: Path, messages: int) -> Engine:
    """A database in which so many Slack users and channels subscribe to a partner's digest, all due now."""
    engine = create_database_engine(database_url(url))
    upgrade(engine)
    write_folder(folder, SMALL)
    imported = import_folder(engine, load_program(), folder, today=_TODAY)
    assert not imported.problems, imported.problems[0]
    targets = _targets(messages)
    due = (datetime.now(UTC) - _CLOCKS_LESS_THAN).replace(second=0, microsecond=0)
    common = {"team_id": TEAM, "topic": "progress", "weekday": due.weekday(), "timezone": "UTC", "paused": False}
    common |= {"minute": due.hour * 60 + due.minute, "made_at": as_ms(due), "next_at": as_ms(due)}
    with engine.begin() as connection:
        bound = [{"team_id": TEAM, "user_id": _user(target), "email": "usmall@example.com"} for target in targets]
        connection.execute(insert(table(LinkRow)), bound)
        rows = [
            {**common, "subscription_id": f"s{target}", "place": target, "made_by": _user(target)} for target in targets
        ]
        connection.execute(insert(table(SubscriptionRow)), rows)
        about = [
            {"team_id": TEAM, "channel_id": each, "partner_id": _PARTNER} for each in targets if each.startswith("C")
        ]
        connection.execute(insert(table(ChannelRow)), about)
    return engine


def _targets(messages: int) -> list[str]:
    """One in ten is a channel."""
    return [f"{'U' if number % 10 else 'C'}{number:05d}" for number in range(messages)]


def _user(target: str) -> str:
    return f"U{target[1:]}"


async def _due(engine: Engine, slack: Slack, messages: int) -> dict[str, Due]:
    """What must stand in the end, by marker; the text is the view's own."""
    week = "{}-W{:02d}".format(*(datetime.now(UTC) - _CLOCKS_LESS_THAN).isocalendar())
    url = engine.url.render_as_string(hide_password=False)
    core = Core(Settings(database_url=url, today=_TODAY), load_program(), engine)
    async with open_conversation(core) as (conversation, _):
        reach = await conversation.answers.reach(SlackUser(TEAM, _user(_targets(1)[0])))
        found = await conversation.answers.reports.digest(reach.grant_of(_PARTNER), "progress", _TODAY)
    texts = {"U": digest.message(found, stop=STOP).text, "C": digest.message(found, stop=STOP_HERE).text}
    return {
        marker_of(f"digest:s{target}:{week}"): Due(slack.state.directory.channel(target).channel_id, texts[target[0]])
        for target in _targets(messages)
    }


async def torture(url: str, plan: Plan, restart: Callable[[], None] | None = None) -> Figures:
    """Run the test and count the messages that arrived. `restart` restarts the database."""
    chance, started = random.Random(plan.seed), time.monotonic()
    targets = _targets(plan.messages)
    people = tuple(Person(_user(each), _user(each).lower(), team_id=None) for each in targets)
    channels = tuple(Channel(each, each.lower()) for each in targets if each.startswith("C"))
    with tempfile.TemporaryDirectory(prefix="tierbot-torture-") as folder:
        engine = filled_database(url, Path(folder), plan.messages)
        async with Slack(workspace=Workspace(people=people, channels=channels, team_id=TEAM)) as slack:
            slack.ahead = chance.choice(_CLOCKS_APART)
            due = await _due(engine, slack, plan.messages)
            trouble = Trouble(slack, chance, plan.percent, plan.others)
            replicas = Replicas(slack, url, plan.replicas)
            async with Judge(slack, plan.replicas) as judge:
                try:
                    await replicas.start()
                    await until(lambda: len(_received(slack)) > plan.messages // 50, 60, "the first messages arrive")
                    last = await _torment(replicas, plan, chance, restart)
                    await until(lambda: not _under_way(engine, plan.messages), 240, "everything is sent")
                finally:
                    await replicas.end()
                found, ahead = judge.judgement(due), slack.ahead
        states = _states(engine)
        engine.dispose()
    now = time.monotonic()
    return Figures(
        plan.seed,
        plan.messages,
        found,
        plan.kills,
        trouble.failed,
        trouble.late,
        now - last,
        now - started,
        ahead,
        states,
    )


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
    """Test both engines and print the results; exit status 1 if the judge found a fault of ours."""
    parser = argparse.ArgumentParser(prog="make torture")
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("seed", type=int, nargs="?", default=random.randrange(1_000_000))
    options, out = parser.parse_args(), Console(highlight=False, soft_wrap=True)
    from tests.support.postgres_server import PostgresServer, find_binaries

    out.print(f"seed {options.seed} (again: make torture SEED={options.seed})")
    found = []
    with tempfile.TemporaryDirectory(prefix="tierbot-torture-db-") as folder:
        plan = Plan(options.messages, replicas=1, kills=options.kills, freezes=0, seed=options.seed)
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
            plan = Plan(options.messages, kills=options.kills, seed=options.seed)
            found.append(await torture(server.url(server.create_database()), plan, server.restart))
            out.print(f"PostgreSQL, three replicas, a restart: {found[-1]}")
            planned = await asyncio.to_thread(planned_at_once, server.url(server.create_database()))
            out.print(f"PostgreSQL: {planned}")
            out.print(f"PostgreSQL: {await crossings_at_once(server.url(server.create_database()))}")
        finally:
            server.stop()
    sys.exit(not all(each.found.is_good for each in found))


if __name__ == "__main__":
    asyncio.run(main())
