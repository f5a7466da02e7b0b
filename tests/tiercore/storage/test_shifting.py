"""Imports move timelines and retention by what differs, to the rows that a rebuild makes (architecture#rebuilds)."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine, delete, select

from tests.support.histories import History, history, write_histories
from tiercore.facts.entries import Client, Sale, ToolUsage
from tiercore.facts.money import Money
from tiercore.ingest.importing import import_folder
from tiercore.program import Program, load_program
from tiercore.rating.hindsight import Shift, Step, steps_between
from tiercore.rating.timeline import Balance
from tiercore.storage.bulk import table
from tiercore.storage.derive import rebuild_all
from tiercore.storage.engine import writing
from tiercore.storage.tables.derived import BalanceRow, CreditRow, RetentionRow
from tiercore.storage.tables.history import CorrectionRow
from tiercore.storage.versions import data_version

PROGRAM = load_program()
TODAY = date(2024, 6, 1)
Tables = dict[str, list[tuple[object, ...]]]


def derived(engine: Engine) -> Tables:
    """The rows of the derived tables, without the numbers of credits."""
    found: Tables = {}
    with engine.connect() as connection:
        for model in (CreditRow, BalanceRow, RetentionRow):
            columns = [each for each in table(model).columns if each.name != "credit_id"]
            found[model.__tablename__] = sorted(map(tuple, connection.execute(select(*columns))), key=repr)
    return found


def rebuilt(engine: Engine, program: Program) -> Tables:
    """The rows of the derived tables after a rebuild from nothing."""
    with writing(engine) as connection:
        for model in (CreditRow, BalanceRow, RetentionRow):
            connection.execute(delete(table(model)))
        rebuild_all(connection, program)
    return derived(engine)


def books(seed: int, clients: int) -> History:
    """A few clients of the same three partners, with tool usage."""
    chance, found = Random(seed), History()
    for number in range(clients):
        one = history(chance, f"{seed}-{number}")
        found.clients += one.clients
        found.sales += [replace(each, partner_id=each.partner_id[-2:]) for each in one.sales]
        found.levels += one.levels
        found.agreements += [replace(each, partner_id=each.partner_id[-2:]) for each in one.agreements]
        found.usage += used(chance, one.clients)
    return found


def used(chance: Random, clients: list[Client]) -> list[ToolUsage]:
    """A few months of some clients' tool usage."""
    months = [date(2021 + chance.randrange(4), chance.randrange(1, 13), 1) for _ in range(chance.choice((0, 0, 1, 4)))]
    return [ToolUsage(each.client_id, month, chance.randrange(9)) for each in clients for month in sorted({*months})]


def changed(chance: Random, before: History) -> History:
    """The books with rows of some clients changed, added and gone."""
    touched = {each.client_id for each in before.clients if chance.random() < 0.3}
    gone = {client_id for client_id in touched if chance.random() < 0.1}
    found = History(clients=[each for each in before.clients if each.client_id not in gone])

    def is_kept(client_id: str, likely: float) -> bool:
        return client_id not in gone and (client_id not in touched or chance.random() < likely)

    def is_other(client_id: str, likely: float) -> bool:
        return client_id in touched and chance.random() < likely

    for sale in before.sales:
        if is_kept(sale.client_id, 0.9):
            found.sales.append(other_sale(chance, sale) if is_other(sale.client_id, 0.4) else sale)
            if is_other(sale.client_id, 0.2):
                found.sales.append(replace(other_sale(chance, sale), sale_id=f"{sale.sale_id}+{chance.random()}"))
    for level in before.levels:
        if is_kept(level.client_id, 0.8):
            mrr = Money(chance.choice((0, 1, 5_000_00)), level.mrr.currency)
            found.levels.append(replace(level, mrr=mrr) if is_other(level.client_id, 0.2) else level)
    found.agreements = [each for each in before.agreements if is_kept(each.client_id, 0.8)]
    for month in before.usage:
        if is_kept(month.client_id, 0.8):
            tools = chance.randrange(9) if is_other(month.client_id, 0.3) else month.tools_used
            found.usage.append(replace(month, tools_used=tools))
    return found


def other_sale(chance: Random, sale: Sale) -> Sale:
    """The sale with another amount, day or partner."""
    return chance.choice(
        (
            replace(sale, mrr=Money(sale.mrr.minor + chance.choice((1, 50_00)), sale.mrr.currency)),
            replace(sale, sold_on=sale.sold_on + timedelta(chance.choice((-400, -1, 1, 30, 700)))),
            replace(sale, partner_id=chance.choice(("P1", "P2", "P3"))),
        )
    )


def run(engine: Engine, program: Program, folder: Path, entries: History) -> None:
    write_histories(folder, [entries])
    assert import_folder(engine, program, folder, today=TODAY, mirror=True).problems == []


def corrections(engine: Engine) -> dict[str, list[Step]]:
    """What the last import has recorded of each partner's past."""
    row, found = table(CorrectionRow), dict[str, list[Step]]()
    with engine.connect() as connection:
        version = data_version(connection)
        for each in connection.execute(select(row).where(row.c.import_id == version).order_by(row.c.day)).mappings():
            shift = Shift(*(each[name] for name in Shift._fields))
            found.setdefault(each["partner_id"], []).append(Step(each["day"], shift))
    return found


def timelines(tables: Tables) -> dict[str, list[Balance]]:
    """Each partner's timeline."""
    found: dict[str, list[Balance]] = {}
    for partner_id, *row in sorted(tables["timeline"], key=lambda each: each[:2]):
        found.setdefault(str(partner_id), []).append(Balance(*row))
    return found


def check(engine: Engine, folder: Path, seed: int, *, clients: int, rounds: int) -> None:
    """Import random books and then a few random changes of them, each to the rows that a rebuild makes."""
    chance, own = Random(seed), books(seed, clients)
    run(engine, PROGRAM, folder / f"{seed}", own)
    for number in range(rounds):
        before, partners = timelines(derived(engine)), {each.partner_id for each in (*own.sales, *own.agreements)}
        own = changed(chance, own)
        run(engine, PROGRAM, folder / f"{seed}-{number}", own)
        moved, recorded = derived(engine), corrections(engine)
        assert moved == rebuilt(engine, PROGRAM), (seed, number)
        stayed = partners & {each.partner_id for each in (*own.sales, *own.agreements)}
        after = timelines(moved)
        steps = {
            each: list(steps_between(before.get(each, []), after.get(each, []), TODAY.toordinal())) for each in stayed
        }
        assert recorded == {each: own for each, own in steps.items() if own}, (seed, number)


@pytest.mark.parametrize("clients", [1, 2, 6, 20])
def test_changes_that_are_imported_give_the_rows_of_a_rebuild(
    share_of, sqlite_engine: Engine, tmp_path: Path, clients: int
):
    for seed in range(share_of(120 // clients)):
        check(sqlite_engine, tmp_path, clients * 1_000 + seed, clients=clients, rounds=3)


def test_changes_give_the_rows_of_a_rebuild_on_both_engines(engine: Engine, tmp_path: Path):
    for seed in range(2):
        check(engine, tmp_path, seed, clients=6, rounds=2)
