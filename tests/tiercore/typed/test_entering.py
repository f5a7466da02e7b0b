"""Entries typed in Slack: stored by the same import, corrected and withdrawn, never overwritten by a file."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from tests.support.busy import importing
from tests.support.sample_folder import FOLDER, TABLE, write_folder
from tests.support.served_bot import link_user
from tests.support.waiting import TIMEOUT
from tiercore.access import SlackUser
from tiercore.approvals.types import Proposal
from tiercore.facts.typed import Decision
from tiercore.ingest.importing import Imported, import_folder
from tiercore.people.types import InvalidChange, NotAllowed
from tiercore.program import Program, load_program
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.import_log import logged_imports
from tiercore.storage.tables.derived import BalanceRow
from tiercore.storage.tables.ledger import AgreementRow, PersonRow, SaleRow
from tiercore.storage.tables.typed import TypedMatchRow
from tiercore.typed.proposed import PROPOSAL, to_store
from tiercore.typed.service import TypedEntries
from tiercore.typed.types import Draft, Kind, NoSuchEntry, Rejected

TODAY = date(2022, 9, 5)
ANA, CARLA, ADMIN = (SlackUser("T01LOCAL", f"U0{name}") for name in ("ANA", "CARLA", "ADMIN"))
SALE = {
    "client_id": "C1",
    "product_line": "Service Hub",
    "deal_type": "net_new",
    "motion": "sourced",
    "mrr": "1000",
    "currency": "USD",
    "sold_on": "2022-09-01",
}
HEADER = FOLDER["sales.csv"].splitlines()[0]


def a_sale(token: str = "00000000A1", partner: str = "PA", **cells: str) -> Draft:
    return Draft(Kind.SALE, partner, {**SALE, **cells}, token)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "rules.toml").write_text(TABLE)
    return load_program(tmp_path / "rules.toml")


@pytest.fixture
def entries(engine: Engine, program: Program, tmp_path: Path) -> TypedEntries:
    """The sample folder, imported, and its people linked."""
    assert import_folder(engine, program, write_folder(tmp_path / "data"), today=TODAY).stored
    for name in ("ana", "carla", "admin"):
        link_user(engine, "T01LOCAL", f"U0{name.upper()}", f"{name}@example.com")
    return TypedEntries(engine, program, lambda: datetime(2022, 9, 5, 12, tzinfo=UTC))


def import_sales(engine: Engine, program: Program, folder: Path, *rows: str, mirror: bool = False) -> Imported:
    folder.mkdir(exist_ok=True)
    (folder / "sales.csv").write_text("\n".join((HEADER, *rows)) + "\n")
    return import_folder(engine, program, folder, today=TODAY, mirror=mirror)


def sales(engine: Engine) -> dict[str, int]:
    """Each sale's amount, by ID."""
    with engine.connect() as connection:
        source = table(SaleRow)
        return dict(connection.execute(select(source.c.sale_id, source.c.mrr_minor)).all())


def sold(engine: Engine, partner: str = "PA") -> int:
    """The sold points of the partner today, in micropoints."""
    with engine.connect() as connection:
        days = table(BalanceRow)
        found = select(days.c.sourced + days.c.assisted).where(
            days.c.partner_id == partner, days.c.day <= TODAY.toordinal()
        )
        return int(connection.scalar(found.order_by(days.c.day.desc()).limit(1)) or 0)


def matches(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(table(TypedMatchRow).c.match_id)))


async def test_a_cam_stores_a_sale_and_it_earns_what_the_preview_said(engine: Engine, entries: TypedEntries):
    before = sold(engine)
    preview = await entries.preview(CARLA, a_sale(), TODAY)
    assert sold(engine) == before, "a preview stores nothing"
    saved = await entries.save(CARLA, a_sale(), TODAY)
    assert preview.direct
    assert preview.earning == saved.preview.earning
    assert preview.earning
    assert sold(engine) - before == preview.earning.micropoints
    assert preview.earning.until == date(2023, 9, 1)
    assert sales(engine)["T-00000000A1"] == 100_000
    with engine.connect() as connection:
        [log, *_] = logged_imports(connection, 1)
    assert (log.source, log.by) == ("typed in Slack", "carla@example.com")


