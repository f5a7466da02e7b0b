"""What is known of a partner is handed out whole, and imported again it is the same; what is to be forgotten goes."""

import asyncio
import csv
import io
import stat
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, update
from sqlmodel import SQLModel

from tests.support.operator import NOW, Operator
from tests.support.two_partners import ANA, TODAY, load_table
from tiercore.access import SlackUser
from tiercore.ingest.files import FORMATS
from tiercore.ingest.importing import import_folder
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage
from tiercore.notifications.subscriptions import subscribe
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import Topic
from tiercore.people.people import link_user
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine, reading, writing
from tiercore.storage.rows import TABLE_OF
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.ledger import ENTRY_TABLES, LinkRow, PartnerRow
from tiercore.storage.tables.people import ReadRow
from tiercore.storage.tables.workspaces import WorkspacePartnerRow, WorkspaceRow
from tiercore.workspaces.exporting import BY_PARTNER, DERIVED
from tiercore.workspaces.removing import BY_TEAM, KEPT

BEA = SlackUser("T77", "U0BEA2")


@pytest.fixture
def known(operator: Operator) -> Operator:
    """The operator, where people of PB have done something in Slack, and Ana of PA, too."""
    with writing(operator.engine) as connection:
        link_user(connection, BEA, "bea@example.com")
        for user in (BEA, ANA):
            subscribe(connection, user, [Topic.DIGEST], Schedule(0, 540, "UTC"), None, NOW)
            put(connection, [OutboxMessage(user.user_id, user.team_id, user.user_id, {}, NOW)], NOW)
        read = {"at": 0, "team_id": "T01", "user_id": "U0CARLA", "word": "tier", "outcome": "answered"}
        connection.execute(insert(table(ReadRow)), [{**read, "partner_id": each} for each in ("PA", "PB")])
    return operator


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def stored(engine: Engine) -> dict[str, list[tuple]]:
    """All entries of a database, by file."""
    with reading(engine) as connection:
        sources = {name: table(TABLE_OF[each.entry]) for name, each in FORMATS.items()}
        return {
            name: [tuple(row) for row in connection.execute(select(of).order_by(*of.primary_key))]
            for name, of in sources.items()
        }


def theirs(engine: Engine, partner_id: str) -> dict[str, list[tuple]]:
    """The entries of a partner, and of the clients that are in them, found row by row."""
    found = stored(engine)
    columns = {name: list(table(TABLE_OF[each.entry]).c.keys()) for name, each in FORMATS.items()}

    def cell(name: str, row: tuple, column: str) -> object:
        return row[columns[name].index(column)] if column in columns[name] else None

    own = {name: [row for row in rows if cell(name, row, "partner_id") == partner_id] for name, rows in found.items()}
    clients = {cell(name, row, "client_id") for name, rows in own.items() for row in rows} - {None}
    for name in ("clients.csv", "subscriptions.csv", "usage.csv"):
        own[name] = [row for row in found[name] if cell(name, row, "client_id") in clients]
    return own


@pytest.mark.parametrize("partner_id", ["PA", "PB", "PC", "PD"])
def test_what_was_exported_and_is_imported_elsewhere_is_the_partners_entries(
    known: Operator, sqlite_files, tmp_path: Path, partner_id: str
):
    known.done("export", "--partner", partner_id, str(tmp_path / "out"))
    elsewhere = create_database_engine(sqlite_files.filled(upgrade))
    imported = import_folder(elsewhere, load_table(), tmp_path / "out", today=TODAY)
    assert imported.problems == []
    expected = theirs(known.engine, partner_id)
    assert len(expected["partners.csv"]) == 1
    assert stored(elsewhere) == expected
    elsewhere.dispose()
    sqlite_files.drop()


def test_the_records_are_those_of_its_own_people_and_workspaces_alone(known: Operator, tmp_path: Path):
    printed = known.done("export", "--partner", "PB", str(tmp_path / "pb.zip"))
    with zipfile.ZipFile(tmp_path / "pb.zip") as archive:
        found = {name: rows_of(archive.read(name)) for name in archive.namelist()}
    assert [(each["team_id"], each["email"]) for each in found["records/links.csv"]] == [("T77", "bea@example.com")]
    assert [each["place"] for each in found["records/subscriptions.csv"]] == ["U0BEA2"]
    assert {each["place"] for each in found["records/messages.csv"]} == {"U0BEA2"}
    assert [each["team_id"] for each in found["records/workspaces.csv"]] == ["T77"]
    assert found["records/workspaces.csv"][0]["installed_at"] == NOW.isoformat()
    assert [(each["at"], each["partner_id"]) for each in found["records/questions.csv"]] == [
        ("1970-01-01T00:00:00+00:00", "PB")
    ]
    assert [each["partner_id"] for each in found["records/goals.csv"]] == ["PB"]
    assert {each["partner_id"] for name in found for each in found[name] if "partner_id" in each} == {"PB"}
    total = sum(map(len, found.values()))
    assert f"{len(found)} files with {total} rows about PB" in printed
    everything = str(found)
    assert "xoxe" not in everything
    for sealed in asyncio.run(known.workspaces.tokens()):
        assert sealed[1].token not in everything


