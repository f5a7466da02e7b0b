"""What a CAM may import: rows of the partners they look after, and nothing that touches another's."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select

from tests.support.pipeline import HEADER
from tests.support.sample_folder import FOLDER, TABLE, write_folder
from tests.support.served_bot import TODAY, link_user
from tiercore.access import NotLinked, SlackUser
from tiercore.ingest.discovery import Files
from tiercore.ingest.importing import Imported, import_folder, import_source
from tiercore.people.types import NotAllowed
from tiercore.program import Program, load_program
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine, database_url, reading, writing
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.ledger import PipelineDealRow, SaleRow
from tiercore.storage.transactions import Transactions
from tiercore.typed.service import TypedEntries
from tiercore.typed.types import Draft, Kind
from tiercore.uploads.rights import allowed_to, importer_of, still_allowed_to, told_alike
from tiercore.uploads.service import Uploads
from tiercore.uploads.types import DroppedFile, Importer

CARLA = Importer("carla@example.com", frozenset({"PA", "PB", "PD"}))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    file = tmp_path_factory.mktemp("rules") / "rules.toml"
    file.write_text(TABLE)
    return load_program(file)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, program: Program) -> Engine:
    folder = tmp_path_factory.mktemp("data")
    found = create_database_engine(database_url(f"sqlite:///{folder}/tierbot.db"))
    upgrade(found)
    assert import_folder(found, program, write_folder(folder / "files"), today=TODAY).stored
    for name in ("ana", "carla", "admin"):
        link_user(found, "T01", f"U0{name.upper()}", f"{name}@example.com")
    return found


def tried(engine: Engine, program: Program, folder: Path, importer: Importer, **files: str) -> Imported:
    """A dry run of these files, each of rows below the sample's header."""
    for name, rows in files.items():
        head = HEADER if name == "pipeline" else FOLDER[f"{name}.csv"].splitlines()[0]
        (folder / f"{name}.csv").write_text(f"{head}\n{rows}\n")
    source = Files(folder, lists_everyone=False)
    return import_source(engine, program, source, today=TODAY, dry_run=True, allow=allowed_to(importer))


@pytest.mark.parametrize(
    ("file", "row"),
    [
        ("sales", "S9,PB,C2,Sales Hub,net_new,sourced,500,EUR,2022-08-01"),
        ("agreements", "A9,PB,C2,2022-08-01,"),
        ("subscriptions", "C2,Marketing Hub,1,EUR,2022-08-01,"),
        ("usage", "C2,2022-08,9"),
        ("clients", "C9,Neu,DE"),
        ("clients", "C2,Be,IN"),
        ("partners", "PB,Zweite AG,DE,EUR,2020-01-01"),
        ("tiers", "PB,gold,2022-08-15"),
        ("certifications", "PB,X,2022-01-01,2023-01-01"),
    ],
)
def test_a_cam_brings_rows_of_their_own_partners(engine, program, tmp_path, file: str, row: str):
    assert tried(engine, program, tmp_path, CARLA, **{file: row}).problems == []


@pytest.mark.parametrize(
    ("file", "row", "column"),
    [
        ("sales", "S9,PC,C2,Sales Hub,net_new,sourced,500,EUR,2022-08-01", "partner_id"),
        ("sales", "S9,PB,C3,Sales Hub,net_new,sourced,500,EUR,2022-08-01", "client_id"),
        ("sales", "S4,PB,C2,Sales Hub,net_new,sourced,500,EUR,2022-08-01", "partner_id"),
        ("subscriptions", "C3,Marketing Hub,1,USD,2022-08-01,", "client_id"),
        ("agreements", "A9,PA,C3,2022-08-01,", "client_id"),
        ("agreements", "A3,PA,C1,2022-08-01,", "partner_id"),
        ("usage", "C3,2022-08,9", "client_id"),
        ("clients", "C3,Mein,IN", "client_id"),
        ("partners", "PC,Mein,US,USD,2019-01-01", "partner_id"),
        ("partners", "PX,Neu,US,USD,2019-01-01", "partner_id"),
        ("tiers", "PC,elite,2022-08-01", "partner_id"),
        ("certifications", "PC,X,2022-01-01,2023-01-01", "partner_id"),
        ("people", "eve@example.com,Eve,partner,PA", "email"),
        ("people", "carla@example.com,Carla,admin,", "email"),
    ],
)
def test_a_cam_brings_no_row_that_is_or_concerns_anothers(engine, program, tmp_path, file: str, row: str, column: str):
    [problem] = tried(engine, program, tmp_path, CARLA, **{file: row}).problems
    assert (problem.file, problem.line, problem.column) == (f"{file}.csv", 2, column)
    importer = Importer("admin@example.com", None)
    assert tried(engine, program, tmp_path, importer, **{file: row}).problems == []


