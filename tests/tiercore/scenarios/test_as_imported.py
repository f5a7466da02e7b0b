"""A scenario is what every answer says after its entries are really imported, and asking changes nothing."""

import asyncio
import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from tests.support.databases import Databases
from tests.support.sampled_partners import TABLE
from tests.support.scenarios import ADMIN, Asked, asked, named, write_files
from tiercore.access import Grant, Mailbox
from tiercore.answers import Answers
from tiercore.facts.entries import Client
from tiercore.facts.unknown import Unknown
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.program import Program, load_program
from tiercore.questions.gap import Gap, NothingAbove
from tiercore.questions.progress import Progress, horizon, progress_on
from tiercore.questions.standing import Standing
from tiercore.rating.credits import Credit
from tiercore.rating.rating import credits_of
from tiercore.rating.retention import retention_on
from tiercore.rating.timeline import Balance, balance_on, timeline_of
from tiercore.scenarios.applying import with_steps
from tiercore.scenarios.books import PartnerBooks, facts_on
from tiercore.scenarios.outcome import Difference, days_ahead, gap_of
from tiercore.scenarios.reading import read_books
from tiercore.scenarios.service import Scenarios
from tiercore.scenarios.steps import client_of
from tiercore.storage.engine import create_database_engine
from tiercore.storage.reader import Reader, create_reader
from tiercore.storage.schema import upgrade
from tiercore.storage.transactions import Transactions


@dataclass(frozen=True)
class Said:
    """A case, what its scenario says, and the books after it."""

    case: Asked
    difference: Difference
    books: PartnerBooks


TODAY = date(2026, 12, 1)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    table = tmp_path_factory.mktemp("rules") / "table.toml"
    table.write_text(TABLE)
    return load_program(table)


def sqlite(file: Path) -> URL:
    return URL.create("sqlite", database=str(file))


def fill(url: URL, program: Program, folder: Path) -> None:
    engine = create_database_engine(url)
    upgrade(engine)
    assert import_folder(engine, program, folder, today=TODAY).problems == []
    engine.dispose()


async def opened(url: URL, program: Program) -> tuple[Engine, Reader, Answers]:
    reader = create_reader(url)
    await reader.open()
    return create_database_engine(url), reader, Answers(Ledger(reader, program))


async def said_of(url: URL, program: Program, cases: Sequence[Asked]) -> list[Said]:
    """What each scenario says."""
    engine, reader, answers = await opened(url, program)
    try:
        reach, scenarios, found = await answers.reach(Mailbox(ADMIN)), Scenarios(Transactions(engine)), list[Said]()
        for each in cases:
            grant = reach.grant(each.partner_id)
            difference = await scenarios.difference(grant, each.steps, program, each.as_of)
            books = await scenarios.with_steps(grant, each.steps, program, each.as_of)
            found.append(Said(each, difference, books))
        return found
    finally:
        await reader.close()
        engine.dispose()


async def differences(url: URL, program: Program, said: Sequence[Said]) -> list[str]:
    """Where the answers of the database, into which the rows were imported, differ from what the scenarios said."""
    engine, reader, answers = await opened(url, program)
    try:
        reach = await answers.reach(Mailbox(ADMIN))
        return [text for each in said for text in await differing(answers, reach.grant(each.case.partner_id), each)]
    finally:
        await reader.close()
        engine.dispose()


async def differing(answers: Answers, grant: Grant, said: Said) -> list[str]:
    after, day = said.difference.after, said.difference.day
    ahead = [(await answers.standing(grant, each)).balance for each in days_ahead(day)]
    expiring = await answers.expiring(grant, 90, day)
    pairs = {
        "standing": (as_shown(await answers.tier(grant, day)), as_shown(after.standing)),
        "recalibration": (await answers.recalibration(grant, day), after.recalibration),
        "progress": (await answers.progress(grant, day), progress_said(said.books, day, answers.program)),
        "expiring": (expiring.total, after.expiring),
        "balances": ([each._replace(day=0) for each in ahead], [on(said.books, each) for each in days_ahead(day)]),
        "gap": (await gap(answers, grant, day), gap_said(said.books, day, answers.program)),
    }
    return [f"{said.case.name}{what}: {one} != {other}" for what, (one, other) in pairs.items() if one != other]


