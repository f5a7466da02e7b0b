"""What imports and rebuilds record of the past: consecutive digests always add up, on both engines."""

import asyncio
import random
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from tests.support.book_folder import write_book
from tests.support.entries import CLIENT, agreement, book, books, level, sale
from tests.support.examples import share_of_examples
from tiercore.access import Mailbox
from tiercore.answers import Answers
from tiercore.facts.unknown import Unknown
from tiercore.ingest.importing import Imported, import_folder
from tiercore.ingest.rebuilding import rebuild_everything
from tiercore.ledger import Ledger
from tiercore.program import Program, load_program
from tiercore.questions.digest import Digest
from tiercore.questions.hindsight import Hindsight, KnownAt
from tiercore.rating.credits import ClientBook
from tiercore.storage.bulk import table
from tiercore.storage.history import ALWAYS, ROWS_KEPT
from tiercore.storage.import_log import logged_imports
from tiercore.storage.occasions import Occasion
from tiercore.storage.reader import create_reader
from tiercore.storage.tables.derived import BalanceRow, CreditRow, DerivedRow, RetentionRow
from tiercore.storage.tables.history import CorrectionEntryRow, CorrectionRow, FirstImportRow, ImportRow
from tiercore.storage.tables.ledger import ENTRY_TABLES

PROGRAM = load_program()
MONDAY, NEXT = date(2022, 9, 5), date(2022, 9, 12)
NUMBERS = count()
SALES_HEADER = "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on\n"


def run(engine: Engine, folder: Path, entries: ClientBook, day: date, **options: object) -> Imported:
    written = write_book(folder / str(next(NUMBERS)), entries, random.Random(1))
    (written / "people.csv").write_text("email,name,role,partner_id\nana@example.com,Ana,partner,P1\n")
    imported = import_folder(engine, options.pop("program", PROGRAM), written, today=day, mirror=True, **options)
    assert imported.problems == []
    return imported


def hindsight(engine: Engine, since: date, end: date, known: KnownAt) -> Hindsight:
    async def read() -> Hindsight:
        reader = create_reader(engine.url)
        await reader.open()
        try:
            ledger = Ledger(reader, PROGRAM)
            grant = (await ledger.reach(Mailbox("ana@example.com"))).grant_of("P1")
            return await ledger.hindsight(grant, since, end, known)
        finally:
            await reader.close()

    return asyncio.run(read())


def digest(engine: Engine, day: date, told: KnownAt | None = None, program: Program = PROGRAM) -> Digest:
    async def read() -> Digest:
        reader = create_reader(engine.url)
        await reader.open()
        try:
            answers = Answers(Ledger(reader, program))
            grant = (await answers.reach(Mailbox("ana@example.com"))).grant_of("P1")
            return await answers.reports.digest(grant, "progress", day, told)
        finally:
            await reader.close()

    return asyncio.run(read())


def empty(engine: Engine) -> None:
    """Delete every row of what earlier examples imported."""
    history = (CorrectionEntryRow, CorrectionRow, FirstImportRow, ImportRow)
    with engine.begin() as connection:
        for model in (*history, CreditRow, BalanceRow, RetentionRow, DerivedRow, *reversed(ENTRY_TABLES)):
            connection.execute(table(model).delete())


def number_of(engine: Engine, model: type) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table(model)))


@settings(
    max_examples=share_of_examples(50),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    runs=st.lists(st.tuples(books(), st.integers(0, 40), st.booleans()), min_size=2, max_size=5),
    start=st.integers(0, 1500),
)
def test_two_digests_in_a_row_always_add_up_whatever_was_imported_in_between(
    engine: Engine, tmp_path: Path, runs: list[tuple[ClientBook, int, bool]], start: int
):
    empty(engine)
    day, told, last = date(2021, 6, 1) + timedelta(start), None, None
    for entries, days, is_told in runs:
        day += timedelta(days)
        run(engine, tmp_path, entries, day)
        if not is_told:
            continue
        found = digest(engine, day, told)
        if told is not None and last is not None:
            known = found.changes.known_before
            assert known.combined == last, "a digest begins where the one before ended"
            assert known.combined + found.corrected + found.change == found.standing.balance.combined
            assert found.changes.combined.net == found.change
            assert found.said.balance.combined == last
        told, last = KnownAt(day, found.version), found.standing.balance.combined


@settings(
    max_examples=share_of_examples(50),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=books(), then=st.lists(books(), min_size=1, max_size=3), start=st.integers(0, 1500))
