"""people.csv is a whole list: who is no longer in it loses access (data#people)."""

from datetime import date
from pathlib import Path

from sqlalchemy import Engine, select

from tests.support.sample_folder import FOLDER, TABLE, write_folder
from tests.support.served_bot import link_user
from tiercore.access import SlackUser
from tiercore.ingest.importing import Imported, import_folder
from tiercore.people.linking import create_code
from tiercore.people.membership import LostAccess
from tiercore.people.people import identity_of
from tiercore.program import load_program
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.tables.people import LinkCodeRow
from tiercore.storage.transactions import Transactions

BEA = SlackUser("T01LOCAL", "U0BEA")
BEAS = "bea@example.com,Bea,partner,PB\n"
BEAS_LIST = f"email,name,role,partner_id\n{BEAS}"
CARLA = "carla@example.com,Carla,cam,"


def run(engine: Engine, tmp_path: Path, people: str | None = None, **options: bool) -> Imported:
    """Import the sample folder, or only this people.csv."""
    (tmp_path / "rules.toml").write_text(TABLE)
    folder = tmp_path / ("data" if people is None else "people")
    if people is None:
        write_folder(folder)
    else:
        folder.mkdir(exist_ok=True)
        (folder / "people.csv").write_text(people)
    program = load_program(tmp_path / "rules.toml")
    return import_folder(engine, program, folder, today=date(2022, 9, 5), **options)


def link_bea(engine: Engine) -> None:
    link_user(engine, BEA.team_id, BEA.user_id, "bea@example.com")


def test_who_is_no_longer_in_the_list_loses_access_with_that_import(engine: Engine, tmp_path: Path):
    run(engine, tmp_path)
    link_bea(engine)
    imported = run(engine, tmp_path, FOLDER["people.csv"].replace(BEAS, "").replace(f"{CARLA}PD\n", ""))
    assert imported.lost_access == [
        LostAccess("bea@example.com", "Bea", ("PB",), entirely=True),
        LostAccess("carla@example.com", "Carla", ("PD",), entirely=False),
    ]
    with reading(engine) as connection:
        assert identity_of(connection, BEA) is None


ADMIN = "admin@example.com,Ada,admin,\n"


def remarks(imported: Imported) -> list[str]:
    """What the import says of the people who are left."""
    return [each.message for each in imported.warnings if each.file == "people.csv"]


def test_an_import_that_takes_the_last_admin_or_a_partners_last_cam_says_so_once(engine: Engine, tmp_path: Path):
    assert remarks(run(engine, tmp_path)) == []
    without = FOLDER["people.csv"].replace(ADMIN, "").replace(f"{CARLA}PD\n", "")
    assert remarks(run(engine, tmp_path, without)) == [
        "no admin is left (admin@example.com was one before): nobody sees every partner",
        "PD has no CAM (carla@example.com was one before): requests go to CCs and admins",
    ]
    assert remarks(run(engine, tmp_path, without)) == [], "the import didn't change it"


def test_a_successor_leaves_nothing_to_say_and_a_changed_role_does(engine: Engine, tmp_path: Path):
    run(engine, tmp_path)
    people = FOLDER["people.csv"].replace(ADMIN, "bo@example.com,Bo,admin,\n")
    assert remarks(run(engine, tmp_path, people)) == []
    changed = people.replace(f"{CARLA}PB", "carla@example.com,Carla,cc,PB")
    assert remarks(run(engine, tmp_path, changed)) == [
        "PB has no CAM (carla@example.com was one before): requests go to CCs and admins"
    ]


def test_a_part_of_the_list_leaves_the_admins_as_they_are(engine: Engine, tmp_path: Path):
    run(engine, tmp_path)
    assert remarks(run(engine, tmp_path, "email,name,role,partner_id\n", keep_people=True)) == []


def test_a_link_never_comes_back_by_itself(engine: Engine, tmp_path: Path):
    run(engine, tmp_path)
    link_bea(engine)
    Transactions(engine).write_now(lambda connection, now: create_code(connection, None, "bea@example.com", now))
    run(engine, tmp_path, FOLDER["people.csv"].replace(BEAS, ""))
    run(engine, tmp_path, FOLDER["people.csv"])
    with reading(engine) as connection:
        assert identity_of(connection, BEA) is None
        assert not connection.execute(select(table(LinkCodeRow))).all(), "nor does her code"


def test_a_part_of_the_list_takes_access_from_nobody(engine: Engine, tmp_path: Path):
    run(engine, tmp_path)
    link_bea(engine)
    assert run(engine, tmp_path, "email,name,role,partner_id\n", keep_people=True).lost_access == []
    with reading(engine) as connection:
        assert identity_of(connection, BEA) is not None


def test_a_part_of_the_list_takes_access_from_nobody_even_where_the_files_are_mirrored(engine: Engine, tmp_path: Path):
    run(engine, tmp_path)
    imported = run(engine, tmp_path, BEAS_LIST, mirror=True, keep_people=True)
    assert imported.stored
    assert imported.lost_access == []


def test_a_list_of_nobody_is_refused(engine: Engine, tmp_path: Path):
    run(engine, tmp_path)
    imported = run(engine, tmp_path, "email,name,role,partner_id\n")
    assert not imported.stored
    assert [each.kind for each in imported.problems] == ["empty list"]


def test_a_dry_run_says_who_would_lose_access(engine: Engine, tmp_path: Path):
    run(engine, tmp_path)
    link_bea(engine)
    imported = run(engine, tmp_path, FOLDER["people.csv"].replace(BEAS, ""), dry_run=True)
    assert [each.email for each in imported.lost_access] == ["bea@example.com"]
    with reading(engine) as connection:
        assert identity_of(connection, BEA) is not None