async def test_saving_twice_stores_once(engine: Engine, entries: TypedEntries):
    await entries.save(CARLA, a_sale(), TODAY)
    again = await entries.save(CARLA, a_sale(), TODAY)
    assert not again.is_new
    assert len(sales(engine)) == 7


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"mrr": "12,345"}, "mrr"),
        ({"mrr": ""}, "mrr"),
        ({"currency": "XXX"}, "currency"),
        ({"sold_on": "2222-01-01"}, "sold_on"),
        ({"deal_type": "gift"}, "deal_type"),
        ({"client_id": "C3"}, "client_id"),
        ({"client_id": "nobody"}, "client_id"),
    ],
)
async def test_what_is_wrong_is_said_at_its_column(entries: TypedEntries, cells: dict[str, str], column: str):
    """A client of another partner is as unknown as one that doesn't exist."""
    with pytest.raises(Rejected) as refused:
        await entries.preview(CARLA, a_sale(**cells), TODAY)
    assert set(refused.value.errors) == {column}


@pytest.mark.parametrize(("user", "partner"), [(CARLA, "PC"), (ANA, "PB"), (ANA, "PC"), (CARLA, "nobody"), (CARLA, "")])
async def test_nobody_types_for_a_partner_that_is_not_theirs(entries: TypedEntries, user: SlackUser, partner: str):
    with pytest.raises(Rejected, match="Choose a partner from the list"):
        await entries.save(user, a_sale(partner=partner), TODAY)


async def test_a_partner_can_only_propose(engine: Engine, entries: TypedEntries):
    assert not (await entries.preview(ANA, a_sale(), TODAY)).direct
    with pytest.raises(NotAllowed):
        await entries.save(ANA, a_sale(), TODAY)
    with pytest.raises(NotAllowed):
        await entries.save(
            CARLA, Draft(Kind.PERSON, "", {"email": "x@example.com", "role": "admin"}, "00000000A1"), TODAY
        )
    assert len(sales(engine)) == 6


async def test_an_edit_changes_the_row_and_a_withdrawal_removes_it(engine: Engine, entries: TypedEntries):
    before = sold(engine)
    saved = await entries.save(CARLA, a_sale(), TODAY)
    edit = replace(a_sale(token="00000000B2", mrr="500"), edits=saved.entry_id)
    edited = await entries.save(CARLA, edit, TODAY)
    assert sales(engine)["T-00000000A1"] == 50_000
    with pytest.raises(NoSuchEntry):
        await entries.withdraw(CARLA, saved.entry_id, "twice", TODAY)
    with pytest.raises(NoSuchEntry):  # of Ana's partner, but not hers to change
        await entries.withdraw(ANA, edited.entry_id, "not mine", TODAY)
    await entries.withdraw(CARLA, edited.entry_id, "it was cancelled", TODAY)
    assert sold(engine) == before
    assert "T-00000000A1" not in sales(engine)
    assert await entries.entries(CARLA) == []


async def test_an_ended_agreement_that_is_withdrawn_is_as_it_was_before(engine: Engine, entries: TypedEntries):
    def ends_on() -> date | None:
        with engine.connect() as connection:
            source = table(AgreementRow)
            return connection.scalar(select(source.c.ends_on).where(source.c.agreement_id == "A1"))

    end = Draft(Kind.AGREEMENT_END, "PA", {"agreement_id": "A1", "ends_on": "2022-09-30"}, "00000000A1")
    saved = await entries.save(CARLA, end, TODAY)
    assert ends_on() == date(2022, 9, 30)
    await entries.withdraw(CARLA, saved.entry_id, "", TODAY)
    assert ends_on() == date(2022, 10, 31)
    with pytest.raises(Rejected):
        await entries.save(CARLA, replace(end, cells={"agreement_id": "A3", "ends_on": "2022-09-30"}), TODAY)


async def test_a_client_with_a_sale_is_not_withdrawn_before_the_sale(engine: Engine, entries: TypedEntries):
    client = Draft(Kind.CLIENT, "PA", {"name": "Neu AG", "country": "DE"}, "00000000C1")
    saved = await entries.save(CARLA, client, TODAY)
    assert ("T-00000000C1", "Neu AG") in await entries.search(ANA, "client_id", "neu", TODAY)
    await entries.save(CARLA, a_sale(client_id="T-00000000C1"), TODAY)
    with pytest.raises(InvalidChange, match="refer to this one"):
        await entries.withdraw(CARLA, saved.entry_id, "", TODAY)