def test_what_was_known_on_a_day_is_what_was_answered_on_it(
    engine: Engine, tmp_path: Path, first: ClientBook, then: list[ClientBook], start: int
):
    empty(engine)
    day = date(2021, 6, 1) + timedelta(start)
    run(engine, tmp_path, first, day)
    answered = digest(engine, day).standing.balance.combined
    for week, entries in enumerate(then, 1):
        run(engine, tmp_path, entries, day + timedelta(7 * week))
    assert digest(engine, day + timedelta(7)).changes.known_before.combined == answered


def test_a_digest_made_between_two_imports_of_one_day_goes_on_from_what_it_told(engine: Engine, tmp_path: Path):
    run(engine, tmp_path, book(sale(date(2022, 3, 1), 1_000)), MONDAY)
    first = digest(engine, MONDAY)
    run(engine, tmp_path, book(sale(date(2022, 3, 1), 2_000)), MONDAY)
    found = digest(engine, NEXT, KnownAt(MONDAY, first.version))
    assert (found.corrected, found.change) == (30_000_000, 0)
    assert found.changes.known_before.combined == first.standing.balance.combined


def test_a_new_partners_past_begins_and_is_no_correction(engine: Engine, tmp_path: Path):
    assert run(engine, tmp_path, book(sale(date(2022, 3, 1), 1_000)), MONDAY).past == []
    assert number_of(engine, CorrectionRow) == 0
    assert number_of(engine, FirstImportRow) == 3


def test_importing_the_same_again_corrects_nothing(engine: Engine, tmp_path: Path):
    entries = book(sale(date(2022, 3, 1), 1_000), level(date(2022, 3, 1), 1_000), agreement(date(2022, 3, 1)))
    for day in (MONDAY, NEXT):
        assert run(engine, tmp_path, entries, day).past == []
    assert (number_of(engine, CorrectionRow), number_of(engine, ImportRow)) == (0, 2)


def test_what_happened_since_the_import_before_is_news_and_not_a_correction(engine: Engine, tmp_path: Path):
    old, new = sale(date(2022, 3, 1), 1_000), sale(date(2022, 9, 7), 500, sale_id="S2")
    run(engine, tmp_path, book(old), MONDAY)
    assert run(engine, tmp_path, book(old, new), NEXT).past == []
    found = digest(engine, NEXT, KnownAt(MONDAY, 1))
    assert (found.corrected, found.change) == (0, 15_000_000)


def test_a_dry_run_says_what_would_change_in_the_past_and_records_nothing(engine: Engine, tmp_path: Path):
    run(engine, tmp_path, book(sale(date(2022, 3, 1), 1_000)), MONDAY)
    [past] = run(engine, tmp_path, book(sale(date(2022, 3, 1), 2_000)), NEXT, dry_run=True).past
    assert (past.span.micropoints, past.now) == (30_000_000, 60_000_000)
    assert past.rows[0].columns == {"mrr": ("1000.00 USD", "2000.00 USD")}
    assert (number_of(engine, CorrectionRow), number_of(engine, ImportRow)) == (0, 1)


def test_other_rules_correct_the_past_and_are_named_as_the_cause(engine: Engine, tmp_path: Path):
    run(engine, tmp_path, book(sale(date(2022, 3, 1), 1_000)), MONDAY)
    unit = next(each.unit for each in PROGRAM.parameters if each.path == "rates.sourced.standard")
    (tmp_path / "rules.toml").write_text(f'[rates.sourced.standard]\nunit = "{unit}"\n2021-01-01 = {{ value = 4 }}\n')
    other = load_program(tmp_path / "rules.toml")
    rebuilt = rebuild_everything(engine, other, today=NEXT, at=datetime(2022, 9, 12, 8, tzinfo=UTC))
    [past] = rebuilt.past
    assert (past.span.micropoints, past.span.last, past.rows) == (10_000_000, date(2022, 9, 11), ())
    with engine.connect() as connection:
        [latest, _] = logged_imports(connection, 5)
    assert (latest.occasion, latest.day, latest.corrected[0].span) == (Occasion.RULES, NEXT, past.span)
    [correction] = digest(engine, NEXT, program=other).changes.hindsight.corrections
    assert correction.by_rules


def test_at_most_a_hundred_rows_are_kept_and_the_others_counted(engine: Engine, tmp_path: Path):
    run(engine, tmp_path, book(sale(date(2022, 3, 1), 1_000, sale_id="S")), MONDAY)
    more = [sale(date(2022, 3, 1), 100, sale_id=f"S{number:03}") for number in range(150)]
    [past] = run(engine, tmp_path, book(*more), NEXT).past
    assert (len(past.rows), past.total) == (ROWS_KEPT, 151)
    assert number_of(engine, CorrectionEntryRow) == ROWS_KEPT
    [correction] = digest(engine, NEXT).changes.hindsight.corrections
    assert (len(correction.rows), correction.total) == (ROWS_KEPT, 151)


