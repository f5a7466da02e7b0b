"""The demo's accounts in the local Slack: one for each person in the data, and one for a stranger."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select, tuple_

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
    """A person in the data, or the stranger: their Slack user, e-mail, name, and role; `what` describes the role.
    `team_id` is the workspace that they use.
    """

    user_id: str
    email: str
    name: str
    what: str
    role: str
    team_id: str = TEAM

    @property
    def key(self) -> str:
        """What they are found by: the e-mail in the program's workspace, with the team's ID before it in another."""
        return self.email if self.team_id == TEAM else f"{self.team_id}/{self.email}"

    @property
    def slack_name(self) -> str:
        """Their user name in the local Slack."""
        return self.email.replace("@", ".")

    def as_person(self) -> Person:
        """The local Slack's user for them."""
        return Person(self.user_id, self.slack_name, self.name, self.email)


_ROLE_NAMES = {"cam": "CAM", "cc": "CC"}
# Isn't in any data, and can ask to be linked.
_NOT_LINKED = ("in Slack, but not linked yet", "stranger")
STRANGER = Account("UEVEDEMO", "eve@example.com", "Eve", *_NOT_LINKED)


def load_accounts(core: Core, first: str = "") -> list[Account]:
    """The accounts: the person with the e-mail `first`, the other people in the data, and the stranger."""
    people, partners = table(PersonRow), table(PartnerRow)
    query = select(people.c.email, people.c.name, people.c.role, partners.c.name.label("partner")).select_from(
        people.outerjoin(partners, partners.c.partner_id == people.c.partner_id)
    )
    with reading(core.engine) as connection:
        rows = connection.execute(query.order_by(people.c.email, partners.c.name)).all()
    accounts: dict[str, Account] = {}
    for row in rows:
        known = accounts.get(row.email)
        role = _ROLE_NAMES.get(row.role, row.role)
        what = f"{known.what}, {row.partner}" if known else f"{role} of {row.partner or 'every partner'}"
        accounts[row.email] = Account(_user_id(row.email), row.email, row.name, what, row.role)
    ordered = sorted(accounts.values(), key=lambda account: (account.email != first, account.email))
    return [*ordered, STRANGER] if STRANGER.email not in accounts else ordered


def newcomer(email: str, name: str, team_id: str = TEAM) -> Account:
    """Someone in Slack who isn't linked yet, or whom the data doesn't even have."""
    user_id = _user_id(email if team_id == TEAM else f"{team_id}/{email}")
    return Account(user_id, email, name, *_NOT_LINKED, team_id)


def is_newcomer(account: Account) -> bool:
    """Whether the account began without a link."""
    return account.role == STRANGER.role


def with_links(core: Core, people: Iterable[Account]) -> list[Account]:
    """The accounts; those who began without a link and have one now, with the role of the person it is to."""
    accounts, links = list(people), table(LinkRow)
    users = [(each.team_id, each.user_id) for each in accounts if is_newcomer(each)]
    query = select(links.c.user_id, links.c.email).where(tuple_(links.c.team_id, links.c.user_id).in_(users))
    with reading(core.engine) as connection:
        emails = {row.user_id: row.email for row in connection.execute(query)} if users else {}
    persons = {each.email: each for each in load_accounts(core)} if emails else {}
    return [_linked(each, persons.get(emails.get(each.user_id, ""))) for each in accounts]


def _linked(account: Account, person: Account | None) -> Account:
    if person is None or is_newcomer(person):
        return account
    what = person.what if person.email == account.email else f"{person.what}, linked as {person.email}"
    return replace(account, role=person.role, what=what)


def link_accounts(core: Core, people: Iterable[Account]) -> None:
    """Link the Slack users to their people, except those who are to link themselves."""

    def link_each(connection: Connection, now: datetime) -> None:
        for each in people:
            if not is_newcomer(each):
                link(connection, SlackUser(TEAM, each.user_id), each.email, now)

    Transactions(core.engine).write_now(link_each)


def _user_id(email: str) -> str:
    """A Slack user id that only depends on the e-mail, so that it survives an import."""
    return "U" + hashlib.sha256(email.encode()).hexdigest()[:10].upper()
