"""Everybody in the demo: the people of the data with an account in the local Slack each, and a stranger."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from bot.playground.local_slack.state.workspace import Person
from bot.wiring import Core
from tiercore.access import SlackUser
from tiercore.people.linking import link
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.tables.ledger import LinkRow, PartnerRow, PersonRow
from tiercore.storage.transactions import Transactions

TEAM = "T01DEMO"


@dataclass(frozen=True, slots=True)
class Account:
    """Someone of the data, or a stranger: their Slack user, e-mail, name, and what they are in a few words."""

    user_id: str
    email: str
    name: str
    what: str
    role: str

    @property
    def slack_name(self) -> str:
        """What they are called in the local Slack."""
        return self.email.replace("@", ".")

    def as_person(self) -> Person:
        """Their account in the local Slack."""
        return Person(self.user_id, self.slack_name, self.name, self.email)


_CALLED = {"cam": "CAM", "cc": "CC"}
# Who isn't in anybody's data: they can ask to be linked.
STRANGER = Account("UEVEDEMO", "eve@example.com", "Eve", "in Slack, but not linked yet", "stranger")


def everybody(core: Core, first: str = "") -> list[Account]:
    """The people of the data, the one with the e-mail `first` before the others, and a stranger."""
    people, partners = table(PersonRow), table(PartnerRow)
    query = select(people.c.email, people.c.name, people.c.role, partners.c.name.label("partner")).select_from(
        people.outerjoin(partners, partners.c.partner_id == people.c.partner_id)
    )
    with reading(core.engine) as connection:
        rows = connection.execute(query.order_by(people.c.email, partners.c.name)).all()
    found: dict[str, Account] = {}
    for row in rows:
        before = found.get(row.email)
        role = _CALLED.get(row.role, row.role)
        what = f"{before.what}, {row.partner}" if before else f"{role} of {row.partner or 'every partner'}"
        found[row.email] = Account(_user_id(row.email), row.email, row.name, what, row.role)
    known = sorted(found.values(), key=lambda each: (each.email != first, each.email))
    return [*known, STRANGER] if STRANGER.email not in found else known


def as_linked(core: Core, people: Iterable[Account]) -> list[Account]:
    """The people, a stranger as who they were linked to meanwhile."""
    binding = table(LinkRow)
    with reading(core.engine) as connection:
        email = connection.scalar(
            select(binding.c.email).where(binding.c.team_id == TEAM, binding.c.user_id == STRANGER.user_id)
        )
    found = {each.email: each for each in people}
    if email not in found or STRANGER.email not in found:
        return list(found.values())
    now = replace(STRANGER, role=found[email].role, what=f"{found[email].what}, linked as {email}")
    return [now if each == STRANGER else each for each in found.values()]


def link_all(core: Core, people: Iterable[Account]) -> None:
    """Tie the Slack users to the people that they are."""

    def tie(connection: Connection, now: datetime) -> None:
        for each in people:
            if each is not STRANGER:
                link(connection, SlackUser(TEAM, each.user_id), each.email, now)

    Transactions(core.engine).write_now(tie)


def _user_id(email: str) -> str:
    """A Slack user id that stays the same however often the data is imported."""
    return "U" + hashlib.sha256(email.encode()).hexdigest()[:10].upper()
