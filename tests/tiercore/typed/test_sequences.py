"""Whatever people type, correct and withdraw between imports: nothing is lost, and nothing counts twice."""

import asyncio
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from tests.support.databases import SqliteFiles
from tests.support.examples import share_of_examples
from tests.support.sample_folder import FOLDER, write_folder
from tests.support.served_bot import link_user
from tiercore.access import SlackUser
from tiercore.facts.typed import Decision
from tiercore.ingest.importing import import_folder
from tiercore.ingest.problems import Collected
from tiercore.ingest.typed_rows import TypedRows, cells_of
from tiercore.people.types import InvalidChange
from tiercore.program import load_program
from tiercore.storage import typed_entries
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.derived import BalanceRow, CreditRow
from tiercore.storage.tables.ledger import SaleRow
from tiercore.typed.service import TypedEntries
from tiercore.typed.types import Draft, Kind

TODAY, CARLA = date(2022, 9, 5), SlackUser("T01LOCAL", "U0CARLA")
PROGRAM = load_program()
HEADER = FOLDER["sales.csv"].splitlines()[0]
AMOUNTS, NUMBERS = st.sampled_from(["100.00", "200.00"]), st.integers(0, 5)
DAYS = st.integers(0, 20).map(lambda back: TODAY - timedelta(back))
DEALS = st.tuples(AMOUNTS, DAYS)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), DEALS),
        st.tuples(st.just("edit"), NUMBERS, DEALS),
        st.tuples(st.just("withdraw"), NUMBERS),
        st.tuples(st.just("import"), st.dictionaries(NUMBERS, DEALS, min_size=1, max_size=3), st.booleans()),
        st.tuples(st.just("import_own"), NUMBERS, DEALS),
        st.tuples(st.just("decide"), NUMBERS, st.sampled_from(Decision)),
    ),
    min_size=4,
    max_size=10,
)


def cells(amount: str, day: date) -> dict[str, str]:
    deal = {"client_id": "C1", "product_line": "CMS Hub", "deal_type": "net_new", "motion": "sourced"}
    return {**deal, "mrr": amount, "currency": "USD", "sold_on": day.isoformat()}


@dataclass
class Office:
    """One database, what was done with it, and the rows of the latest file by ID."""

    engine: Engine
    folder: Path
    entries: TypedEntries
    tokens: "count[int]" = field(default_factory=count)
    file: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: Set[str] = frozenset()

    def stored(self) -> dict[str, dict[str, str]]:
        with self.engine.connect() as connection:
            found = connection.execute(select(table(SaleRow))).mappings()
            return {row["sale_id"]: cells_of("sales.csv", dict(row)) for row in found}

    def in_force(self) -> list[typed_entries.TypedEntry]:
        with self.engine.connect() as connection:
            return typed_entries.in_force(connection)

    def matches(self) -> list[typed_entries.TypedMatch]:
        with self.engine.connect() as connection:
            return typed_entries.matches(connection)

    async def do(self, step: tuple) -> None:
        match step:
            case ("add", deal):
                await self.entries.save(CARLA, self.draft(cells(*deal)), TODAY)
            case ("edit", number, deal) if typed := self.in_force():
                edited = typed[number % len(typed)].entry_id
                draft = replace(self.draft(cells(*deal)), edits=edited)
                await self.entries.save(CARLA, draft, TODAY)
            case ("withdraw", number) if typed := self.in_force():
                await self.entries.withdraw(CARLA, typed[number % len(typed)].entry_id, "", TODAY)
            case ("import", deals, mirror):
                self.import_rows({f"F{number}": deal for number, deal in deals.items()}, mirror=mirror)
            case ("import_own", number, deal) if typed := self.in_force():
                self.import_rows({typed[number % len(typed)].key[0]: deal}, mirror=False)
            case ("decide", number, decision):
                live = {each.entry_id: each.key for each in self.in_force()}
                waiting = [each for each in self.matches() if each.decision is None and each.entry_id in live]
                if waiting:
                    await self.decide(waiting[number % len(waiting)], decision, live)

    async def decide(
        self, match: typed_entries.TypedMatch, decision: Decision, live: Mapping[str, Sequence[str]]
    ) -> None:
        """Decide which row counts; that both do can't be said where they have the same ID."""
        if decision is Decision.TWO and tuple(match.key) == tuple(live[match.entry_id]):
            with pytest.raises(InvalidChange, match="same ID"):
                await self.entries.decide(CARLA, match.match_id, decision, TODAY)
            return
        await self.entries.decide(CARLA, match.match_id, decision, TODAY)

    def draft(self, typed: dict[str, str]) -> Draft:
        return Draft(Kind.SALE, "PA", typed, f"{next(self.tokens):010X}")

    def import_rows(self, deals: dict[str, tuple[str, date]], *, mirror: bool) -> None:
        """Import a file of these deals, by ID."""
        lines = [f"{id_},PA,C1,CMS Hub,net_new,sourced,{amount},USD,{day}" for id_, (amount, day) in deals.items()]
        (self.folder / "sales.csv").write_text("\n".join((HEADER, *lines)) + "\n")
        before, typed = self.stored(), self.in_force()
        assert import_folder(self.engine, PROGRAM, self.folder, today=TODAY, mirror=mirror).stored
        self.file = {id_: cells(*deal) for id_, deal in deals.items()}
        self.seen = self.file.keys() if mirror else self.seen | self.file.keys()
        both = {(each.entry_id, each.key[0]) for each in self.matches() if each.decision is Decision.TWO}
        for new in self.stored().keys() - before.keys():
            same = [each for each in typed if alike(each.cells, self.file[new]) and (each.entry_id, new) not in both]
            assert not same, "an import adds nothing that someone typed"

    def check(self) -> None:
        stored = self.stored()
        assert stored.keys() <= self.seen | {each.key[0] for each in self.in_force()}, "nothing comes back"
        for each in self.in_force():
            assert stored[each.key[0]] == each.cells, "what was typed counts as it was typed"


