"""An import is idempotent, all or nothing, and visible to the next question, on both engines."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from tests.support.sample_folder import FOLDER, write_folder
from tiercore.facts.points import MICRO
from tiercore.ingest.importing import Imported, import_folder
from tiercore.program import load_program
from tiercore.rating.credits import Credit
from tiercore.rating.timeline import Balance, balance_on, timeline_of
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.derive import rebuild_all, stored_fingerprint
from tiercore.storage.reconcile import Count
from tiercore.storage.tables.derived import BalanceRow, CreditRow, DerivedRow, RetentionRow
from tiercore.storage.tables.ledger import ENTRY_TABLES, SaleRow

PROGRAM = load_program()
TODAY = date(2022, 9, 5)


def run(engine: Engine, folder: Path, **options: bool) -> Imported:
    return import_folder(engine, PROGRAM, folder, today=TODAY, **options)


def everything(engine: Engine) -> dict[str, set[tuple]]:
    """Every row of facts and derived tables, without the credits' serial numbers."""
    with engine.connect() as connection:
        found = {}
        for model in (*ENTRY_TABLES, CreditRow, BalanceRow, RetentionRow):
            columns = [column for column in table(model).columns if column.name != "credit_id"]
            found[model.__tablename__] = {tuple(row) for row in connection.execute(select(*columns))}
        return found


def balance(engine: Engine, partner: str, day: date) -> Balance:
    with engine.connect() as connection:
        target = table(BalanceRow)
        columns = [target.c[name] for name in Balance._fields]
        found = connection.execute(select(*columns).where(target.c.partner_id == partner).order_by(target.c.day))
        return balance_on([Balance._make(row) for row in found], day)


def test_an_imported_folder_is_stored_and_rated(engine: Engine, tmp_path: Path):
    imported = run(engine, write_folder(tmp_path / "data"))
    assert imported.problems == []
    assert imported.stored
    assert imported.counts["sales.csv"] == Count(added=6)
    before = balance(engine, "PA", TODAY)
    assert (before.sold, before.managed, before.tools_median_twice) == (270 * MICRO, 150 * MICRO, 8)


def test_importing_is_idempotent(engine: Engine, tmp_path: Path):
    folder = write_folder(tmp_path / "data")
    run(engine, folder)
    before = everything(engine)
    again = run(engine, folder)
    assert {name: (count.added, count.changed) for name, count in again.counts.items()} == dict.fromkeys(FOLDER, (0, 0))
    assert everything(engine) == before


def test_the_order_of_rows_does_not_matter(engine: Engine, tmp_path: Path):
    run(engine, write_folder(tmp_path / "data"))
    before = everything(engine)
    shuffled = {}
    for name, text in FOLDER.items():
        header, *lines = text.splitlines()
        random.Random(3).shuffle(lines)
        shuffled[name.removesuffix(".csv")] = "\n".join([header, *lines]) + "\n"
    for model in (CreditRow, BalanceRow, RetentionRow, DerivedRow, *reversed(ENTRY_TABLES)):
        with engine.begin() as connection:
            connection.execute(table(model).delete())
    run(engine, write_folder(tmp_path / "other", **shuffled))
    assert everything(engine) == before


def test_importing_in_parts_equals_importing_the_whole(engine: Engine, tmp_path: Path):
    folder = write_folder(tmp_path / "whole")
    for number, names in enumerate((["partners", "clients"], ["agreements", "usage"], ["sales"], ["subscriptions"])):
        part = tmp_path / f"part{number}"
        part.mkdir()
        for name in names:
            (part / f"{name}.csv").write_bytes((folder / f"{name}.csv").read_bytes())
        assert run(engine, part).stored
    assert balance(engine, "PA", TODAY).combined == 420 * MICRO


def test_a_changed_row_is_counted_and_its_client_rated_again(engine: Engine, tmp_path: Path):
    folder = write_folder(tmp_path / "data")
    run(engine, folder)
    sales = FOLDER["sales.csv"].replace("3000.00,USD,2022-03-01", "4000.00,USD,2022-03-01")
    changed = run(engine, write_folder(folder, sales=sales))
    assert changed.counts["sales.csv"] == Count(changed=1, same=5)
    assert balance(engine, "PA", TODAY).sold == 300 * MICRO


def test_a_sale_moved_to_another_partner_leaves_the_first(engine: Engine, tmp_path: Path):
    folder = write_folder(tmp_path / "data")
    run(engine, folder)
    run(engine, write_folder(folder, sales=FOLDER["sales.csv"].replace("S2,PA,C1", "S2,PB,C1")))
    assert balance(engine, "PA", TODAY).sold == 180 * MICRO