async def test_search_finds_only_ones_own_clients(entries: TypedEntries):
    async def found(user: SlackUser) -> set[str]:
        return {id_ for id_, _ in await entries.search(user, "client_id", "", TODAY)}

    assert await found(ANA) == {"C1"}
    assert await found(CARLA) == {"C1", "C2", "C4"}
    assert await found(ADMIN) == {"C1", "C2", "C3", "C4"}
    assert await entries.search(ANA, "client_id", "Verborgen", TODAY) == []


async def test_the_same_deal_in_a_file_waits_and_counts_once(
    engine: Engine, entries: TypedEntries, program: Program, tmp_path: Path
):
    await entries.save(CARLA, a_sale(), TODAY)
    counted = sold(engine)
    row = "F9,PA,C1,service hub,upsell,sourced,1000.00,USD,2022-09-04,"
    header = f"{HEADER},account"
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "sales.csv").write_text(f"{header}\n{row}\n")
    first = import_folder(engine, program, folder, today=TODAY)
    assert first.stored
    assert [each.kind for each in first.warnings] == ["typed in Slack"]
    again = import_folder(engine, program, folder, today=TODAY)
    assert again.stored
    assert sold(engine) == counted
    assert len(matches(engine)) == 1, "the same file doesn't ask again"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("F9,PA,C1,Service Hub,net_new,sourced,1000.00,USD,2022-09-09", "eight days apart"),
        ("F9,PA,C1,Service Hub,net_new,sourced,999.99,USD,2022-09-01", "another amount"),
        ("F9,PA,C1,CMS Hub,net_new,sourced,1000.00,USD,2022-09-01", "another line"),
        ("F9,PD,C1,Service Hub,net_new,sourced,1000.00,USD,2022-09-01", "another partner"),
        ("F9,PA,C2,Service Hub,net_new,sourced,1000.00,USD,2022-09-01", "another client"),
    ],
)
async def test_another_deal_is_stored(
    engine: Engine, entries: TypedEntries, program: Program, tmp_path: Path, row: str, why: str
):
    await entries.save(CARLA, a_sale(), TODAY)
    assert import_sales(engine, program, tmp_path / "more", row).stored
    assert "F9" in sales(engine), why
    assert matches(engine) == []


async def test_a_client_of_the_same_name_under_another_id_is_the_same(
    engine: Engine, entries: TypedEntries, program: Program, tmp_path: Path
):
    await entries.save(CARLA, Draft(Kind.CLIENT, "PA", {"name": "Neu AG", "country": "DE"}, "00000000C1"), TODAY)
    await entries.save(CARLA, a_sale(client_id="T-00000000C1"), TODAY)
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "clients.csv").write_text("client_id,name,country\nX7,NEU  AG,DE\n")
    imported = import_sales(engine, program, folder, "F9,PA,X7,Service Hub,net_new,sourced,1000.00,USD,2022-09-01")
    assert imported.stored
    assert "F9" not in sales(engine)
    assert len(matches(engine)) == 1


async def test_a_row_with_the_typed_id_and_other_values_does_not_overwrite(
    engine: Engine, entries: TypedEntries, program: Program, tmp_path: Path
):
    await entries.save(CARLA, a_sale(), TODAY)
    row = "T-00000000A1,PA,C1,Service Hub,net_new,sourced,{}.00,USD,2022-09-01"
    assert import_sales(engine, program, tmp_path / "more", row.format(1000)).warnings == []
    import_sales(engine, program, tmp_path / "more", row.format(2000))
    assert sales(engine)["T-00000000A1"] == 100_000
    [match] = matches(engine)
    with pytest.raises(InvalidChange, match="same ID"):
        await entries.decide(CARLA, match, Decision.TWO, TODAY)
    await entries.decide(CARLA, match, Decision.FILE, TODAY)
    assert sales(engine)["T-00000000A1"] == 200_000
    import_sales(engine, program, tmp_path / "more", row.format(3000))
    assert sales(engine)["T-00000000A1"] == 300_000, "it is the file's from then on"


