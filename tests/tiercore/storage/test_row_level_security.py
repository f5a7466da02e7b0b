"""Row-level security on PostgreSQL: with the permission checks cut out, no foreign row comes back."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.engine import URL
from sqlmodel import SQLModel

from tests.support.databases import PostgresDatabases
from tests.support.postgres_server import PostgresServer
from tests.support.served_bot import link_user
from tests.support.two_partners import ANA, TODAY, fill, load_table
from tiercore.access import Mailbox, NotLinked, PartnerName, Reach, SlackUser, Viewer
from tiercore.answers import Answers
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger, scope_of
from tiercore.people.enterprise import record_team
from tiercore.planning.steps import Wish as PlanWish
from tiercore.program import load_program
from tiercore.questions.client import NoSuchClient
from tiercore.scenarios.wishes import Asked, Wish, WishKind
from tiercore.storage.decoding import open_deal_of
from tiercore.storage.engine import create_database_engine, writing
from tiercore.storage.goal_statements import GOAL as GOAL_IN_FORCE
from tiercore.storage.partitions import repartition
from tiercore.storage.pipeline_statements import PIPELINE
from tiercore.storage.reader import NOBODY, Reader, Scope, create_reader
from tiercore.storage.transactions import Transactions

pytestmark = pytest.mark.slow
VIEWERS = {"by e-mail": Mailbox("ana@example.com"), "in Slack": ANA}
WITH_PARTNER_DATA = [
    each for each in SQLModel.metadata.sorted_tables if {"partner_id", "client_id"} & set(each.c.keys())
]
# Rows of any partner as they came, of which no column says whose they are.
WHOLE_ROWS = {"upload", "uploaded_file", "staged_record", "synced_row", "rating_step", "row_hashes"}
OF_EVERYONE = ("credit", "timeline", "sale", "pipeline_deal", "pipeline_answer", "open_deal_points", "goal")
NOT_ONE_ROW = r"not enough values to unpack \(expected 1, got 0\)|the database doesn't show this partner|^Acme$"
READABLE = [each for each in WITH_PARTNER_DATA if each.name not in ("signal", "mark", "read_log", "proposal")]


@pytest.fixture(params=["superuser", "owner", "owner of partitions"])
def url(request: pytest.FixtureRequest, postgres_databases: PostgresDatabases) -> Iterator[URL]:
    """Two partners' data in a database of a superuser, or of a plain user who owns its tables and may make no roles."""
    found = postgres_databases.filled(FILLED[request.param])
    yield found if request.param == "superuser" else found.set(username="plain")
    postgres_databases.drop()


def _fill_owned(engine: Engine, partitions: int = 0) -> None:
    with engine.begin() as connection:
        if not connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = 'plain'")):
            connection.exec_driver_sql("CREATE ROLE plain LOGIN")
        connection.exec_driver_sql("ALTER SCHEMA public OWNER TO plain")
    owned = create_database_engine(engine.url.set(username="plain"))
    fill(owned)
    if partitions:
        with writing(owned) as connection:
            assert repartition(connection, partitions)
    owned.dispose()


def _fill_partitions(engine: Engine) -> None:
    _fill_owned(engine, partitions=3)


FILLED = {"superuser": fill, "owner": _fill_owned, "owner of partitions": _fill_partitions}


@pytest.fixture
async def reader(url: URL) -> AsyncIterator[Reader]:
    created = create_reader(url)
    await created.open()
    yield created
    await created.close()


async def partners_in(reader: Reader, scope: Scope) -> dict[str, set[str]]:
    """For each table that names a partner: the partners of the rows that the scope sees."""
    found = {}
    for each in READABLE:
        if "partner_id" in each.c:
            [rows] = await reader.fetch((select(each.c.partner_id), {}), scope=scope)
            found[each.name] = {row[0] for row in rows} - {""}
    return found


async def test_everyone_sees_the_rows_of_their_own_partners_only(reader: Reader):
    for scope in (Scope("T01", "U0ANA"), Scope(email="ana@example.com")):
        found = await partners_in(reader, scope)
        assert [found[name] for name in OF_EVERYONE] == [{"PA"}] * len(OF_EVERYONE)
        assert all(partners <= {"PA"} for partners in found.values())
    everything = await partners_in(reader, Scope(email="admin@example.com"))
    assert all({"PA", "PB"} <= everything[name] for name in OF_EVERYONE)


@pytest.mark.parametrize("foreign", ["*", "on", "{PA,PB}", "PA,PB"])
async def test_no_partner_id_stands_for_other_partners(url: URL, reader: Reader, foreign: str, tmp_path: Path):
    """A partner called * sees its own rows only, and so does its viewer."""
    folder = tmp_path / "star"
    folder.mkdir()
    partner = f'"{foreign}",Star,DE,EUR,2021-01-01'
    (folder / "partners.csv").write_text(f"partner_id,name,country,currency,joined_on\n{partner}\n")
    (folder / "people.csv").write_text(f'email,name,role,partner_id\nsam@example.com,Sam,partner,"{foreign}"\n')
    engine = create_database_engine(url)
    imported = import_folder(engine, load_table(), folder, today=TODAY, keep_people=True)
    engine.dispose()
    assert imported.problems == []
    found = await partners_in(reader, Scope(email="sam@example.com"))
    assert found["partner"] == {foreign}
    assert all(partners <= {foreign} for partners in found.values())


