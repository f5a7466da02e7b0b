"""Reading the batches that rating takes, here or where they are rated (architecture#rebuilds)."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, make_url

from tiercore.rating import client_batches as clients_
from tiercore.rating import partner_batches as partners_
from tiercore.rating.client_batches import ClientBatch, RatedClients, Row, rate_clients
from tiercore.rating.partner_batches import PartnerBatch, RatedPartners, rate_partners
from tiercore.storage.engine import create_database_engine, is_sqlite, snapshot
from tiercore.storage.raw import RawRows, enlarge_cache

_TERM = (
    "partner_id",
    "client_id",
    "source",
    "micropoints",
    "program_cents",
    "starts_on",
    "lapses_on",
    "lapsing",
    "doubt IS NOT NULL",
    "assumed",
)


class StoredClients(NamedTuple):
    """Clients whose committed entries and credits are to be read, and rated, where this is taken to."""

    url: str
    client_ids: Sequence[str]


class StoredPartners(NamedTuple):
    """Partners of whom the same is to be read; their `terms` come along if they aren't committed."""

    url: str
    partner_ids: Sequence[str]
    terms: Sequence[Row] | None


def url_for_workers(url: URL) -> str:
    """The URL that names the same database wherever it is opened: SQLite's file by its whole path."""
    if is_sqlite(url) and url.database:
        url = url.set(database=str(Path(url.database).resolve()))
    return url.render_as_string(hide_password=False)


def rate_stored_clients(pickled: bytes, stored: StoredClients) -> RatedClients:
    """Read these clients and rate them by a pickled program."""
    with _rows(stored.url) as rows:
        batch = client_batch(rows, stored.client_ids)
    return rate_clients(pickled, batch)


def rate_stored_partners(pickled: bytes, stored: StoredPartners) -> RatedPartners:
    """Read what these partners' timelines and retention are made of, and make them by a pickled program."""
    with _rows(stored.url) as rows:
        terms = terms_of(rows, stored.partner_ids) if stored.terms is None else stored.terms
        batch = partner_batch(rows, stored.partner_ids, terms)
    return rate_partners(pickled, batch)


@contextmanager
def _rows(url: str) -> Iterator[RawRows]:
    """The rows of one committed state of the database."""
    with snapshot(_engine(url)) as connection:
        yield RawRows(connection)


@lru_cache(maxsize=1)
def _engine(url: str) -> Engine:
    """The engine of this process, whose connections stay open between two batches."""
    engine = create_database_engine(make_url(url))
    if is_sqlite(engine.url):
        event.listen(engine, "connect", lambda connection, _: enlarge_cache(connection))
    return engine


def client_batch(rows: RawRows, client_ids: Sequence[str], doubted: Collection[str] = ()) -> ClientBatch:
    """All that is stored of these clients; contradictions are looked for among the `doubted` ones."""

    def of(table: str, columns: Sequence[str]) -> list[Row]:
        return rows.where(table, columns, "client_id", client_ids)

    return ClientBatch(
        clients=of("client", clients_.CLIENT),
        sales=of("sale", clients_.SALE),
        levels=of("subscription_level", clients_.LEVEL),
        agreements=of("agreement", clients_.AGREEMENT),
        stored=of("credit", ("credit_id", *clients_.CREDIT)),
        doubted=[each for each in client_ids if each in doubted],
    )


def terms_of(rows: RawRows, partner_ids: Sequence[str]) -> list[Row]:
    """What timelines need of the credits stored for these partners."""
    return rows.where("credit", _TERM, "partner_id", partner_ids)


def partner_batch(rows: RawRows, partner_ids: Sequence[str], terms: Sequence[Row]) -> PartnerBatch:
    """All that these partners' timelines and retention are made of, and what is stored of both."""
    client_ids = list({row[1] for row in terms})
    return PartnerBatch(
        partners=partner_ids,
        terms=terms,
        levels=rows.where("subscription_level", clients_.LEVEL, "client_id", client_ids),
        usage=rows.where("tool_usage", partners_.USAGE, "client_id", client_ids),
        timelines=stored_rows(rows, "timeline", partners_.BALANCE, partner_ids, "day"),
        months=stored_rows(rows, "retention", partners_.MONTH, partner_ids, "month, currency"),
    )


def stored_rows(rows: RawRows, table: str, columns: Sequence[str], partner_ids: Sequence[str], order: str) -> list[Row]:
    """These partners' rows of a table, in the order of the partners and then of these columns."""
    among, parameter = rows.among(partner_ids)
    names = ", ".join(columns)
    where = f"partner_id {among} ORDER BY partner_id, {order}"
    return rows.all(f"SELECT {names} FROM {table} WHERE {where}", parameter)  # noqa: S608
