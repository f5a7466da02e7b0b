"""What waits for an answer beside sales, and where the import says so."""

import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import Engine, select

from bot.cli.importing import print_outcome
from tests.support.sample_folder import FOLDER, write_folder
from tests.support.served_bot import link_user
from tiercore.access import SlackUser
from tiercore.facts.typed import Decision
from tiercore.ingest.importing import Imported, import_folder
from tiercore.program import Program, load_program
from tiercore.storage import typed_entries
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import AgreementRow, CertificationRow, TierCreditedRow
from tiercore.typed.service import TypedEntries
from tiercore.typed.types import Draft, Kind

TODAY = date(2022, 9, 5)
CARLA, ADMIN = SlackUser("T01LOCAL", "U0CARLA"), SlackUser("T01LOCAL", "U0ADMIN")
PROGRAM = load_program()
AGREEMENT = Draft(
    Kind.AGREEMENT, "PA", {"client_id": "C1", "starts_on": "2022-09-01", "ends_on": "2023-08-31"}, "00000000A1"
)


@pytest.fixture
def program() -> Program:
    return PROGRAM


@pytest.fixture
def entries(engine: Engine, tmp_path: Path) -> TypedEntries:
    assert import_folder(engine, PROGRAM, write_folder(tmp_path / "data"), today=TODAY).stored
    for name in ("carla", "admin"):
        link_user(engine, "T01LOCAL", f"U0{name.upper()}", f"{name}@example.com")
    return TypedEntries(engine, PROGRAM, lambda: datetime(2022, 9, 5, 12, tzinfo=UTC))


def import_file(engine: Engine, folder: Path, name: str, *rows: str, keep_people: bool = False) -> Imported:
    folder.mkdir(exist_ok=True)
    header = FOLDER[name].splitlines()[0]
    (folder / name).write_text("\n".join((header, *rows)) + "\n")
    return import_folder(engine, PROGRAM, folder, today=TODAY, keep_people=keep_people)


def agreements(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(select(table(AgreementRow).c.agreement_id)))


