"""Checks of what someone types: who they are, what is theirs, and all that a file's row is checked for (data#typed)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection, select

from tiercore.facts.entries import Entry, Sale
from tiercore.ingest.files import FILES, FORMATS
from tiercore.ingest.importing import check_typed
from tiercore.ingest.problems import Problem
from tiercore.ingest.typed_rows import TypedRows, cells_of, key_of, stored_key
from tiercore.people.types import Identity, InvalidChange, NotAllowed
from tiercore.program import Program
from tiercore.rating.same_deals import are_days_apart, deal_of
from tiercore.storage import rows, typed_entries
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import ClientRow, PartnerRow, SaleRow
from tiercore.storage.typed_entries import TypedEntry
from tiercore.typed.choosing import has_client
from tiercore.typed.types import Draft, Kind, NoSuchEntry, Rejected

_TOKEN = re.compile(r"[0-9A-F]{10}")
_CHOOSE_PARTNER = "Choose a partner from the list."
_CHOOSE_CLIENT = "Choose a client from the list. A new one is added by /tier add client."
_CHOOSE_AGREEMENT = "Choose an agreement from the list."


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that may be stored: the whole row as `cells` with its `key`, the entry that it is, and what it changes.

    `before` is the stored row that it changes, `former` the typed entry that it corrects. `is_stored` is whether
    exactly this was saved before.
    """

    draft: Draft
    cells: Mapping[str, str]
    key: tuple[str, ...]
    entry: Entry
    before: Mapping[str, str] | None
    former: TypedEntry | None
    warnings: tuple[str, ...]
    direct: bool
    is_stored: bool = False


def check(connection: Connection, program: Program, person: Identity, draft: Draft, today: date) -> Checked:
    """The draft, checked. Raises NotAllowed, NoSuchEntry, and Rejected with an error for each wrong column."""
    draft = _with_partner(connection, person, draft)
    direct = _authority(person, draft)
    former = _former(connection, person, draft) if draft.edits else None
    cells = _completed(connection, person, draft, former)
    incoming = check_typed(connection, program, TypedRows(draft.kind.file, cells), today)
    if incoming.problems:
        raise Rejected(_errors(draft.kind, incoming.problems))
    [entry] = incoming.entries[FILES[draft.kind.file]]
    row = rows.entry_row(entry)
    cells, key = cells_of(draft.kind.file, row), key_of(draft.kind.file, row)
    if former and key != former.key:
        raise Rejected({_first(draft.kind): "This is another entry. Withdraw the old one, then add this one."})
    before = stored_cells(connection, draft.kind.file, key)
    former = former or typed_entries.entry_with_key(connection, draft.kind.file, key)
    is_stored = before == cells
    if before is not None and draft.kind.own_id and not draft.edits and not is_stored:
        raise InvalidChange("This was saved before, with other values. Open it again to change it.")
    warnings = (*map(said, incoming.warnings), *_same_deals(connection, program, entry))
    return Checked(draft, cells, key, entry, before, former, warnings, direct, is_stored)


def may_change(person: Identity, entry: TypedEntry) -> bool:
    """Whether the person may correct or withdraw it by themselves."""
    if entry.file == Kind.DEAL.file and entry.partner_id in person.partners:
        return True
    if person.is_admin or entry.file == Kind.PERSON.file:  # who sees what is for admins to say
        return person.is_admin
    return bool(entry.partner_id) and person.may_settle(entry.partner_id)


def may_propose_change(person: Identity, entry: TypedEntry) -> bool:
    """Whether the person may propose to correct or withdraw it: what they typed for their own partner."""
    own = entry.entered_by == person.email and entry.partner_id in person.partners
    return own and entry.file != Kind.PERSON.file


def stored_cells(connection: Connection, file: str, key: tuple[str, ...]) -> dict[str, str] | None:
    """The stored row with this key as cells; None where there is none."""
    source, wanted = table(rows.TABLE_OF[FILES[file]]), stored_key(file, key)
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    same = [column == value for column, value in zip(source.primary_key, values, strict=True)]
    row = connection.execute(select(source).where(*same)).mappings().one_or_none()
    return cells_of(file, dict(row)) if row else None


def names_in(connection: Connection, cells: Mapping[str, str]) -> dict[str, str]:
    """The names of the partner and the client that the cells name, by ID."""
    found = {}
    for column, model in (("partner_id", PartnerRow), ("client_id", ClientRow)):
        source, id_ = table(model), cells.get(column)
        name = connection.scalar(select(source.c.name).where(source.c[column] == id_)) if id_ else None
        if id_ and name:
            found[id_] = str(name)
    return found


def require_some_right(person: Identity, draft: Draft) -> None:
    """Raises NotAllowed where the person may type no entry of this kind, whoever the partner is."""
    if person.is_admin:
        return
    if draft.kind.is_for_admins:
        raise NotAllowed(f"Only an admin can add a {draft.kind.value}.")
    if not draft.kind.may_be_proposed and not person.is_program_staff:
        raise NotAllowed("Only a CAM, a CC or an admin can record a credited tier.")


def _authority(person: Identity, draft: Draft) -> bool:
    """Whether it is stored on Save; False: proposed to the CAM. Raises NotAllowed, Rejected."""
    require_some_right(person, draft)
    if person.is_admin:
        return True
    if draft.partner_id and person.may_settle(draft.partner_id):
        return True
    if draft.kind.is_no_fact and draft.partner_id in person.partners:
        return True
    if draft.partner_id in person.partners and draft.kind.may_be_proposed:
        return False
    if draft.partner_id in person.partners:
        raise NotAllowed("Only a CAM, a CC or an admin can record a credited tier.")
    raise Rejected({"partner_id": _CHOOSE_PARTNER})


