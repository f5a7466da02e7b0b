"""What someone may choose from when they type an entry: only what is within their reach (data#typed)."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, select, union

from tiercore.access import plain
from tiercore.people.types import Identity
from tiercore.program import UNTIERED, Program
from tiercore.storage.bulk import chunks, table
from tiercore.storage.tables.derived import CreditRow
from tiercore.storage.tables.ledger import AgreementRow, ClientRow, PartnerRow, PipelineDealRow, SaleRow
from tiercore.storage.tables.typed import TypedEntryRow
from tiercore.typed.types import Choices

Pair = tuple[str, str]
FEW = 100  # options in one of Slack's lists; of more, people type a part of the name
LONGEST_QUERY = 100
_partner, _client, _agreement = table(PartnerRow), table(ClientRow), table(AgreementRow)
_sale, _credit, _typed = table(SaleRow), table(CreditRow), table(TypedEntryRow)
_deal = table(PipelineDealRow)


def choices(connection: Connection, person: Identity, program: Program, today: date) -> Choices:
    """What the person may choose from; long lists are left to `search`."""
    rules, catalogue = program.on(today), program.catalogue
    named = set(catalogue.names_on(today).values())
    clients, agreements = clients_of(connection, person), agreements_of(connection, person, today)
    return Choices(
        partners=tuple(partners_of(connection, person)),
        clients=tuple(clients) if len(clients) <= FEW else None,
        agreements=tuple(agreements) if len(agreements) <= FEW else None,
        lines=tuple(sorted(each for each in catalogue.names() if catalogue.line_of(each).name in named)),
        currencies=tuple(sorted({"USD", *rules.amounts_per_100_usd})),
        tiers=(UNTIERED, *program.tier_names),
        is_admin=person.is_admin,
    )


def search(connection: Connection, person: Identity, what: str, text: str, today: date) -> list[Pair]:
    """At most FEW of the person's clients, agreements or partners whose names contain the text, the best first."""
    found = {"client_id": clients_of, "partner_id": partners_of}.get(what)
    pairs = found(connection, person) if found else agreements_of(connection, person, today)
    return _best(pairs, text)


def _best(pairs: Iterable[Pair], text: str) -> list[Pair]:
    """Those whose names begin with the text, then those that contain it."""
    query = plain(text[:LONGEST_QUERY])
    named = [(plain(name), pair) for pair in pairs for name in (pair[1],)]
    fitting = [(not name.startswith(query), name, pair) for name, pair in named if query in name]
    return [pair for _, _, pair in sorted(fitting)[:FEW]]


def partners_of(connection: Connection, person: Identity) -> list[Pair]:
    """The person's partners, by name; an admin's are all."""
    statement = select(_partner.c.partner_id, _partner.c.name)
    return _named(connection, statement, _partner.c.partner_id, None if person.is_admin else person.partners)


def clients_of(connection: Connection, person: Identity) -> list[Pair]:
    """The clients of the person's partners, those that someone typed for them included, by name; an admin's are all."""
    statement = select(_client.c.client_id, _client.c.name)
    return _named(connection, statement, _client.c.client_id, _client_ids(connection, person))


def has_client(connection: Connection, person: Identity, client_id: str) -> bool:
    """Whether the client is one of the person's partners'; an admin has all."""
    if person.is_admin:
        return connection.scalar(select(_client.c.client_id).where(_client.c.client_id == client_id)) is not None
    own = _own_clients(person.partners).subquery()
    return connection.scalar(select(own.c.client_id).where(own.c.client_id == client_id).limit(1)) is not None


def agreements_of(connection: Connection, person: Identity, today: date) -> list[Pair]:
    """The agreements of the person's partners that haven't ended: each with its client and first day."""
    joined = _agreement.join(_client, _client.c.client_id == _agreement.c.client_id)
    columns = (_agreement.c.agreement_id, _client.c.name, _agreement.c.starts_on)
    open_ones = _agreement.c.ends_on.is_(None) | (_agreement.c.ends_on >= today)
    statement = select(*columns).select_from(joined).where(open_ones)
    rows = _within(connection, statement, _agreement.c.partner_id, None if person.is_admin else person.partners)
    return sorted(((row[0], f"{row[1]}, since {row[2]:%-d %b %Y}") for row in rows), key=lambda pair: pair[1])


def _client_ids(connection: Connection, person: Identity) -> set[str] | None:
    if person.is_admin:
        return None
    return set(connection.scalars(_own_clients(person.partners)))


def _own_clients(partners: Iterable[str]) -> Any:
    """The IDs of the clients with a sale, an agreement, credits or a deal of these partners, or typed for one."""
    ids = sorted(partners)
    of_partner = [select(each.c.client_id).where(each.c.partner_id.in_(ids)) for each in (_sale, _agreement, _credit)]
    known = _deal.c.client_id.is_not(None)  # of a new client there is only a name
    of_partner.append(select(_deal.c.client_id).where(_deal.c.partner_id.in_(ids), known))
    in_force = _typed.c.ended_at.is_(None) & (_typed.c.client_id != "")
    return union(*of_partner, select(_typed.c.client_id).where(_typed.c.partner_id.in_(ids), in_force))


def _named(connection: Connection, statement: Select[Any], column: Any, ids: Iterable[str] | None) -> list[Pair]:
    rows = _within(connection, statement, column, ids)
    return sorted(((row[0], row[1]) for row in rows), key=lambda pair: (pair[1].casefold(), pair[0]))


def _within(connection: Connection, statement: Select[Any], column: Any, ids: Iterable[str] | None) -> Iterator[Any]:
    """The rows with these IDs in the column; with None, all."""
    if ids is None:
        yield from connection.execute(statement)
        return
    for chunk in chunks(sorted(ids)):
        yield from connection.execute(statement.where(column.in_(chunk)))