def test_a_wrong_row_hides_no_other_that_isnt_the_cams(engine, program, tmp_path):
    """Or a partner that exists would be told from one that doesn't."""
    row = "S{},{},C2,Sales Hub,net_new,sourced,500,EUR,2022-08-01"
    rows = "\n".join(row.format(*each) for each in ((7, "PC"), (8, "ZZ"), (9, "PB")))
    problems = [told_alike(each) for each in tried(engine, program, tmp_path, CARLA, sales=rows).problems]
    assert sorted((each.line, each.column) for each in problems) == [(2, "partner_id"), (3, "partner_id")]
    assert len({(each.kind, each.message, each.remedy) for each in problems}) == 1


def test_a_client_shared_with_another_partner_takes_somebody_who_looks_after_both(engine, program, tmp_path):
    """Acme is a client of Partner A and of PD: its levels move the points of both."""
    row = {"subscriptions": "C1,Marketing Hub,1,USD,2022-08-01,"}
    assert tried(engine, program, tmp_path, Importer("x@example.com", frozenset({"PA"})), **row).problems
    assert not tried(engine, program, tmp_path, Importer("x@example.com", frozenset({"PA", "PD"})), **row).problems


def test_a_client_that_someone_typed_for_another_partner_is_that_partners(engine, program, tmp_path):
    draft = Draft(Kind.CLIENT, "PC", {"name": "Neu bei Geheim", "country": "IN"}, "00000000C1")
    asyncio.run(TypedEntries(engine, program).save(SlackUser("T01", "U0ADMIN"), draft, TODAY))
    [problem] = tried(engine, program, tmp_path, CARLA, clients="T-00000000C1,Meins,DE").problems
    assert (problem.column, problem.kind) == ("client_id", "not yours")