def _former(connection: Connection, person: Identity, draft: Draft) -> TypedEntry:
    found = typed_entries.entry(connection, draft.edits)
    if found is None or found.ended or found.file != draft.kind.file or found.partner_id != draft.partner_id:
        raise NoSuchEntry
    if not may_change(person, found) and not may_propose_change(person, found):
        raise NoSuchEntry
    return found


def _completed(connection: Connection, person: Identity, draft: Draft, former: TypedEntry | None) -> dict[str, str]:
    """The whole row: the cells that were typed, the partner, and the row's own ID."""
    columns = [column.name for column in FORMATS[draft.kind.file].columns]
    cells = {name: draft.cells.get(name, "").strip() for name in columns}
    if "partner_id" in columns and draft.kind not in (Kind.PARTNER, Kind.PERSON):
        cells["partner_id"] = draft.partner_id
    if draft.kind is Kind.AGREEMENT_END:
        return _ended(connection, draft, cells)
    if draft.kind.own_id:
        cells[draft.kind.own_id] = former.key[0] if former else _own_id(draft)
    if draft.kind is Kind.DEAL:
        cells["owner"] = former.cells.get("owner", "") if former else person.email
    refers = "client_id" in columns and draft.kind is not Kind.CLIENT
    if draft.kind is Kind.DEAL and not cells["client_id"]:
        refers = False  # a new client, by its name
    if refers and not has_client(connection, _only_of(person, draft), cells["client_id"]):
        raise Rejected({"client_id": _CHOOSE_CLIENT})
    if draft.kind is Kind.CLIENT and not _is_partner(connection, draft.partner_id):
        raise Rejected({"partner_id": _CHOOSE_PARTNER})
    return cells


def _only_of(person: Identity, draft: Draft) -> Identity:
    """The person, for a level, as one who sees the draft's partner alone: its row names no partner by itself."""
    return replace(person, partners=frozenset({draft.partner_id})) if draft.kind is Kind.LEVEL else person


def _with_partner(connection: Connection, person: Identity, draft: Draft) -> Draft:
    """The draft with the partner whose agreement ends. Another partner's is as unknown as one that doesn't exist."""
    if draft.kind is not Kind.AGREEMENT_END:
        return draft
    stored = stored_cells(connection, draft.kind.file, (draft.cells.get("agreement_id", ""),))
    if stored is None or not (person.is_admin or stored["partner_id"] in person.partners):
        raise Rejected({"agreement_id": _CHOOSE_AGREEMENT})
    return replace(draft, partner_id=stored["partner_id"])


def _own_id(draft: Draft) -> str:
    if not _TOKEN.fullmatch(draft.token):
        raise InvalidChange("This window is out of date. Open it again.")
    return f"T-{draft.token}"


def _ended(connection: Connection, draft: Draft, cells: Mapping[str, str]) -> dict[str, str]:
    """The stored agreement with the last day that was typed."""
    stored = stored_cells(connection, draft.kind.file, (cells["agreement_id"],))
    if stored is None or stored["partner_id"] != draft.partner_id:
        raise Rejected({"agreement_id": _CHOOSE_AGREEMENT})
    if not cells["ends_on"] and not draft.edits:
        raise Rejected({"ends_on": "Choose the last day that counts."})
    return {**stored, "ends_on": cells["ends_on"]}


def _is_partner(connection: Connection, partner_id: str) -> bool:
    source = table(PartnerRow)
    found = select(source.c.partner_id).where(source.c.partner_id == partner_id)
    return connection.scalar(found) is not None


def _same_deals(connection: Connection, program: Program, entry: Entry) -> Iterator[str]:
    """Sales on file that may be the one that is typed: they would count twice."""
    if not isinstance(entry, Sale) or not entry.mrr.minor:
        return
    source, catalogue = table(SaleRow), program.catalogue
    others = (source.c.client_id == entry.client_id) & (source.c.sale_id != entry.sale_id)
    for row in connection.execute(select(source).where(others, source.c.partner_id == entry.partner_id)).mappings():
        other = rows.sale(row)
        if deal_of(other, catalogue) == deal_of(entry, catalogue) and are_days_apart(other.sold_on, entry.sold_on):
            yield f"{other.sale_id} of {other.sold_on} may be the same deal. If it is, don't save this one."


def _errors(kind: Kind, problems: list[Problem]) -> dict[str, str]:
    """An error for each column; what is about the whole row is shown at the first one."""
    found: dict[str, str] = {}
    for each in problems:
        column = each.column.split("+")[0] or _first(kind)
        found.setdefault(column, said(each))
    return found


def said(problem: Problem) -> str:
    """The problem as a sentence for a window, without the place in a file."""
    value = f"“{problem.value[:60]}” " if problem.value else ""
    message = f"{value}{problem.message}"
    remedy = problem.remedy[:1].upper() + problem.remedy[1:]
    said = f"{message[:1].upper()}{message[1:]}. {remedy}".rstrip(".")
    return said if said.endswith("?") else f"{said}."


def _first(kind: Kind) -> str:
    return next(column.name for column in FORMATS[kind.file].columns if column.name != kind.own_id)
