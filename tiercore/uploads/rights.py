"""Who may import what: admins everything, a CAM only rows of the partners they look after (data#dropped-files)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select, union

from tiercore.access import NotLinked, SlackUser
from tiercore.facts.entries import Agreement, Person, PipelineDeal, Role, Sale
from tiercore.ingest.files import FILES
from tiercore.ingest.importing import Allow
from tiercore.ingest.incoming import Incoming
from tiercore.ingest.mangled_ids import ALMOST
from tiercore.ingest.problems import Collected, Problem
from tiercore.people.people import identity_of
from tiercore.people.types import NotAllowed
from tiercore.storage.bulk import chunks, table
from tiercore.storage.reconcile import Difference
from tiercore.storage.tables.ledger import AgreementRow, PipelineDealRow, SaleRow
from tiercore.storage.tables.typed import TypedEntryRow
from tiercore.uploads.types import Importer

_typed = table(TypedEntryRow)
_KEYS = {Sale: "sale_id", Agreement: "agreement_id", PipelineDeal: "deal_id"}
_NAMES = {kind: name for name, kind in FILES.items()}
_NOT_YOURS = {
    "partner_id": "isn't one of the partners you look after",
    "client_id": "isn't a client of your partners alone",
    "sale_id": "is the ID of something that isn't your partners'",
    "email": "can't be imported by a CAM: it decides who sees what",
}
_REMEDY = "leave the row out, or ask an admin to import it"
_ALMOST = "differs from another id only in capitals, spaces, leading zeros or decimals: it counts as another"
_UNKNOWN = {"unknown partner": "partner_id", "unknown client": "client_id"}


def importer_of(connection: Connection, user: SlackUser) -> Importer:
    """What the Slack user may import. Raises NotLinked, or NotAllowed unless they are an admin or a CAM."""
    person = identity_of(connection, user)
    if person is None:
        raise NotLinked
    if person.is_admin:
        return Importer(person.email, None)
    mine = {partner for role, _, partner in (each.partition(" ") for each in person.access) if role == Role.CAM}
    if not mine:
        raise NotAllowed("Only CAMs and admins can import files. Send it to your CAM, who can drop it here.")
    return Importer(person.email, frozenset(mine))


def allowed_to(importer: Importer) -> Allow | None:
    """A check of every row against what the importer may bring; None for an admin, who may bring everything."""
    mine = importer.partners
    if mine is None:
        return None

    def problems(connection: Connection, incoming: Incoming, found: Mapping[type[Any], Difference]) -> list[Problem]:
        foreign = _foreign_clients(connection, _clients_in(incoming, found), mine)
        collected = Collected()
        for kind, line, column, value in _outside(incoming, found, mine, foreign):
            collected.add(column, _problem, kind, line, column, value)
        rest = sum(collected.more.values())
        more = [Problem("(all files)", 0, "", "", "not yours", f"{rest:,} more rows aren't yours", _REMEDY)]
        return [*collected.problems, *(more if rest else ())]

    return problems


def still_allowed_to(user: SlackUser) -> Allow:
    """The same check by what the user may import in the import's own transaction, however long it waited for it.

    Raises NotLinked, NotAllowed.
    """

    def problems(connection: Connection, incoming: Incoming, found: Mapping[type[Any], Difference]) -> list[Problem]:
        allow = allowed_to(importer_of(connection, user))
        return allow(connection, incoming, found) if allow else []

    return problems


def without_others(warning: Problem) -> Problem:
    """The warning as a CAM is told it: an id that is written almost like another may be anybody's."""
    return replace(warning, message=_ALMOST) if warning.kind == ALMOST else warning


def told_alike(problem: Problem) -> Problem:
    """The problem of an unknown partner or client as a CAM is told it: like that of one who isn't theirs."""
    column = _UNKNOWN.get(problem.kind)
    if column is None:
        return problem
    remedy = _REMEDY if column == "partner_id" else "add it to clients.csv if it is new, or ask an admin"
    return Problem(problem.file, problem.line, problem.column, problem.value, "not yours", _NOT_YOURS[column], remedy)


def _problem(kind: type[Any], line: int, column: str, value: str) -> Problem:
    return Problem(_NAMES[kind], line, column, value, "not yours", _NOT_YOURS[column], _REMEDY)


def _clients_in(incoming: Incoming, found: Mapping[type[Any], Difference]) -> set[str]:
    """Every client that a row names, now or as it is stored."""
    of_rows = (getattr(each, "client_id", None) for entries in incoming.entries.values() for each in entries)
    named = {client_id for client_id in of_rows if client_id}
    return named | {row["client_id"] for each in found.values() for row in each.before if row.get("client_id")}


def _foreign_clients(connection: Connection, clients: Collection[str], mine: frozenset[str]) -> frozenset[str]:
    """Those of the clients to whom a partner who isn't `mine` sold something or may, with whom one has an agreement, or
    that someone typed for one.
    """
    partners = defaultdict[str, set[str]](set)
    for chunk in chunks(sorted(clients)):
        rows = [
            select(each.c.client_id, each.c.partner_id).where(each.c.client_id.in_(chunk))
            for each in (table(SaleRow), table(AgreementRow), table(PipelineDealRow))
        ]
        in_force = _typed.c.client_id.in_(chunk) & (_typed.c.partner_id != "") & _typed.c.ended_at.is_(None)
        typed = select(_typed.c.client_id, _typed.c.partner_id).where(in_force)
        for client_id, partner_id in connection.execute(union(*rows, typed)):
            partners[client_id].add(partner_id)
    return frozenset(client for client, of in partners.items() if not of <= mine)


def _outside(
    incoming: Incoming, found: Mapping[type[Any], Difference], mine: frozenset[str], foreign: frozenset[str]
) -> Iterator[tuple[type[Any], int, str, str]]:
    """Each row that isn't the importer's: its kind, line, the column at fault and its value."""
    for kind, entries in incoming.entries.items():
        taken = _stored_for_others(found.get(kind), kind, mine, foreign)
        if kind is Sale:
            taken |= _deals_of_others(found.get(PipelineDeal), mine)
        for entry, line in zip(entries, incoming.lines[kind], strict=True):
            if kind is Person:
                yield kind, line, "email", entry.email  # type: ignore[union-attr]
                continue
            partner, client = getattr(entry, "partner_id", None), getattr(entry, "client_id", None)
            if partner is not None and partner not in mine:
                yield kind, line, "partner_id", partner
            elif client in foreign:
                yield kind, line, "client_id", str(client)
            elif taken and (key := getattr(entry, _KEYS[kind])) in taken:
                yield kind, line, taken[key], key


def _deals_of_others(difference: Difference | None, mine: frozenset[str]) -> dict[str, str]:
    """The IDs of other partners' open deals that would be gone, as those of sales under the same IDs."""
    removed = difference.removed if difference else ()
    return {row["deal_id"]: "sale_id" for row in removed if row["partner_id"] not in mine}


def _stored_for_others(
    difference: Difference | None, kind: type[Any], mine: frozenset[str], foreign: frozenset[str]
) -> dict[str, str]:
    """The keys of stored rows that would be changed and are another partner's, with the column that says so."""
    if difference is None or kind not in _KEYS:
        return {}
    key = _KEYS[kind]
    theirs = {row[key]: "partner_id" for row in difference.before if row["partner_id"] not in mine}
    return {row[key]: "client_id" for row in difference.before if row["client_id"] in foreign} | theirs
