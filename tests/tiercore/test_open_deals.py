"""What open deals would earn is what the ledger has once their sales are imported; and until then they are nothing."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from tests.support.pipeline import TODAY, import_deals, import_entries, random_deals
from tests.support.reading_answers import answers_from
from tests.support.sample_folder import TABLE, write_folder
from tiercore.access import Grant, Mailbox
from tiercore.answers import Answers
from tiercore.deal_points import entries_of, rated
from tiercore.facts.entries import Client, Partner
from tiercore.ingest.importing import import_folder
from tiercore.people.holds import hold
from tiercore.program import Program, load_program
from tiercore.questions.gap import NothingAbove
from tiercore.questions.pipeline import CLASSES, OpenDeal, in_order, likelihood_of
from tiercore.rating.credits import ClientBook
from tiercore.rating.timeline import Balance, balance_on, timeline_of
from tiercore.storage.books import books_of, credits_of_partner, usage_of
from tiercore.storage.engine import create_database_engine, reading, writing
from tiercore.storage.schema import upgrade
from tiercore.storage.transactions import Transactions, utc_now

POINTS = ("sourced", "assisted", "managed", "sold_cents", "managed_cents", "unrated_sold", "unrated_managed")
PA = Partner("PA", "Partner A", "US", "USD", date(2019, 1, 1))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    table = tmp_path_factory.mktemp("rules") / "table.toml"
    table.write_text(f'{TABLE}\n[thresholds.platinum.combined]\nunit = "points"\n2022-07-18 = {{ value = 645 }}\n')
    return load_program(table)


@pytest.fixture
def filled(sqlite_engine: Engine, program: Program, tmp_path: Path) -> Engine:
    assert import_folder(sqlite_engine, program, write_folder(tmp_path / "data"), today=TODAY).problems == []
    return sqlite_engine


@pytest.fixture
async def answers(filled: Engine, program: Program) -> AsyncIterator[Answers]:
    async with answers_from(filled.url, program, Transactions(filled)) as found:
        yield found


async def grant_of(answers: Answers, email: str = "ana@example.com", partner_id: str = "PA") -> Grant:
    return (await answers.reach(Mailbox(email))).grant_of(partner_id)


def timeline(engine: Engine, partner_id: str = "PA") -> list[Balance]:
    with reading(engine) as connection:
        return timeline_of(credits_of_partner(connection, partner_id), usage_of(connection, partner_id))


def points(balance: Balance) -> dict[str, int]:
    return {name: getattr(balance, name) for name in POINTS}


def open_deals(seed: int) -> list[OpenDeal]:
    deals = random_deals(seed)
    return [
        OpenDeal(each, each.client_name or each.client_id or "", each.expected_on, not each.client_id) for each in deals
    ]


@pytest.mark.slow
def test_the_sums_by_class_are_what_the_ledger_has_once_those_sales_are_imported(
    tmp_path: Path, program: Program, share_of: Callable[[int], int]
):
    folder = write_folder(tmp_path / "data")
    for seed in range(share_of(60)):
        rng, engine = random.Random(seed), create_database_engine(url(tmp_path / f"{seed}.db"))
        upgrade(engine)
        assert import_folder(engine, program, folder, today=TODAY).problems == []
        before = timeline(engine)
        with reading(engine) as connection:
            books = {book.client.client_id: book for book in books_of(connection, ["C1", "C2", "C3", "C4"])}
        found = rated(program, PA, open_deals(seed), books)
        entries = entries_of(program, PA, open_deals(seed), books)
        for likelihood in CLASSES:
            import_entries(engine, program, tmp_path / f"{seed}-{likelihood}", entries[likelihood])
            after = timeline(engine)
            days = [TODAY + timedelta(rng.randrange(0, 1_000)) for _ in range(10)]
            for day in [*days, *(each.open.expected_on for each in found.deals)]:
                added = balance_on(found.added[likelihood], day)
                said = {name: value + points(added)[name] for name, value in points(balance_on(before, day)).items()}
                assert said == points(balance_on(after, day)), (seed, likelihood, day)
        engine.dispose()


def url(file: Path) -> URL:
    return URL.create("sqlite+pysqlite", database=str(file))


def test_the_points_of_the_deals_of_a_day_add_up_to_what_their_class_adds(program: Program):
    for seed in range(200):
        same_day = [replace(each, expected_on=TODAY) for each in open_deals(seed)]
        found = rated(
            program, PA, same_day, {each: ClientBook(Client(each, each, "US")) for each in ("C1", "C2", "C4")}
        )
        for at, likelihood in enumerate(CLASSES):
            deals = [each for each in found.deals if each.likelihood in CLASSES[: at + 1]]
            assert sum(each.micropoints for each in deals) == balance_on(found.added[likelihood], TODAY).combined


def test_each_class_counts_the_deals_of_those_before_it_and_an_unknown_probability_counts_in_all_alone(
    program: Program,
):
    rules = program.on(TODAY)
    asked = (100, 90, 89, 50, 49, 0, None)
    said = [likelihood_of(each, rules) for each in asked]
    assert said == [*["sure"] * 2, *["likely"] * 2, *["all"] * 3]
    assert [each.deal_id for each in in_order(open_deals(3))] == [
        each.deal_id
        for each in sorted(
            open_deals(3),
            key=lambda each: (
                each.deal.probability is None,
                -(each.deal.probability or 0),
                each.expected_on,
                each.deal_id,
            ),
        )
    ]


async def test_a_deal_is_no_point_anywhere(answers: Answers, filled: Engine, program: Program, tmp_path: Path):
    grant = await grant_of(answers)

    async def said() -> list[object]:
        signals = await answers.reports.signals(grant, TODAY)
        progress = replace(await answers.progress(grant, TODAY), pipeline=None)
        expiring = await answers.expiring(grant, 365, TODAY)
        return [
            await answers.standing(grant, TODAY),
            await answers.gap(grant, None, TODAY),
            progress,
            expiring,
            signals,
        ]

    before = await said()
    rows = [
        f"D{at},PA,C1,,,Marketing Hub,sourced,90000,USD,2022-{month:02d}-01,100,"
        for at, month in enumerate((9, 10, 11))
    ]
    assert import_deals(filled, program, tmp_path / "deals", *rows).problems == []
    assert len((await answers.pipeline(grant, TODAY)).deals) == 2
    after = await said()
    after[-1] = replace(after[-1], version=before[-1].version)  # type: ignore[type-var, attr-defined]
    assert after == before


async def test_the_next_tier_is_reached_with_the_first_class_that_is_enough_and_credited_on_the_15th(
    answers: Answers, filled: Engine, program: Program, tmp_path: Path
):
    import_deals(
        filled,
        program,
        tmp_path / "deals",
        "D1,PA,C1,,,Marketing Hub,sourced,100,USD,2022-09-06,95,",
        "D2,PA,C1,,,Marketing Hub,sourced,9000,USD,2022-09-20,60,",
        "D3,PA,C1,,,Sales Hub,sourced,9000,USD,2022-10-01,,",
    )
    found = await answers.pipeline(await grant_of(answers), TODAY)
    assert found.next_tier == "platinum"
    assert [(each.likelihood, each.count, each.reached, each.credited) for each in found.projections] == [
        ("sure", 1, None, None),
        ("likely", 2, date(2022, 9, 20), None),
        ("all", 3, date(2022, 9, 20), date(2022, 10, 15)),
    ], "Acme's agreement ends on 31 October, and its sales of last October expire before the 15th"
    assert found.without_probability == 1
    assert found.closest is None


@pytest.mark.slow
async def test_a_gap_is_the_same_whether_deals_that_cant_count_by_its_day_are_rated_or_not(
    answers: Answers, filled: Engine, program: Program, tmp_path: Path
):
    for seed in range(12):
        import_entries(filled, program, tmp_path / str(seed), random_deals(seed))
        grant = await grant_of(answers)
        everything = (await answers.pipeline(grant, TODAY)).projections
        for days in (10, 60, 200, 360):
            by = TODAY + timedelta(days)
            with suppress(NothingAbove):
                found = await answers.gap(grant, None, TODAY, by=by)
                brought = [each.micropoints for each in found.pipeline] or [0, 0, 0]
                assert brought == [each.added_on(by).combined for each in everything], (seed, days)


async def test_a_deal_past_its_day_counts_in_no_projection(
    answers: Answers, filled: Engine, program: Program, tmp_path: Path
):
    import_deals(filled, program, tmp_path / "deals", "D1,PA,C1,,,Sales Hub,sourced,5000,USD,2022-09-04,95,")
    found = await answers.pipeline(await grant_of(answers), TODAY)
    assert ([each.deal_id for each in found.past], found.deals) == (["D1"], ())
    assert all(each.points == 0 and not each.added for each in found.projections)


async def test_nobody_sees_the_deals_of_another_partner(
    answers: Answers, filled: Engine, program: Program, tmp_path: Path
):
    import_deals(
        filled,
        program,
        tmp_path / "deals",
        "D1,PA,C1,,,Sales Hub,sourced,5000,USD,2022-10-04,95,",
        "D2,PB,C1,,,Sales Hub,sourced,5000,USD,2022-10-04,95,",
    )
    of_a = await answers.pipeline(await grant_of(answers), TODAY)
    of_b = await answers.pipeline(await grant_of(answers, "bea@example.com", "PB"), TODAY)
    assert [[each.open.deal_id for each in found.deals] for found in (of_a, of_b)] == [["D1"], ["D2"]]


async def test_nothing_is_projected_while_expiry_is_under_correction_and_the_rest_is_said(
    answers: Answers, filled: Engine, program: Program, tmp_path: Path
):
    import_deals(filled, program, tmp_path / "deals", "D1,PA,C1,,,Sales Hub,sourced,50000,USD,2022-10-04,95,")
    with writing(filled) as connection:
        hold(connection, "expiry", "PA", "being corrected", utc_now())
    found = await answers.pipeline(await grant_of(answers), TODAY)
    assert found.held
    assert [(each.reached, each.credited) for each in found.projections] == [(None, None)] * 3