def progress_said(books: PartnerBooks, day: date, program: Program) -> Progress:
    number, last = day.toordinal(), horizon(day).toordinal()
    past = [each for each in books.timeline if each.day <= number]
    ahead = [each for each in books.timeline if number < each.day <= last]
    return progress_on(day, program, facts_on(books, day), balance_on(books.timeline, day), past, ahead)


def as_shown(standing: Standing) -> Standing:
    """Without the first day of the balance, and how many clients have no levels, which a scenario doesn't tell."""
    return replace(standing, balance=standing.balance._replace(day=0), without_levels=0)


def on(books: PartnerBooks, day: date) -> Balance:
    return balance_on(books.timeline, day)._replace(day=0)


async def gap(answers: Answers, grant: Grant, day: date) -> Gap | None:
    try:
        found = (await answers.gap(grant, None, day, by=day)).then
    except NothingAbove:
        return None
    return replace(found, balance=found.balance._replace(day=0))


def gap_said(books: PartnerBooks, day: date, program: Program) -> Gap | None:
    try:
        found = gap_of(books, None, day, program)
    except NothingAbove:
        return None
    return replace(found, balance=found.balance._replace(day=0))


def compare(folder: Path, program: Program, seeds: range) -> list[str]:
    """Ask each seed's scenario, import the rows of all of them into a copy, and ask the copy."""
    cases, file = [asked(seed) for seed in seeds], folder / "asked.db"
    fill(sqlite(file), program, write_files(folder / "before", [entry for each in cases for entry in each.entries]))
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    said = asyncio.run(said_of(sqlite(file), program, cases))
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before
    copy = Path(shutil.copyfile(file, folder / "imported.db"))
    rows = [named(row, each.case.name) for each in said for row in each.books.added]
    fill(sqlite(copy), program, write_files(folder / "rows", rows))
    return asyncio.run(differences(sqlite(copy), program, said))


def test_what_a_scenario_says_is_what_every_answer_says_after_its_rows_are_imported(tmp_path: Path, program: Program):
    assert compare(tmp_path, program, range(40)) == []


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_it_is_so_for_10_000_random_ledgers_and_asking_changes_no_byte(
    tmp_path: Path, program: Program, share_of: Callable[[int], int]
):
    last = 10_000 if share_of(10_000) == 10_000 else 240
    for first in range(40, last, 200):
        (tmp_path / str(first)).mkdir()
        assert compare(tmp_path / str(first), program, range(first, min(last, first + 200))) == []


def test_it_is_so_on_each_engine(databases: Databases, tmp_path: Path, program: Program):
    cases, before, after = [asked(seed) for seed in range(10)], databases.empty(), databases.empty()
    files = write_files(tmp_path / "before", [entry for each in cases for entry in each.entries])
    for url in (before, after):
        fill(url, program, files)
    said = asyncio.run(said_of(before, program, cases))
    rows = [named(row, each.case.name) for each in said for row in each.books.added]
    fill(after, program, write_files(tmp_path / "rows", rows))
    assert asyncio.run(differences(after, program, said)) == []


def test_the_difference_of_the_touched_clients_is_what_rating_all_of_them_gives(tmp_path: Path, program: Program):
    cases, url = [asked(seed) for seed in range(30)], sqlite(tmp_path / "asked.db")
    fill(url, program, write_files(tmp_path / "files", [entry for each in cases for entry in each.entries]))
    engine = create_database_engine(url)
    with engine.connect() as connection:
        for each in cases:
            touched = {client for step in each.steps if (client := client_of(step))}
            all_ = {entry.client_id for entry in each.entries if isinstance(entry, Client)}
            one, other = (
                with_steps(
                    read_books(connection, each.partner_id, clients, each.as_of, others=True), each.steps, program
                )
                for clients in (touched, all_)
            )
            whole = timeline_of(credits_of_all(other, program), other.usage)
            for day in days_ahead(each.as_of):
                assert on(one, day) == on(other, day) == balance_on(whole, day)._replace(day=0)
                assert retained(one, day) == retained(other, day)
    engine.dispose()


def retained(books: PartnerBooks, day: date) -> list[int | Unknown]:
    found = retention_on(books.retention, day)
    return [found.counting("churn_only"), found.counting("gross"), found.counting("net")]


def credits_of_all(books: PartnerBooks, program: Program) -> list[Credit]:
    found = (credit for book in books.clients.values() for credit in credits_of(book, program))
    return [each for each in found if each.partner_id == books.partner.partner_id]