def alike(one: dict[str, str], other: dict[str, str]) -> bool:
    """The rule once more: same amount, at most seven days apart."""
    apart = abs(date.fromisoformat(one["sold_on"]) - date.fromisoformat(other["sold_on"]))
    return one["mrr"] == other["mrr"] and apart <= timedelta(7)


def rated(engine: Engine) -> tuple[list, list]:
    """All credits and timelines, in an order of their own."""
    with engine.connect() as connection:
        credits = [row[1:] for row in connection.execute(select(table(CreditRow)))]
        return sorted(map(str, credits)), sorted(map(str, connection.execute(select(table(BalanceRow)))))


def opened(files: SqliteFiles) -> Engine:
    return create_database_engine(files.filled(upgrade))


def judge(steps: Sequence[tuple], files: SqliteFiles, folder: Path) -> None:
    """Do the steps, and fail where something is lost, comes back, is overwritten, or counts twice."""
    engine, fresh = opened(files), opened(files)
    try:
        base = write_folder(folder / "base", sales=HEADER + "\n")
        assert import_folder(engine, PROGRAM, base, today=TODAY).stored
        link_user(engine, "T01LOCAL", "U0CARLA", "carla@example.com")
        (folder / "more").mkdir()
        entries = TypedEntries(engine, PROGRAM, lambda: datetime(2022, 9, 5, 12, tzinfo=UTC))
        office = Office(engine, folder / "more", entries)

        async def run() -> None:
            for step in steps:
                await office.do(step)
                office.check()

        asyncio.run(run())
        stored = office.stored()
        live = {each.entry_id for each in office.in_force()}
        held = {each.key[0] for each in office.matches() if each.entry_id in live and each.decision is not Decision.TWO}
        lost = {each for each, row in office.file.items() if each not in stored and each not in held}
        assert not lost, "a row of the last file is stored, or waits"
        lines = [",".join(row[name] for name in HEADER.split(",")) for row in stored.values()]
        (base / "sales.csv").write_text("\n".join((HEADER, *lines)) + "\n")
        assert import_folder(fresh, PROGRAM, base, today=TODAY).stored
        assert rated(engine) == rated(fresh)
    finally:
        for each in (engine, fresh):
            each.dispose()
        files.drop()


@pytest.mark.slow
@settings(max_examples=share_of_examples(60))
@given(steps=STEPS)
def test_the_ledger_is_that_of_an_import_of_the_final_rows(
    steps: list[tuple], sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory
):
    judge(steps, sqlite_files, tmp_path_factory.mktemp("sequence"))


DEAL, ANOTHER = ("100.00", TODAY), ("200.00", TODAY)
FILE = ("import", {1: DEAL}, False)
SEQUENCES: Mapping[str, Sequence[tuple]] = {
    "imports after typing": [("add", DEAL), FILE],
    "imports of what was typed, with other values": [("add", DEAL), ("import_own", 0, ANOTHER)],
    "a withdrawal while a row waits": [("add", DEAL), FILE, ("withdraw", 0)],
    "a decision for both of a row with its own ID": [
        ("add", DEAL),
        ("import_own", 0, DEAL),
        ("decide", 0, Decision.TWO),
    ],
    "a decision for the file": [("add", DEAL), FILE, ("decide", 0, Decision.FILE)],
}


def nothing_held(*_args: object, **_options: object) -> Collected:
    return Collected()


def nothing_waits(*_args: object) -> list[typed_entries.TypedMatch]:
    return []


def no_removal(
    file: str, cells: Mapping[str, str] | None = None, removed: Collection[tuple[str, ...]] = ()
) -> TypedRows:
    return TypedRows(file, cells)


FAULTS = {
    "nothing is held back": (
        "tiercore.ingest.importing.hold_back",
        nothing_held,
        "imports after typing",
        "an import adds nothing that someone typed",
    ),
    "overwritten silently": (
        "tiercore.ingest.importing.hold_back",
        nothing_held,
        "imports of what was typed, with other values",
        "what was typed counts as it was typed",
    ),
    "a withdrawal releases nothing": (
        "tiercore.storage.typed_entries.matches_of",
        nothing_waits,
        "a withdrawal while a row waits",
        "a row of the last file is stored, or waits",
    ),
    "both count": (
        "tiercore.typed.entering.TypedRows",
        no_removal,
        "a decision for the file",
        "nothing comes back",
    ),
}


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_what_the_faulty_ones_are_given_is_right_without_a_fault(
    sequence: str, sqlite_files: SqliteFiles, tmp_path: Path
):
    judge(SEQUENCES[sequence], sqlite_files, tmp_path)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_judge_notices_a_fault(
    fault: str, sqlite_files: SqliteFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    where, faulty, sequence, noticed = FAULTS[fault]
    monkeypatch.setattr(where, faulty)
    with pytest.raises(AssertionError, match=noticed):
        judge(SEQUENCES[sequence], sqlite_files, tmp_path)