@pytest.mark.parametrize("end", [MONDAY, NEXT])
def test_rows_of_days_after_those_asked_about_are_not_counted(engine: Engine, tmp_path: Path, end: date):
    """Two rows of one import: a sale struck before the day that was known, and one sold after it."""
    kept, struck = sale(date(2022, 3, 1), 1_000, sale_id="S"), sale(date(2022, 3, 1), 500, sale_id="OLD")
    run(engine, tmp_path, book(kept, struck), MONDAY)
    run(engine, tmp_path, book(kept, sale(date(2022, 9, 9), 700, sale_id="NEW")), NEXT)
    [correction] = hindsight(engine, date(2022, 8, 29), end, KnownAt(MONDAY)).corrections
    assert ([row.key for row in correction.rows], correction.total) == (["OLD"], 1)


def test_of_another_partners_row_only_that_it_changed_is_shown(engine: Engine, tmp_path: Path):
    own, paid = agreement(date(2022, 3, 1)), level(date(2022, 3, 1), 1_000)
    other = agreement(date(2022, 4, 1), partner="P2", agreement_id="SECRET")
    run(engine, tmp_path, book(own, paid), MONDAY)
    past = {each.partner_id: each for each in run(engine, tmp_path, book(own, other, paid), NEXT).past}
    assert [(row.file, row.key) for row in past["P2"].rows] == [("agreements.csv", "SECRET")]
    assert past["P1"].span.micropoints < 0
    assert [(row.file, row.key, row.client_id) for row in past["P1"].rows] == [("agreements.csv", "", CLIENT.client_id)]
    [shown] = digest(engine, NEXT).changes.hindsight.corrections
    assert [(row.key, row.day, row.columns) for row in shown.rows] == [("", None, {})]
    with engine.connect() as connection:
        kept = table(CorrectionEntryRow)
        days = connection.scalars(select(kept.c.day).where(kept.c.partner_id == "P1")).all()
    assert days == [ALWAYS], "whatever time one asks about, it is the same row"


def test_another_partners_news_are_not_shown_beside_ones_own_correction(engine: Engine, tmp_path: Path):
    """The other partner sold to a shared client since the import before; what is corrected is one's own sale."""
    shared = sale(date(2022, 4, 1), 500, partner="P2", sale_id="OLD")
    news = sale(date(2022, 9, 8), 500, partner="P2", sale_id="SECRET")
    run(engine, tmp_path, book(sale(date(2022, 3, 1), 1_000), shared), MONDAY)
    run(engine, tmp_path, book(sale(date(2022, 3, 1), 2_000), shared, news), NEXT)
    rows = [row for each in digest(engine, NEXT).changes.hindsight.corrections for row in each.rows]
    assert [(row.file, row.key) for row in rows] == [("sales.csv", "S1")]


def test_a_sale_that_moves_to_another_partner_names_neither_to_the_other(engine: Engine, tmp_path: Path):
    run(engine, tmp_path, book(sale(date(2022, 3, 1), 1_000)), MONDAY)
    past = run(engine, tmp_path, book(sale(date(2022, 3, 1), 1_000, partner="P2")), NEXT).past
    assert {each.partner_id: each.span.micropoints for each in past} == {"P1": -30_000_000, "P2": 30_000_000}
    assert [(row.key, row.columns) for each in past for row in each.rows] == [("S1", {}), ("S1", {})]


def test_a_partner_that_comes_back_is_new_and_its_former_past_forgotten(engine: Engine, tmp_path: Path):
    entries = book(sale(date(2022, 3, 1), 1_000))
    run(engine, tmp_path, entries, MONDAY)
    run(engine, tmp_path, book(sale(date(2022, 3, 1), 2_000)), MONDAY)
    assert number_of(engine, CorrectionRow) == 1
    gone = tmp_path / "gone"
    gone.mkdir()
    for name, header in (
        ("partners", "partner_id,name,country,currency,joined_on"),
        ("people", "email,name,role,partner_id"),
    ):
        (gone / f"{name}.csv").write_text(f"{header}\n")
    (gone / "sales.csv").write_text(SALES_HEADER)
    assert import_folder(engine, PROGRAM, gone, today=NEXT, mirror=True).past == []
    assert (number_of(engine, CorrectionRow), number_of(engine, FirstImportRow)) == (0, 0)
    assert run(engine, tmp_path, entries, NEXT).past == []
    assert not digest(engine, NEXT).changes.hindsight.reaches


