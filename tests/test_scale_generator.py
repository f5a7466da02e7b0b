"""The program that `make bench-scale` generates is valid, has the size asked for, and is the same for a seed."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from bench.scale.database import ADMIN, CAM, TEAM, fill, user_of
from bench.scale.generate import generate
from bench.scale.market import AS_OF
from tiercore.access import SlackUser
from tiercore.answers import Answers
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.program import load_program
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.reader import create_reader
from tiercore.storage.schema import upgrade

SALES = 1_500


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    generate(folder, SALES)
    return folder


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_generated_program_has_as_many_sales_as_asked_for_and_no_day_after_its_own(folder: Path) -> None:
    sales = rows(folder, "sales")
    assert len(sales) == SALES
    assert max(each["sold_on"] for each in sales) <= str(AS_OF)
    assert {each["deal_type"] for each in sales} == {"net_new", "cross_sell", "upsell", "renewal", "increase"}


def test_a_few_partners_have_most_sales(folder: Path) -> None:
    sizes = sorted(Counter(each["partner_id"] for each in rows(folder, "sales")).values())
    largest = sizes[-(len(sizes) // 3) :]
    assert sum(largest) > SALES / 2, "a third of the partners has more than half"


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(folder: Path, tmp_path: Path) -> None:
    for seed, name in ((2022, "again"), (7, "other")):
        generate(tmp_path / name, SALES, seed)
    known = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == known
    assert (tmp_path / "other" / "sales.csv").read_bytes() != known["sales.csv"]


def test_a_generated_program_is_imported_without_a_problem_or_a_warning(folder: Path, tmp_path: Path) -> None:
    engine = create_database_engine(database_url(f"sqlite:///{tmp_path / 'dry.db'}"))
    upgrade(engine)
    imported = import_folder(engine, load_program(folder / "program.toml"), folder, today=AS_OF, dry_run=True)
    engine.dispose()
    assert (imported.problems, imported.warnings) == ([], [])
    assert imported.counts["sales.csv"].added == SALES


async def test_the_admin_the_cam_and_each_partner_are_linked(folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'filled.db'}"
    engine = create_database_engine(database_url(url))
    fill(engine, folder)
    engine.dispose()
    reader = create_reader(database_url(url))
    await reader.open()
    answers = Answers(Ledger(reader, load_program(folder / "program.toml")))
    seen = [len((await answers.reach(SlackUser(TEAM, user))).partners) for user in (ADMIN, CAM, user_of("P00003"))]
    await reader.close()
    assert seen == [15, 15, 1]
