"""Concurrency tests (`make torture`): replicas that plan the same subscriptions, and that notice the same crossings
while files are imported. Real processes and a real database; what arrived in the local Slack is the judge.
"""

import asyncio
import csv
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, insert, select

from bench.replicas import TEAM, Replicas, until
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Person, Workspace
from tiercore.ingest.importing import import_folder
from tiercore.notifications import planning
from tiercore.program import load_program
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, create_database_engine, database_url, reading
from tiercore.storage.moments import as_ms
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.notifications import OutboxRow, RunRow, SignalRow, SubscriptionRow
from tiercore.storage.transactions import Transactions

MONDAY = datetime(2022, 9, 12, 9, 30, tzinfo=UTC)
TODAY = datetime(2022, 9, 5, tzinfo=UTC).date()
_THRESHOLD = """
label = "one threshold"
[thresholds.gold.combined]
unit = "points"
2022-07-18 = { value = 400 }
"""
_LATE = timedelta(hours=4)
_START_SECONDS, _IMPORT_SECONDS = 120.0, 300.0
_HEADERS = {
    "partners": "partner_id,name,country,currency,joined_on",
    "clients": "client_id,name,country",
    "sales": "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on",
    "agreements": "agreement_id,partner_id,client_id,starts_on,ends_on",
    "subscriptions": "client_id,product_line,mrr,currency,effective_on",
    "tiers": "partner_id,tier,credited_on",
    "people": "email,name,role,partner_id",
}


def _insert_subscriptions(engine: Engine, users: Iterable[str], topic: str, due: datetime | None) -> None:
    row = {"team_id": TEAM, "topic": topic, "weekday": 0, "minute": 540, "timezone": "UTC", "paused": False}
    row |= {"made_at": 0, "next_at": as_ms(due) if due else None, "quiet_from": 0, "quiet_until": 0}
    rows = [{**row, "subscription_id": f"s{user}", "place": user, "made_by": user} for user in users]
    with engine.begin() as connection:
        connection.execute(insert(table(SubscriptionRow)), rows)


def _plan(url: str, ready: "multiprocessing.Barrier") -> None:  # type: ignore[valid-type]
    """Plan everything in one process, once all processes are ready."""
    engine = create_database_engine(database_url(url))
    writer = Transactions(engine, lambda: MONDAY, NOTIFICATIONS_LOCK)
    ready.wait(_START_SECONDS)  # type: ignore[attr-defined]
    while any(writer.write_now(lambda connection, now: planning.plan(connection, now, _LATE))):
        pass
    engine.dispose()


def planned_at_once(url: str, subscriptions: int = 5_000, replicas: int = 5) -> str:
    """Plan the same subscriptions in several processes at the same time; the counts of runs and messages, as text.

    Raises AssertionError unless there is exactly one of each per subscription.
    """
    engine = create_database_engine(database_url(url))
    upgrade(engine)
    _insert_subscriptions(
        engine, (f"U{number:05d}" for number in range(subscriptions)), "progress", MONDAY - timedelta(hours=1)
    )
    engine.dispose()
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(replicas)
    processes = [context.Process(target=_plan, args=(url, ready)) for _ in range(replicas)]
    started = time.monotonic()
    for process in processes:
        process.start()
    for process in processes:
        process.join(300)
    seconds = time.monotonic() - started
    with reading(engine) as connection:
        runs = connection.scalar(select(func.count()).select_from(table(RunRow)))
        messages = connection.scalar(select(func.count()).select_from(table(OutboxRow)))
    engine.dispose()
    failed = [process.exitcode for process in processes if process.exitcode]
    summary = (
        f"{replicas} processes, {subscriptions:,} subscriptions: {runs:,} runs, {messages:,} messages; {seconds:.1f} s"
    )
    if failed or not runs == messages == subscriptions:
        raise AssertionError(f"{summary}; exit codes {failed}")
    return summary


def _write(folder: Path, **files: list[list[object]]) -> Path:
    folder.mkdir(parents=True)
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([_HEADERS[name].split(","), *rows])
    return folder


