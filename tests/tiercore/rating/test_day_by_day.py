"""Points and retention of random histories are what a naive walk over every day finds (how-tiers-work)."""

import random
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.engine import URL

from tests.support.day_by_day import MEASURES, DayByDay, Points
from tests.support.histories import History, history, write_histories
from tests.support.written_rules import months_between
from tiercore.facts.unknown import Unknown
from tiercore.ingest.importing import import_folder
from tiercore.program import load_program
from tiercore.rating.credits import ClientBook
from tiercore.rating.rating import credits_of
from tiercore.rating.retention import RetentionMonth, retention_on
from tiercore.rating.retention_months import retention_months
from tiercore.rating.timeline import Balance, timeline_of
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.derived import BalanceRow, RetentionRow

PROGRAM = load_program()
Rated = dict[str, tuple[list[Balance], list[RetentionMonth]]]


def rated(one: History) -> Rated:
    """Each partner's timeline and months, by the product."""
    books = {client.client_id: ClientBook(client) for client in one.clients}
    for sale in one.sales:
        books[sale.client_id].sales.append(sale)
    for level in one.levels:
        books[level.client_id].levels.append(level)
    for agreement in one.agreements:
        books[agreement.client_id].agreements.append(agreement)
    credits = [credit for book in books.values() for credit in credits_of(book, PROGRAM)]
    found: Rated = {}
    for partner in sorted({credit.partner_id for credit in credits}):
        own = [credit for credit in credits if credit.partner_id == partner]
        clients = {credit.client_id for credit in own}
        levels = [level for level in one.levels if level.client_id in clients]
        found[partner] = timeline_of(own), retention_months(own, levels, PROGRAM)
    return found


def steps(timeline: Iterable[Balance]) -> list[tuple[int, Points]]:
    """The days on which the points change, with what they are from then on."""
    found: list[tuple[int, Points]] = []
    for row in timeline:
        points = row.sourced, row.assisted, row.managed
        if points != (found[-1][1] if found else (0, 0, 0)):
            found.append((row.day, points))
    return found


def differences(one: History, product: Rated, chance: random.Random) -> list[str]:
    """Where the walk and the product disagree: on the points of any day, or on the retention of a few."""
    walk, found = DayByDay(one), list[str]()
    months = list(months_between(walk.first, walk.last))
    for partner, expected in walk.points.items():
        timeline, rows = product.get(partner, ([], []))
        if expected != steps(timeline):
            found.append(f"points of {partner}: {expected} by the walk, {steps(timeline)} by the product")
        for day in chance.sample(months, 3):
            known = retention_on(rows, day)
            for measure in MEASURES:
                figure, walked = known.counting(measure), walk.retention(partner, day, measure)
                if walked != (None if isinstance(figure, Unknown) else figure):
                    found.append(f"{measure} of {partner} on {day}: {walked} by the walk, {figure} by the product")
    return found


def differing(seed: int) -> list[str]:
    chance = random.Random(seed)
    one = history(chance)
    return differences(one, rated(one), chance)


@settings(max_examples=200)
@given(seed=st.integers(0, 2**32))
def test_every_day_of_a_random_history_is_what_a_walk_over_its_days_finds(seed: int):
    assert differing(seed) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_day_of_20_000_random_histories_is_what_a_walk_over_their_days_finds(share_of: Callable[[int], int]):
    assert {seed: found for seed in range(share_of(20_000)) if (found := differing(seed))} == {}


def test_what_an_import_stores_of_random_histories_is_what_a_walk_over_their_days_finds(tmp_path: Path):
    histories = [history(random.Random(seed), f"H{seed}-") for seed in range(300)]
    write_histories(tmp_path / "files", histories)
    stored = imported(tmp_path)
    found = [differences(one, stored, random.Random(seed)) for seed, one in enumerate(histories)]
    assert [each for each in found if each] == []


def imported(folder: Path) -> Rated:
    """Each partner's timeline and months, as an import of the folder's files stores them."""
    engine = create_database_engine(URL.create("sqlite", database=str(folder / "tierbot.db")))
    upgrade(engine)
    assert import_folder(engine, PROGRAM, folder / "files", today=date(2026, 6, 1)).problems == []
    found: Rated = {}
    with engine.connect() as connection:
        balance, month = table(BalanceRow), table(RetentionRow)
        for partner, *row in connection.execute(
            select(balance.c.partner_id, *(balance.c[name] for name in Balance._fields)).order_by(balance.c.day)
        ):
            found.setdefault(partner, ([], []))[0].append(Balance._make(row))
        for partner, *row in connection.execute(
            select(month.c.partner_id, *(month.c[name] for name in RetentionMonth._fields))
        ):
            found.setdefault(partner, ([], []))[1].append(RetentionMonth._make(row))
    engine.dispose()
    return found