@pytest.fixture
def foreign_deals(engine: Engine, program: Program, tmp_path: Path) -> Iterator[None]:
    """Open deals of PC, whom Carla doesn't look after; C9 is a client with nothing but one of them."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    (folder / "clients.csv").write_text("client_id,name,country\nC9,Nur ein Deal,DE\n")
    deals = [f"{HEADER}", *(f"{each},,,Sales Hub,sourced,5,USD,2022-10-04,," for each in ("D1,PC,C3", "D2,PC,C9"))]
    (folder / "pipeline.csv").write_text("\n".join(deals) + "\n")
    assert import_source(engine, program, Files(folder, lists_everyone=False), today=TODAY).stored
    yield
    with writing(engine) as connection:
        connection.execute(delete(table(PipelineDealRow)))


@pytest.mark.usefixtures("foreign_deals")
@pytest.mark.parametrize(
    ("file", "row", "column"),
    [
        ("sales", "D1,PB,C2,Sales Hub,net_new,sourced,500,EUR,2022-08-01", "sale_id"),
        ("clients", "C9,Meins,DE", "client_id"),
        ("sales", "S9,PB,C9,Sales Hub,net_new,sourced,500,EUR,2022-08-01", "client_id"),
        ("pipeline", "D1,PB,C2,,,Sales Hub,sourced,500,EUR,2022-10-01,,", "deal_id"),
        ("pipeline", "D9,PC,C2,,,Sales Hub,sourced,500,EUR,2022-10-01,,", "partner_id"),
        ("pipeline", "D9,PB,C9,,,Sales Hub,sourced,500,EUR,2022-10-01,,", "client_id"),
    ],
)
def test_a_cam_closes_takes_and_names_nothing_of_anothers_open_deals(
    engine, program, tmp_path, file: str, row: str, column: str
):
    problems = tried(engine, program, tmp_path, CARLA, **{file: row}).problems
    assert [(each.file, each.line) for each in problems] == [(f"{file}.csv", 2)]
    assert problems[0].kind == "not yours"
    assert problems[0].column in (column, "partner_id")


@pytest.mark.usefixtures("foreign_deals")
def test_a_cams_list_of_deals_closes_none_of_anothers(engine, program, tmp_path):
    row = "D9,PB,C2,,,Sales Hub,sourced,500,EUR,2022-10-01,,"
    found = tried(engine, program, tmp_path, CARLA, pipeline=row)
    assert (found.problems, found.counts["pipeline.csv"].added, found.counts["pipeline.csv"].removed) == ([], 1, 0)


@pytest.mark.parametrize(
    ("file", "row", "other"),
    [("sales", "s4,PB,C2,Sales Hub,net_new,sourced,500,EUR,2022-08-01", "S4"), ("clients", "c3,Mein,DE", "C3")],
)
async def test_no_warning_names_an_id_that_may_be_anothers(engine, program, file: str, row: str, other: str):
    uploads = Uploads(Transactions(engine), engine, program, lambda: TODAY)
    content = f"{FOLDER[f'{file}.csv'].splitlines()[0]}\n{row}\n".encode()
    told = {}
    for user in ("U0ADMIN", "U0CARLA"):
        dropped = [DroppedFile(f"{file}.csv", content)]
        upload_id = await uploads.claim(SlackUser("T01", user), f"D{user}/{file}")
        told[user] = await uploads.preview(SlackUser("T01", user), str(upload_id), dropped, "")
    assert f"differs from {other}" in str(told["U0ADMIN"].warnings)
    assert "differs from another id" in str(told["U0CARLA"].warnings)
    assert f"{other} " not in str(told["U0CARLA"].warnings)


def test_a_role_that_is_lost_while_an_import_waits_imports_nothing(engine, program, tmp_path):
    """The right is looked up in the import's own transaction."""
    (tmp_path / "sales.csv").write_text(
        f"{FOLDER['sales.csv'].splitlines()[0]}\nS9,PB,C2,Sales Hub,net_new,sourced,500,EUR,2022-08-01\n"
    )
    allow, source = still_allowed_to(SlackUser("T01", "U0CARLA")), Files(tmp_path, lists_everyone=False)
    assert import_source(engine, program, source, today=TODAY, dry_run=True, allow=allow).problems == []
    people = FOLDER["people.csv"].replace("Carla,cam,P", "Carla,partner,P")
    with pytest.raises(NotAllowed), changed_people(engine, program, tmp_path / "people", people):
        import_source(engine, program, source, today=TODAY, allow=allow)
    with reading(engine) as connection:
        assert "S9" not in connection.scalars(select(table(SaleRow).c.sale_id)).all()


@contextmanager
def changed_people(engine: Engine, program: Program, folder: Path, people: str) -> Iterator[None]:
    """Other people for a while."""
    folder.mkdir()
    (folder / "people.csv").write_text(people)
    assert import_folder(engine, program, folder, today=TODAY).stored
    try:
        yield
    finally:
        (folder / "people.csv").write_text(FOLDER["people.csv"])
        assert import_folder(engine, program, folder, today=TODAY).stored


def test_thousands_of_foreign_rows_are_counted_and_not_listed(engine, program, tmp_path):
    rows = "\n".join(f"X{at},PC,C3,Sales Hub,net_new,sourced,5,USD,2022-08-01" for at in range(3_000))
    problems = tried(engine, program, tmp_path, CARLA, sales=rows).problems
    assert len(problems) == 51
    assert problems[-1].message == "2,950 more rows aren't yours"


def test_admins_and_cams_import_and_nobody_else(engine):
    with reading(engine) as connection:
        assert importer_of(connection, SlackUser("T01", "U0CARLA")) == CARLA
        assert importer_of(connection, SlackUser("T01", "U0ADMIN")).partners is None
        with pytest.raises(NotAllowed, match="Only CAMs and admins"):
            importer_of(connection, SlackUser("T01", "U0ANA"))
        with pytest.raises(NotLinked):
            importer_of(connection, SlackUser("T02", "U0CARLA"))
