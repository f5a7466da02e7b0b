"""What decides who sees which partners, and each partner's own version, read for everybody at once."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from tiercore.storage.bulk import table
from tiercore.storage.tables.derived import DerivedRow, PartnerVersionRow
from tiercore.storage.tables.ledger import PartnerRow, PersonRow

_partner, _person = table(PartnerRow), table(PersonRow)
_derived, _own = table(DerivedRow), table(PartnerVersionRow)


class Visibility(NamedTuple):
    """The data's `version`, the `people` and partners of that version, and the partners' own versions."""

    version: int
    people: tuple[Any, ...]
    all_changed_at: int
    own: dict[str, int]

    def of(self, partner_id: str) -> int:
        """The partner's own version."""
        return max(self.own.get(partner_id, 0), self.all_changed_at)


def visibility(connection: Connection) -> Visibility:
    """Read it, from one state of the data."""
    derived = connection.execute(select(_derived.c.version, _derived.c.all_changed_at)).one_or_none()
    version, all_changed_at = derived or (0, 0)
    people = sorted(map(tuple, connection.execute(select(_person.c.email, _person.c.role, _person.c.partner_id))))
    partners = sorted(map(tuple, connection.execute(select(_partner.c.partner_id, _partner.c.name))))
    own = connection.execute(select(_own.c.partner_id, _own.c.version)).all()
    return Visibility(version, (people, partners), all_changed_at, dict(map(tuple, own)))
