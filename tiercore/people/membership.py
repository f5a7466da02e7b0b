"""people.csv is a whole list: who is no longer in it loses access, and their link ends for good (data#people)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from tiercore.people.audit import record
from tiercore.people.types import OPERATOR
from tiercore.storage.bulk import table
from tiercore.storage.reconcile import Difference
from tiercore.storage.tables.ledger import LinkRow, PersonRow
from tiercore.storage.tables.people import LinkCodeRow


@dataclass(frozen=True, slots=True)
class LostAccess:
    """A person who loses rows of people.csv: the IDs of the partners, "" for a row as admin. With `entirely`, all."""

    email: str
    name: str
    partners: tuple[str, ...]
    entirely: bool


def lost_access(people: Difference, listed: Collection[str]) -> list[LostAccess]:
    """Who loses access by the removed rows, by e-mail; `listed` are the e-mails that people.csv still has."""
    partners, names = defaultdict[str, list[str]](list), dict[str, str]()
    for row in people.removed:
        partners[row["email"]].append(row["partner_id"])
        names[row["email"]] = row["name"]
    return [
        LostAccess(email, names[email], tuple(sorted(ids)), email not in listed)
        for email, ids in sorted(partners.items())
    ]


def unlink_unlisted(connection: Connection, now: datetime) -> int:
    """End the links, and void the codes, of e-mails that people.csv no longer has. Returns how many links ended.

    A link never comes back by itself, even if the person does.
    """
    links, codes, listed = table(LinkRow), table(LinkCodeRow), select(table(PersonRow).c.email)
    ended = connection.execute(select(links).where(links.c.email.not_in(listed))).all()
    for row in ended:
        record(connection, now, OPERATOR, "unlinked", f"{row.team_id}/{row.user_id}", f"{row.email}: not in people.csv")
    connection.execute(delete(links).where(links.c.email.not_in(listed)))
    connection.execute(delete(codes).where(codes.c.email.not_in(listed)))
    return len(ended)