def _write_facts(folder: Path, numbers: range) -> Path:
    """Files with identical partners, each of which owes its tier to a single client."""
    return _write(
        folder,
        partners=[[f"P{n:03d}", f"Partner {n}", "US", "USD", "2019-01-01"] for n in numbers],
        clients=[[f"C{n:03d}", f"Client {n}", "US"] for n in numbers],
        sales=[
            [f"S{n}-{at}", f"P{n:03d}", f"C{n:03d}", hub, deal, motion, mrr, "USD", day]
            for n in numbers
            for at, (hub, deal, motion, mrr, day) in enumerate(
                (
                    ("Marketing Hub", "net_new", "assisted", 6000, "2021-10-05"),
                    ("Sales Hub", "cross_sell", "sourced", 3000, "2022-03-01"),
                )
            )
        ],
        agreements=[[f"A{n:03d}", f"P{n:03d}", f"C{n:03d}", "2021-01-01", ""] for n in numbers],
        subscriptions=[
            [f"C{n:03d}", hub, mrr, "USD", day]
            for n in numbers
            for hub, mrr, day in (("Marketing Hub", 12000, "2021-01-01"), ("Sales Hub", 3000, "2022-03-01"))
        ],
        tiers=[[f"P{n:03d}", "gold", "2022-01-15"] for n in numbers],
        people=[[f"u{n:05d}@example.com", f"U{n}", "partner", f"P{n:03d}"] for n in numbers],
    )


async def _import_each(url: str, program: Path, folders: Iterable[Path]) -> None:
    """Import the folders one after another, each in its own process."""
    command = Path(sys.executable).parent / "tierbot"
    for folder in folders:
        process = await asyncio.create_subprocess_exec(
            command,
            "import",
            folder,
            env=Replicas.environment(url, program),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
        )
        if await asyncio.wait_for(process.wait(), _IMPORT_SECONDS):
            raise AssertionError(f"{folder.name} was not imported")


async def crossings_at_once(url: str, partners: int = 500, replicas: int = 3, imports: int = 10) -> str:
    """Let every partner turn red while two importers and all replicas run; the counts of alerts, as text.

    Raises AssertionError unless every partner gets exactly one alert.
    """
    numbers, started = range(partners), time.monotonic()
    users = [f"U{n:05d}" for n in numbers]
    people = tuple(Person(user, user.lower(), team_id=None) for user in users)
    engine = create_database_engine(database_url(url))
    upgrade(engine)
    with tempfile.TemporaryDirectory(prefix="tierbot-crowds-") as temporary:
        folder, program = Path(temporary), Path(temporary) / "program.toml"
        program.write_text(_THRESHOLD)
        stored = import_folder(engine, load_program(program), _write_facts(folder / "facts", numbers), today=TODAY)
        if stored.problems:
            raise AssertionError(str(stored.problems[0]))
        bound = [{"team_id": TEAM, "user_id": user, "email": f"{user.lower()}@example.com"} for user in users]
        with engine.begin() as connection:
            connection.execute(insert(table(LinkRow)), bound)
        _insert_subscriptions(engine, users, "alerts", None)
        falls = [
            _write(
                folder / f"fall{at}",
                subscriptions=[[f"C{n:03d}", "Marketing Hub", 2000, "USD", "2022-09-04"] for n in numbers[at::imports]],
            )
            for at in range(imports)
        ]
        others = [_write(folder / f"other{at}", clients=[[f"X{at}", f"Another {at}", "US"]]) for at in range(imports)]
        async with Slack(workspace=Workspace(people=people, team_id=TEAM)) as slack:
            serving = Replicas(slack, url, replicas, program)
            try:
                await serving.start()
                await until(lambda: _count(engine, SignalRow, "partner_id") == partners, 240, "all are checked")
                await asyncio.gather(_import_each(url, program, falls), _import_each(url, program, others))
                await until(lambda: len(_red(slack)) == partners and not _under_way(engine), 240, "all are alerted")
            finally:
                await serving.end()
            red = _red(slack)
            twice = [key for key, number in _texts(slack).items() if number > 1]
    engine.dispose()
    summary = (
        f"{replicas} serving, {partners} partners that turn red in {imports} imports, {imports} others meanwhile: "
        f"{sum(red.values())} alerted, {len(twice)} twice; {time.monotonic() - started:.1f} s"
    )
    if twice or sum(red.values()) != partners:
        raise AssertionError(summary)
    return summary


def _texts(slack: Slack) -> Counter[tuple[str, str]]:
    """How often each text appears in each direct message, by (channel, text)."""
    return Counter((message.channel, message.text) for message in slack.state.screen.messages.values())


def _red(slack: Slack) -> Counter[str]:
    return Counter(channel for channel, text in _texts(slack).elements() if "combined points turned red" in text)


def _count(engine: Engine, model: type, column: str) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count(func.distinct(table(model).c[column])))) or 0


def _under_way(engine: Engine) -> bool:
    with reading(engine) as connection:
        states = set(connection.scalars(select(table(OutboxRow).c.state)))
    return bool(states & {"pending", "sending", "unknown"})