@pytest.mark.parametrize(
    ("decision", "kept", "waits_again"),
    [
        (Decision.FILE, {"F9"}, False),
        (Decision.MINE, {"T-00000000A1"}, True),
        (Decision.TWO, {"F9", "T-00000000A1"}, False),
    ],
)
async def test_a_decision_holds_for_every_import_to_come(
    engine: Engine,
    entries: TypedEntries,
    program: Program,
    tmp_path: Path,
    decision: Decision,
    kept: set[str],
    waits_again: bool,
):
    """A changed row is news: people are asked about it again where theirs counts."""
    await entries.save(CARLA, a_sale(), TODAY)
    row = "F9,PA,C1,Service Hub,net_new,sourced,1000.00,USD,2022-09-0{}"
    import_sales(engine, program, tmp_path / "more", row.format(2))
    [match] = matches(engine)
    with pytest.raises(NoSuchEntry):
        await entries.decide(ANA, match, decision, TODAY)
    await entries.decide(CARLA, match, decision, TODAY)
    for _ in range(2):
        assert not import_sales(engine, program, tmp_path / "more", row.format(2)).warnings
        assert set(sales(engine)) - {f"S{number}" for number in range(1, 7)} == kept
    changed = import_sales(engine, program, tmp_path / "more", row.format(3))
    assert any(each.kind == "typed in Slack" for each in changed.warnings) == waits_again
    if waits_again:
        await entries.decide(CARLA, match, Decision.FILE, TODAY)
    with pytest.raises(InvalidChange):
        await entries.decide(CARLA, match, Decision.MINE, TODAY)


async def test_a_mirror_removes_nothing_that_was_typed(
    engine: Engine, entries: TypedEntries, program: Program, tmp_path: Path
):
    await entries.save(CARLA, a_sale(), TODAY)
    assert import_folder(engine, program, write_folder(tmp_path / "data"), today=TODAY, mirror=True).stored
    assert "T-00000000A1" in sales(engine)


async def test_a_typed_person_keeps_access_until_a_list_has_named_them(
    engine: Engine, entries: TypedEntries, program: Program, tmp_path: Path
):
    def people() -> set[str]:
        with engine.connect() as connection:
            return set(connection.scalars(select(table(PersonRow).c.email)))

    cells = {"email": "New@example.com", "name": "New", "role": "partner", "partner_id": "PA"}
    await entries.save(ADMIN, Draft(Kind.PERSON, "", cells, "00000000A1"), TODAY)
    folder, listed = tmp_path / "people", FOLDER["people.csv"]
    folder.mkdir()
    for text, stays in ((listed, True), (f"{listed}new@example.com,New,partner,PA\n", True), (listed, False)):
        (folder / "people.csv").write_text(text)
        assert import_folder(engine, program, folder, today=TODAY).stored
        assert ("new@example.com" in people()) == stays


async def test_a_program_begins_with_nothing_but_an_admin_and_is_typed_in_slack(engine: Engine, program: Program):
    """Partner, client, sale, agreement, certification, tier and CAM: each is typed, each is checked as a file is."""
    entries = TypedEntries(engine, program, lambda: datetime(2022, 9, 5, 12, tzinfo=UTC))
    await entries.add_admin("ada@example.com", "Ada", TODAY)
    await entries.add_admin("ada@example.com", "Ada", TODAY)
    link_user(engine, "T01LOCAL", "U0ADMIN", "ada@example.com")

    async def typed(kind: Kind, partner: str, token: str, **cells: str) -> str:
        await entries.save(ADMIN, Draft(kind, partner, cells, f"000000000{token}"), TODAY)
        return f"T-000000000{token}"

    partner = await typed(Kind.PARTNER, "", "1", name="Neu GmbH", country="DE", currency="EUR", joined_on="2022-01-01")
    cam = {"email": "carla@example.com", "name": "Carla", "role": "cam", "partner_id": partner}
    await typed(Kind.PERSON, "", "2", **cam)
    client = await typed(Kind.CLIENT, partner, "3", name="Acme", country="DE")
    await typed(Kind.SALE, partner, "4", **{**SALE, "client_id": client})
    await typed(Kind.AGREEMENT, partner, "5", client_id=client, starts_on="2022-09-01")
    days = {"valid_from": "2022-01-01", "valid_until": "2023-01-31"}
    await typed(Kind.CERTIFICATION, partner, "6", certification="Solutions Partner Certification", **days)
    await typed(Kind.TIER, partner, "7", tier="gold", credited_on="2022-01-15")
    assert sold(engine, partner) == 30_000_000
    link_user(engine, "T01LOCAL", "U0CARLA", "carla@example.com")
    choices = await entries.choices(CARLA, TODAY)
    assert choices.partners == ((partner, "Neu GmbH"),)
    assert choices.clients == ((client, "Acme"),)
    assert [text for _, text in choices.agreements or ()] == ["Acme, since 1 Sep 2022"]