async def test_a_partner_sees_their_own_clients_only(reader: Reader):
    client = SQLModel.metadata.tables["client"]
    [rows] = await reader.fetch((select(client.c.client_id), {}), scope=Scope("T01", "U0ANA"))
    sale, agreement = SQLModel.metadata.tables["sale"], SQLModel.metadata.tables["agreement"]
    own = select(sale.c.client_id).where(sale.c.partner_id == "PA")
    own_too = select(agreement.c.client_id).where(agreement.c.partner_id == "PA")
    [allowed, too] = await reader.fetch((own, {}), (own_too, {}), scope=Scope(email="admin@example.com"))
    assert {row[0] for row in rows} == {row[0] for row in (*allowed, *too)} | {"C9"}


async def test_a_client_with_nothing_but_an_open_deal_is_named_to_its_partner(reader: Reader):
    [rows] = await reader.fetch((PIPELINE, {"partner_id": "PA"}), scope=Scope("T01", "U0ANA"))
    assert sorted(open_deal_of(row).client for row in rows) == ["Acme", "Neu AG"]


@pytest.mark.parametrize(
    "scope", [NOBODY, Scope("T01", "U0EVE"), Scope("T02", "U0ANA"), Scope(email="eve@example.com")]
)
async def test_nobody_sees_nothing(reader: Reader, scope: Scope):
    assert all(not partners for partners in (await partners_in(reader, scope)).values())


@pytest.mark.parametrize(
    ("team", "sees"), [("T05", {"PA"}), ("E01", {"PA"}), ("T06", set()), ("E02", set()), ("T07", set())]
)
async def test_someone_sees_their_rows_in_every_workspace_of_their_enterprise(
    url: URL, reader: Reader, team: str, sees: set[str]
):
    engine = create_database_engine(url)
    with writing(engine) as connection:
        for each, enterprise in ((ANA.team_id, "E01"), ("T05", "E01"), ("T06", "E02")):
            record_team(connection, each, enterprise, datetime(2022, 9, 5, tzinfo=UTC))
    engine.dispose()
    found = await partners_in(reader, Scope(team, ANA.user_id))
    assert found["credit"] == found["timeline"] == found["sale"] == sees
    answers = Answers(Ledger(reader, load_program()))
    if sees:
        assert (await answers.reach(SlackUser(team, ANA.user_id))).email == "ana@example.com"
    else:
        with pytest.raises(NotLinked):
            await answers.reach(SlackUser(team, ANA.user_id))
    assert not any((await partners_in(reader, Scope(team, "U0EVE"))).values())


@pytest.mark.parametrize("viewer", VIEWERS.values(), ids=VIEWERS)
async def test_with_the_permission_check_cut_out_no_foreign_row_comes_back(url: URL, reader: Reader, viewer: Viewer):
    """Ana's reach claims every partner, as if its check were gone."""
    engine = create_database_engine(url)
    answers = Answers(Ledger(reader, load_program()), Transactions(engine))
    claimed = Reach("ana@example.com", "Ana", frozenset(), (PartnerName("PB", "Zweite GmbH"),), viewer=viewer)
    foreign = claimed.grant_of("PB")
    for ask in (
        lambda: answers.standing(foreign, TODAY),
        lambda: answers.gap(foreign, None, TODAY),
        lambda: answers.expiring(foreign, 90, TODAY),
        lambda: answers.client(foreign, "Acme", TODAY),
        lambda: answers.changes(foreign, date(2022, 1, 1), TODAY),
        lambda: answers.pipeline(foreign, TODAY),
        lambda: answers.plans.plan(foreign, PlanWish("gold"), TODAY),
        lambda: answers.what_if.ask(foreign, [Asked(Wish(WishKind.RENEW))], TODAY),
    ):
        with pytest.raises((ValueError, NoSuchClient), match=NOT_ONE_ROW):  # the partner doesn't exist for Ana
            await ask()
    found = await reader.fetch(
        (PIPELINE, {"partner_id": "PB"}), (GOAL_IN_FORCE, {"partner_id": "PB"}), scope=scope_of(viewer)
    )
    assert found == [[], []]
    engine.dispose()
    assert await answers.contacts(foreign, "T01") == []
    assert await answers.goal(foreign, TODAY) is None


async def test_every_table_with_partner_data_is_behind_the_wall(url: URL, postgres: PostgresServer):
    with psycopg.connect(postgres.url(str(url.database)), autocommit=True) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
        ).fetchall()
    assert {each.name for each in WITH_PARTNER_DATA} | WHOLE_ROWS <= {row[0] for row in rows}


async def test_only_the_setting_everything_opens_a_table_as_a_whole(url: URL, postgres: PostgresServer):
    with psycopg.connect(postgres.url(str(url.database)), autocommit=True) as connection:
        policies = connection.execute("SELECT tablename, qual FROM pg_policies").fetchall()
        [[sees]] = connection.execute("SELECT prosrc FROM pg_proc WHERE proname = 'tierbot_see'").fetchall()
    assert policies
    assert [name for name, condition in policies if "'*'" in condition] == []
    assert "'*'" not in sees


async def test_what_a_transaction_may_see_ends_with_it(reader: Reader):
    await partners_in(reader, Scope(email="admin@example.com"))
    assert all(not partners for partners in (await partners_in(reader, NOBODY)).values())


@pytest.mark.parametrize("viewer", VIEWERS.values(), ids=VIEWERS)
async def test_who_asks_is_kept_apart_from_what_is_asked(url: URL, reader: Reader, viewer: Viewer):
    """The contacts of a partner are asked for in a team, which isn't the viewer's own where they ask by e-mail."""
    engine = create_database_engine(url)
    link_user(engine, "T01", "U0CARLA", "carla@example.com")
    engine.dispose()
    answers = Answers(Ledger(reader, load_program()))
    grant = (await answers.reach(viewer)).grant("PA")
    assert [each.user_id for each in await answers.contacts(grant, "T01")] == ["U0CARLA"]