def test_every_table_with_a_partners_rows_is_exported_or_made_of_what_is(known: Operator):
    exported = {*BY_PARTNER, *ENTRY_TABLES, *DERIVED, WorkspacePartnerRow}
    with_partner = {each.name for each in SQLModel.metadata.tables.values() if "partner_id" in each.c}
    assert with_partner <= {table(each).name for each in exported}


def test_every_table_with_a_workspaces_rows_is_purged_or_said_to_stay():
    with_team = {each.name for each in SQLModel.metadata.tables.values() if "team_id" in each.c}
    assert {table(each).name for each in (*BY_TEAM, *KEPT, WorkspaceRow)} == with_team


def test_no_cell_is_taken_for_a_formula_and_the_operator_is_told_of_what_was_marked(known: Operator, tmp_path: Path):
    partner = table(PartnerRow)
    with writing(known.engine) as connection:
        connection.execute(update(partner).where(partner.c.partner_id == "PB").values(name='+HYPERLINK("x")'))
    printed = known.done("export", "--partner", "PB", str(tmp_path / "out"))
    [row] = rows_of((tmp_path / "out" / "partners.csv").read_bytes())
    assert row["name"] == '\'+HYPERLINK("x")'
    assert "1 cell begins with an apostrophe" in printed


def test_an_export_is_private_audited_and_never_over_something(known: Operator, tmp_path: Path):
    for name in ("out", "out.zip"):
        known.done("export", "--partner", "PA", str(tmp_path / name))
        assert f"{name} exists already" in known.refused("export", "--partner", "PA", str(tmp_path / name))
    for path in (tmp_path / "out", *(tmp_path / "out").rglob("*"), tmp_path / "out.zip"):
        assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO), path
    assert "doesn't exist: create it" in known.refused("export", "--partner", "PA", str(tmp_path / "no" / "out"))
    assert "There is no partner PX" in known.refused("export", "--partner", "PX", str(tmp_path / "px"))
    assert not (tmp_path / "px").exists()
    audit = known.done("audit")
    assert audit.count("exported") == 2


def test_a_person_is_forgotten_after_a_yes_and_the_answer_says_what_stays(known: Operator):
    assert known.run("forget", "--person", "bea@example.com", typing="n\n").exit_code == 1
    printed = known.done("forget", "--person", "Bea@Example.com", typing="y\n")
    assert "Deleted what was known of Bea@Example.com: subscriptions 1" in printed
    assert "links 1" in printed
    assert "messages 2" in printed
    assert "What stays: their rows in people.csv" in printed
    with reading(known.engine) as connection:
        assert BEA.team_id not in connection.scalars(select(table(LinkRow).c.team_id)).all()
    again = known.done("forget", "--person", "bea@example.com", "--yes")
    assert "Nothing else was known of bea@example.com." in again
    assert "forgot a person" in known.done("audit")


def test_a_workspace_is_forgotten_with_its_people_and_no_other(known: Operator):
    printed = known.done("forget", "--workspace", "T77", "--yes")
    assert "subscriptions 1" in printed
    assert known.tokens(known.key) == ["xoxe.xoxb-T01"]
    assert "ties 1" in printed
    assert "the audit log, which names the workspace" in printed
    listed = known.done("workspaces")
    assert "T77" not in listed
    assert "T01" in listed
    with reading(known.engine) as connection:
        assert set(connection.scalars(select(table(LinkRow).c.team_id))) == {"T01"}
    assert "The app isn't installed in T77" in known.refused("forget", "--workspace", "T77", "--yes")


def test_what_is_forgotten_is_one_person_or_one_workspace(operator: Operator):
    assert operator.run("forget").exit_code == 2
    assert operator.run("forget", "--person", "a@example.com", "--workspace", "T77", "--yes").exit_code == 2