async def test_a_sale_that_may_be_on_file_already_is_warned_of_before_saving(entries: TypedEntries):
    """S2 of the sample folder once more, four days later."""
    again = a_sale(product_line="Sales Hub", deal_type="upsell", mrr="3000", sold_on="2022-03-05")
    preview = await entries.preview(CARLA, again, TODAY)
    assert "S2 of 2022-03-01 may be the same deal. If it is, don't save this one." in preview.warnings
    assert (await entries.preview(CARLA, a_sale(), TODAY)).warnings == ()


async def test_a_person_whom_an_admin_typed_is_withdrawn_by_an_admin_alone(engine: Engine, entries: TypedEntries):
    """Even somebody who knows the entry's ID, and looks after the person's partner."""
    cells = {"email": "new@example.com", "name": "New", "role": "partner", "partner_id": "PA"}
    saved = await entries.save(ADMIN, Draft(Kind.PERSON, "", cells, "00000000A1"), TODAY)
    for change in (entries.withdraw(CARLA, saved.entry_id, "", TODAY), entries.line_of(CARLA, saved.entry_id)):
        with pytest.raises(NoSuchEntry):
            await change
    await entries.withdraw(ADMIN, saved.entry_id, "", TODAY)


async def test_a_row_that_makes_a_typed_sale_anothers_is_for_an_admin_to_see_and_decide(
    engine: Engine, entries: TypedEntries, program: Program, tmp_path: Path
):
    await entries.save(CARLA, a_sale(), TODAY)
    row = "T-00000000A1,PC,C3,Service Hub,net_new,sourced,1000.00,USD,2022-09-01"
    import_sales(engine, program, tmp_path / "more", row)
    [match] = matches(engine)
    assert await entries.match_for(CARLA, match) is None
    with pytest.raises(NoSuchEntry):
        await entries.decide(CARLA, match, Decision.FILE, TODAY)
    assert await entries.ask_about_matches() == 2, "Carla's message is dropped as it is composed"
    shown = await entries.match_for(ADMIN, match)
    assert shown
    assert shown[0].incoming["partner_id"] == "PC"
    await entries.decide(ADMIN, match, Decision.MINE, TODAY)


async def test_an_agreement_earns_until_its_last_subscription_ends(
    engine: Engine, entries: TypedEntries, program: Program, tmp_path: Path
):
    folder = tmp_path / "levels"
    folder.mkdir()
    header = FOLDER["subscriptions.csv"].splitlines()[0]
    (folder / "subscriptions.csv").write_text(
        f"{header}\nC2,Sales Hub,900,EUR,2022-01-01,\nC2,Sales Hub,0,EUR,2022-12-01,\n"
    )
    assert import_folder(engine, program, folder, today=TODAY).stored
    cells = {"client_id": "C2", "starts_on": "2022-09-01", "ends_on": "2023-06-30"}
    preview = await entries.preview(CARLA, Draft(Kind.AGREEMENT, "PB", cells, "00000000A1"), TODAY)
    assert preview.earning
    assert preview.earning.until == date(2022, 12, 1)


async def test_an_approval_for_one_partner_stores_nothing_of_another(engine: Engine, entries: TypedEntries):
    payload = to_store(await entries.preview(CARLA, a_sale(), TODAY))
    now = datetime(2022, 9, 5, 12, tzinfo=UTC)
    proposal = Proposal("P", PROPOSAL, payload, "PB", "carla@example.com", CARLA, now)
    with pytest.raises(InvalidChange, match="another partner's"), writing(engine) as connection:
        entries.carry_out(lambda _: TODAY)(connection, proposal, now)
    assert "T-00000000A1" not in sales(engine)


async def test_while_an_import_runs_nobody_is_asked_and_no_digest_waits_for_it(
    engine: Engine, entries: TypedEntries, program: Program, tmp_path: Path
):
    await entries.save(CARLA, a_sale(), TODAY)
    row = "F9,PA,C1,Service Hub,net_new,sourced,1000.00,USD,2022-09-02"
    import_sales(engine, program, tmp_path / "more", row)
    with importing(engine):
        assert await asyncio.wait_for(entries.ask_about_matches(), TIMEOUT) == 0
    assert await entries.ask_about_matches() == 1
