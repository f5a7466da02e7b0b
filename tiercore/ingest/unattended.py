"""Warnings about an import that leaves nobody to approve and to look after: no admin, or a partner without a CAM."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from tiercore.facts.entries import Partner, Role
from tiercore.ingest.problems import Collected, Problem
from tiercore.storage.bulk import table
from tiercore.storage.reconcile import Difference
from tiercore.storage.tables.ledger import PersonRow

_KINDS = {Role.ADMIN: "no admin", Role.CAM: "no CAM"}


@dataclass(frozen=True, slots=True)
class Attendants:
    """The admins' e-mails, and the CAMs' by the ID of the partner they look after; those before an import."""

    admins: tuple[str, ...]
    cams: Mapping[str, str]

    @classmethod
    def stored(cls, connection: Connection) -> "Attendants":
        """Those of the database; of several CAMs of a partner, the last one by e-mail."""
        person = table(PersonRow).c
        rows = connection.execute(
            select(person.role, person.partner_id, person.email)
            .where(person.role.in_([Role.ADMIN.value, Role.CAM.value]))
            .order_by(person.email)
        ).all()
        admins = tuple(row.email for row in rows if row.role == Role.ADMIN)
        return cls(admins, {row.partner_id: row.email for row in rows if row.role == Role.CAM})


def unattended(before: Attendants, after: Attendants, found: Mapping[type[Any], Difference], file: str) -> Collected:
    """A warning for each place that an import has emptied: the last admin, the last CAM of a partner that stays.

    `file` is what messages call the list of people.
    """
    warned = Collected()
    for role, message, remedy in _emptied(before, after, found):
        warned.add(_KINDS[role], _of, file, role, message, remedy)
    return warned


def _emptied(
    before: Attendants, after: Attendants, found: Mapping[type[Any], Difference]
) -> Iterator[tuple[Role, str, str]]:
    if before.admins and not after.admins:
        message = f"no admin is left ({before.admins[-1]} was one before): nobody sees every partner"
        yield Role.ADMIN, message, _list_one("admin")
    gone = {row["partner_id"] for row in found[Partner].removed} if Partner in found else set()
    for partner_id in sorted(before.cams.keys() - after.cams.keys() - gone):
        message = f"{partner_id} has no CAM ({before.cams[partner_id]} was one before): requests go to CCs and admins"
        yield Role.CAM, message, _list_one("CAM")


def _list_one(role: str) -> str:
    return f"list another {role}, unless that is meant"


def _of(file: str, role: Role, message: str, remedy: str) -> Problem:
    return Problem(file, 0, "role", "", _KINDS[role], message, remedy)