def waiting(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return [each.match_id for each in typed_entries.matches(connection, undecided=True)]


@pytest.mark.parametrize(
    ("row", "waits"),
    [
        ("A9,PA,C1,2022-09-01,2023-08-31", True),
        ("A9,PA,C1,2022-01-01,2022-09-01", True),
        ("A9,PA,C1,2023-08-31,", True),
        ("A9,PA,C1,2020-01-01,", True),
        ("A9,PA,C1,2023-09-01,", False),
        ("A9,PA,C1,2021-01-01,2022-08-31", False),
        ("A9,PA,C2,2022-09-01,", False),
        ("A9,PB,C1,2022-09-01,", False),
    ],
)
async def test_an_agreement_with_the_client_on_the_same_days_waits_under_any_id(
    engine: Engine, entries: TypedEntries, tmp_path: Path, row: str, waits: bool
):
    await entries.save(CARLA, AGREEMENT, TODAY)
    imported = import_file(engine, tmp_path / "more", "agreements.csv", row)
    assert imported.stored
    assert imported.waiting == waits
    assert ("A9" in agreements(engine)) == (not waits)
    assert bool(waiting(engine)) == waits


@pytest.mark.parametrize(
    ("decision", "kept"),
    [
        (Decision.FILE, {"A9"}),
        (Decision.MINE, {"T-00000000A1"}),
        (Decision.TWO, {"A9", "T-00000000A1"}),
    ],
)
async def test_a_decision_about_an_agreement_holds(
    engine: Engine, entries: TypedEntries, tmp_path: Path, decision: Decision, kept: set[str]
):
    await entries.save(CARLA, AGREEMENT, TODAY)
    row = "A9,PA,C1,2022-08-15,2023-08-31"
    import_file(engine, tmp_path / "more", "agreements.csv", row)
    [match] = waiting(engine)
    await entries.decide(CARLA, match, decision, TODAY)
    for _ in range(2):
        assert agreements(engine) - {"A1", "A3"} == kept
        assert import_file(engine, tmp_path / "more", "agreements.csv", row).waiting == 0


async def test_an_agreement_that_was_ended_in_slack_waits_by_its_id_alone(
    engine: Engine, entries: TypedEntries, tmp_path: Path
):
    end = Draft(Kind.AGREEMENT_END, "PA", {"agreement_id": "A1", "ends_on": "2022-09-30"}, "00000000A1")
    await entries.save(CARLA, end, TODAY)
    assert import_file(engine, tmp_path / "more", "agreements.csv", "A9,PA,C1,2022-09-01,").waiting == 0
    assert import_file(engine, tmp_path / "more", "agreements.csv", "A1,PA,C1,2021-01-01,2022-10-31").waiting == 1


async def test_a_certification_and_a_tier_wait_by_their_keys(engine: Engine, entries: TypedEntries, tmp_path: Path):
    days = {"valid_from": "2022-02-01", "valid_until": "2023-02-28"}
    cells = {"certification": "HubSpot Reporting", **days}
    await entries.save(CARLA, Draft(Kind.CERTIFICATION, "PA", cells, "00000000A1"), TODAY)
    await entries.save(
        CARLA, Draft(Kind.TIER, "PA", {"tier": "gold", "credited_on": "2022-03-01"}, "00000000A2"), TODAY
    )
    folder, other = tmp_path / "more", tmp_path / "other"
    assert import_file(engine, folder, "certifications.csv", "PA,HubSpot Reporting,2022-02-01,2024-01-31").waiting == 1
    assert import_file(engine, other, "tiers.csv", "PA,platinum,2022-03-01").waiting == 1
    with engine.connect() as connection:
        until, tier = table(CertificationRow).c.valid_until, table(TierCreditedRow).c
        assert date(2024, 1, 31) not in set(connection.scalars(select(until)))
        assert connection.scalar(select(tier.tier).where(tier.credited_on == date(2022, 3, 1))) == "gold"
    same = "PA,HubSpot Reporting,2022-02-01,2023-02-28"
    assert import_file(engine, folder, "certifications.csv", same).waiting == 0, "exactly what was typed passes"


async def test_the_import_says_how_many_rows_wait(engine: Engine, entries: TypedEntries, tmp_path: Path):
    await entries.save(CARLA, AGREEMENT, TODAY)
    rows = [f"A{number},PA,C1,2022-09-0{number},2023-01-31" for number in (8, 9)]
    imported = import_file(engine, tmp_path / "more", "agreements.csv", *rows)
    out = Console(file=io.StringIO(), width=200)
    print_outcome(imported, tmp_path, out=out, err=Console(file=io.StringIO()))
    said = "2 rows wait for an answer: each may be what someone typed in Slack."
    assert isinstance(out.file, io.StringIO)
    assert said in out.file.getvalue()


async def test_a_list_of_people_warns_of_those_whom_someone_typed_and_who_keep_access(
    engine: Engine, entries: TypedEntries, tmp_path: Path
):
    cells = {"email": "new@example.com", "name": "New", "role": "partner", "partner_id": "PA"}
    await entries.save(ADMIN, Draft(Kind.PERSON, "", cells, "00000000A1"), TODAY)
    listed = FOLDER["people.csv"].splitlines()[1:]

    def warned(*more: str, keep_people: bool = False) -> list[str]:
        imported = import_file(engine, tmp_path / "more", "people.csv", *listed, *more, keep_people=keep_people)
        assert imported.stored
        return [str(each) for each in imported.warnings if "keeps access" in each.message]

    [warning] = warned()
    assert "new@example.com" in warning
    assert "Ada typed them in Slack" in warning
    assert warned(keep_people=True) == [], "a part of the list says nothing about others"
    assert warned("new@example.com,New,partner,PA") == []