def forget_history(engine: Engine) -> None:
    """Leave the database as a migration from a release without history does."""
    with engine.begin() as connection:
        for model in (CorrectionEntryRow, CorrectionRow, FirstImportRow, ImportRow):
            connection.execute(table(model).delete())


def test_with_no_import_on_record_nothing_is_called_corrected_and_the_record_begins(engine: Engine, tmp_path: Path):
    old, news = sale(date(2022, 3, 1), 1_000), sale(date(2022, 9, 8), 4_000, sale_id="S2")
    run(engine, tmp_path, book(old), MONDAY)
    forget_history(engine)
    first = run(engine, tmp_path, book(old, news), NEXT)
    assert (first.past, first.begins_record) == ([], True)
    assert number_of(engine, CorrectionRow) == 0
    told = digest(engine, NEXT)
    assert (told.corrected, told.change) == (0, 120_000_000)
    assert isinstance(told.changes.known_before, Unknown)
    later = run(engine, tmp_path, book(sale(date(2022, 3, 1), 2_000), news), NEXT + timedelta(7))
    assert ([each.span.micropoints for each in later.past], later.begins_record) == ([30_000_000], False)
    after = digest(engine, NEXT + timedelta(7), KnownAt(NEXT, told.version))
    assert after.changes.known_before.combined == told.standing.balance.combined
    assert (after.corrected, after.change) == (30_000_000, 0)


def test_a_rebuild_before_the_first_import_on_record_says_what_it_changed_and_the_import_begins_the_record(
    engine: Engine, tmp_path: Path
):
    """As after an update that asks for one."""
    old, news = sale(date(2022, 3, 1), 1_000), sale(date(2022, 9, 8), 4_000, sale_id="S2")
    run(engine, tmp_path, book(old), MONDAY)
    forget_history(engine)
    with engine.begin() as connection:
        connection.execute(table(BalanceRow).update().values(sourced=0))
    [past] = rebuild_everything(engine, PROGRAM, today=MONDAY, at=datetime(2022, 9, 5, 8, tzinfo=UTC)).past
    assert past.span.micropoints == 30_000_000
    first = run(engine, tmp_path, book(old, news), NEXT)
    assert (first.past, first.begins_record) == ([], True)
    found = digest(engine, NEXT).changes
    assert (found.hindsight.corrections, found.hindsight.begins) == ((), NEXT)
    assert isinstance(found.known_before, Unknown)


def test_the_first_import_into_an_empty_database_says_nothing_of_a_record(engine: Engine, tmp_path: Path):
    assert not run(engine, tmp_path, book(sale(date(2022, 3, 1), 1_000)), MONDAY).begins_record


def test_a_struck_agreement_is_named_although_it_leaves_no_credit(engine: Engine, tmp_path: Path):
    paid = level(date(2022, 3, 1), 1_000)
    run(engine, tmp_path, book(agreement(date(2022, 3, 1)), paid), MONDAY)
    [past] = run(engine, tmp_path, book(paid), NEXT).past
    assert [(row.key, row.change) for row in past.rows] == [("A1", "removed")]
    assert past.now == 0


def test_a_level_that_leaves_nothing_is_named_although_the_client_has_no_credit_any_more(
    engine: Engine, tmp_path: Path
):
    run(engine, tmp_path, book(agreement(date(2022, 3, 1)), level(date(2022, 3, 1), 1_000)), MONDAY)
    [past] = run(engine, tmp_path, book(agreement(date(2022, 3, 1))), NEXT).past
    assert [(row.file, row.change) for row in past.rows] == [("subscriptions.csv", "removed")]


@pytest.mark.parametrize("ends", [date(2022, 6, 30), None])
def test_an_agreements_new_end_counts_from_the_day_after_it(engine: Engine, tmp_path: Path, ends: date | None):
    was, paid = date(2022, 8, 31), level(date(2022, 3, 1), 1_000)
    run(engine, tmp_path, book(agreement(date(2022, 3, 1), was), paid), MONDAY)
    [past] = run(engine, tmp_path, book(agreement(date(2022, 3, 1), ends), paid), NEXT).past
    assert past.span.first == min(ends or was, was) + timedelta(1)
    [row] = past.rows
    assert row.day == past.span.first.toordinal()
    assert row.columns == {"ends_on": ("2022-08-31", str(ends or ""))}
