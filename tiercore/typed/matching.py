"""Asking which of two rows counts: what someone typed, or what a file or a sync brought (data#typed)."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from tiercore.access import SlackUser
from tiercore.facts.entries import Role
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage
from tiercore.people.types import Identity
from tiercore.storage import typed_entries
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import LinkRow, PersonRow
from tiercore.storage.typed_entries import TypedEntry, TypedMatch
from tiercore.storage.workspaces import is_programs
from tiercore.typed.checking import may_change, may_propose_change, names_in
from tiercore.typed.entering import kind_of
from tiercore.typed.types import MatchToAsk

KIND = "typed_match"
_person, _link = table(PersonRow), table(LinkRow)


def ask(connection: Connection, now: datetime) -> int:
    """Queue a message about each row that waits and that nobody was asked about. Returns how many messages."""
    untold, queued = typed_entries.matches(connection, untold=True), 0
    for each in untold:
        entry = typed_entries.entry(connection, each.entry_id)
        if entry is None or entry.ended:
            continue
        content, at = {"kind": KIND, "match": each.match_id}, int(each.found_at.timestamp() * 1000)
        queued += put(
            connection,
            [
                OutboxMessage(f"{KIND}:{each.match_id}:{at}:{user.user_id}", user.team_id, user.user_id, content, now)
                for user in _users(connection, match=each, entry=entry)
            ],
            now,
        )
    typed_entries.told(connection, [each.match_id for each in untold], now)
    return queued


def shown_to(connection: Connection, person: Identity, match_id: str) -> tuple[MatchToAsk, bool] | None:
    """The two rows, and whether the person may decide; None for someone whom it doesn't concern."""
    match = typed_entries.match(connection, match_id)
    entry = typed_entries.entry(connection, match.entry_id) if match else None
    if match is None or entry is None:
        return None
    if not person.is_admin and not _partners(match, entry) <= person.partners:
        return None
    decides = may_change(person, entry)
    if not decides and not may_propose_change(person, entry):
        return None
    return to_ask(connection, match, entry), decides


def to_ask(connection: Connection, match: TypedMatch, entry: TypedEntry) -> MatchToAsk:
    """The two rows side by side."""
    names = names_in(connection, entry.cells) | names_in(connection, match.cells)
    return MatchToAsk(
        match.match_id,
        kind_of(entry),
        entry.partner_id,
        entry.cells,
        match.cells,
        names,
        match.source,
        entry.entered_name,
        entry.entered_at,
        match.key == entry.key,
        is_open=match.decision is None and entry.ended is None,
    )


def _partners(match: TypedMatch, entry: TypedEntry) -> set[str]:
    """Whose the two rows are: a file may say that what was typed is another partner's."""
    return {each for each in (entry.partner_id, match.cells.get("partner_id", "")) if each}


def _users(connection: Connection, match: TypedMatch, entry: TypedEntry) -> Iterator[SlackUser]:
    """The Slack users of whoever typed it and of the partner's CAMs; of the admins where it has none, or where the rows
    are two partners'.
    """
    cams = _emails(connection, (_person.c.role == Role.CAM.value) & (_person.c.partner_id == entry.partner_id))
    if not cams or len(_partners(match, entry)) > 1:
        cams += _emails(connection, _person.c.role == Role.ADMIN.value)
    is_staffs = _link.c.email.in_(cams) & is_programs(_link.c.team_id)
    links = select(_link).where(is_staffs | (_link.c.email == entry.entered_by))
    for row in connection.execute(links.order_by(_link.c.team_id, _link.c.user_id)):
        yield SlackUser(row.team_id, row.user_id)


def _emails(connection: Connection, where: object) -> list[str]:
    return list(connection.scalars(select(_person.c.email).where(where).distinct()))  # type: ignore[arg-type]