def test_one_invalid_row_stores_nothing(engine: Engine, tmp_path: Path):
    folder = write_folder(tmp_path / "data", sales=FOLDER["sales.csv"].replace("6000.00", "6,000"))
    imported = run(engine, folder)
    assert not imported.stored
    assert imported.problems
    assert all(not found for found in everything(engine).values())


def test_a_dry_run_does_everything_but_store(engine: Engine, tmp_path: Path):
    imported = run(engine, write_folder(tmp_path / "data"), dry_run=True)
    assert imported.counts["sales.csv"].added == 6
    assert not imported.stored
    assert all(not found for found in everything(engine).values())


def test_an_import_deletes_nothing_unless_asked_to_mirror(engine: Engine, tmp_path: Path):
    folder = write_folder(tmp_path / "data")
    run(engine, folder)
    without = "\n".join(line for line in FOLDER["sales.csv"].splitlines() if not line.startswith("S2")) + "\n"
    write_folder(folder, sales=without)
    assert run(engine, folder).counts["sales.csv"].removed == 0
    assert balance(engine, "PA", TODAY).sold == 270 * MICRO
    assert run(engine, folder, mirror=True).counts["sales.csv"].removed == 1
    assert balance(engine, "PA", TODAY).sold == 180 * MICRO


def test_mirroring_away_a_referenced_client_is_refused_and_changes_nothing(engine: Engine, tmp_path: Path):
    folder = write_folder(tmp_path / "data")
    run(engine, folder)
    before = everything(engine)
    only = tmp_path / "only"
    only.mkdir()
    (only / "clients.csv").write_text("client_id,name,country\nC1,Acme,US\n")
    refused = run(engine, only, mirror=True)
    assert [problem.kind for problem in refused.problems] == ["still referred to"]
    assert everything(engine) == before


def test_stored_timelines_match_the_stored_credits(engine: Engine, tmp_path: Path):
    run(engine, write_folder(tmp_path / "data"))
    with engine.connect() as connection:
        credits: list[Credit] = [rows.credit(row) for row in connection.execute(select(table(CreditRow))).mappings()]
    for partner in ("PA", "PB", "PC", "PD"):
        replay = timeline_of(credit for credit in credits if credit.partner_id == partner)
        for offset in range(0, 2000, 17):
            day = date(2020, 6, 1) + timedelta(offset)
            assert balance(engine, partner, day).combined == balance_on(replay, day).combined


def test_a_full_rebuild_equals_the_imports(engine: Engine, tmp_path: Path):
    run(engine, write_folder(tmp_path / "data"))
    before = everything(engine)
    with engine.begin() as connection:
        assert rebuild_all(connection, PROGRAM) == (4, 0)
    assert everything(engine) == before


def test_an_import_under_other_rules_rates_everything_again(engine: Engine, tmp_path: Path):
    run(engine, write_folder(tmp_path / "data"))
    path = tmp_path / "rules.toml"
    path.write_text('[rates.assisted.standard]\nunit = "points per US$100"\n2021-01-01 = { value = 4 }\n')
    unit = next(p.unit for p in PROGRAM.parameters if p.path == "rates.assisted.standard")
    path.write_text(path.read_text().replace("points per US$100", unit))
    other = load_program(path)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "clients.csv").write_text("client_id,name,country\nC9,Neu,US\n")
    import_folder(engine, other, tmp_path / "one", today=TODAY)
    with engine.connect() as connection:
        assert stored_fingerprint(connection) == other.rating_fingerprint
    assert balance(engine, "PA", TODAY).assisted == 240 * MICRO


def test_a_failed_import_leaves_nothing_behind(engine: Engine, tmp_path: Path):
    def fail(stage: str, _done: int, _total: int) -> None:
        if stage == "timelines":
            raise RuntimeError("the plug is pulled")

    with pytest.raises(RuntimeError):
        import_folder(engine, PROGRAM, write_folder(tmp_path / "data"), today=TODAY, progress=fail)
    assert all(not found for found in everything(engine).values())
    with engine.connect() as connection:
        assert connection.execute(select(table(SaleRow))).all() == []


def test_two_concurrent_imports_are_both_stored_completely(engine: Engine, tmp_path: Path):
    run(engine, write_folder(tmp_path / "data"))
    header = FOLDER["sales.csv"].splitlines()[0]
    folders = []
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        sale = f"N{number},PA,C1,Marketing Hub,upsell,assisted,100.00,USD,2022-08-01"
        (folder / "sales.csv").write_text(f"{header}\n{sale}\n")
        folders.append(folder)
    with ThreadPoolExecutor(4) as pool:
        assert all(done.stored for done in pool.map(lambda folder: run(engine, folder), folders))
    assert balance(engine, "PA", TODAY).sold == 282 * MICRO
