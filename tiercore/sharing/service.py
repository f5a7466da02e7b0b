"""Who may see what is shared, and sharing it: the message and the audit entry are one transaction."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from tiercore.access import SlackUser
from tiercore.facts.entries import Role
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage
from tiercore.notifications.subscription_rows import subscriptions_of
from tiercore.people.audit import record
from tiercore.people.people import identity_of
from tiercore.people.preferences import channel_partner
from tiercore.people.types import NotAllowed
from tiercore.sharing.types import Audience, Share
from tiercore.storage.bulk import chunks, table
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.tables.ledger import LinkRow, PersonRow
from tiercore.storage.transactions import Transactions
from tiercore.storage.workspaces import are_of_others, counts_in

SENT_WITHIN = timedelta(minutes=15)
MOST_NAMED = 50  # partners that the audit log names
_link, _person = table(LinkRow), table(PersonRow)


class Sharing:
    """Shares of one database."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def now(self) -> datetime:
        """The current time, with which what is shared is stamped."""
        return self._transactions.clock()

    async def audience(
        self,
        user: SlackUser,
        partner_ids: Collection[str],
        target: str,
        members: Sequence[str],
        *,
        shared: bool,
        teams: Collection[str] = (),
    ) -> Audience:
        """Which of the `members` of the target may not see the partners; `shared` for a channel with another
        organization, which is about a partner only where that was confirmed. Its `teams` are the other workspaces.
        """

        def read(db: Connection) -> Audience:
            seeing = frozenset[str]().union(
                *(_who_sees(db, team, partner_ids, members) for team in {user.team_id, *teams})
            )
            sharer = identity_of(db, user)
            may_confirm = sharer is not None and all(sharer.may_settle(each) for each in partner_ids)
            is_about = _is_about(db, user, partner_ids, target, shared=shared)
            outsiders = tuple(each for each in members if each not in seeing)
            return Audience(outsiders, may_confirm, is_about, are_of_others(db, teams, partner_ids))

        return await self._transactions.read(read)

    async def share(self, user: SlackUser, share: Share, partner_ids: Collection[str], seen_by: str) -> bool:
        """Queue what is shared; `seen_by` tells the audit log who is there. Returns whether it is new: the same window
        shares once. Raises NotAllowed for someone who may not see the partners.
        """

        def write(db: Connection, now: datetime) -> bool:
            sharer = identity_of(db, user)
            if sharer is None or not (sharer.is_admin or set(partner_ids) <= sharer.partners):
                raise NotAllowed("You can share only what you may see.")
            content = {**share.as_content(), "by": user.user_id}
            key = f"share:{user.team_id}/{user.user_id}:{share.token}"
            message = OutboxMessage(key, user.team_id, share.target, content, now, expires=now + SENT_WITHIN)
            if not put(db, [message], now):
                return False
            about = f"{share.word} {share.text}".strip()
            detail = f"{about} of {_partners(partner_ids)}, {seen_by}"
            record(db, now, f"{user.team_id}/{user.user_id}", "shared", share.target, detail)
            return True

        return await self._transactions.write(write)

    async def not_shared(self, team_id: str, user_id: str, key: str, target: str, reason: str) -> None:
        """Tell the sharer that what they shared was not sent after all, and record it."""
        content = {"kind": "not_shared", "target": target, "reason": reason}

        def write(db: Connection, now: datetime) -> None:
            if put(db, [OutboxMessage(f"{key}:not", team_id, user_id, content, now)], now):
                record(db, now, f"{team_id}/{user_id}", "not shared", target, reason)

        await self._transactions.write(write)


def _partners(partner_ids: Collection[str]) -> str:
    """The partners as the audit log names them: by ID, or how many there are."""
    if len(partner_ids) > MOST_NAMED:
        return f"{len(partner_ids)} partners"
    return ", ".join(sorted(partner_ids)) or "no partner"


def _who_sees(
    connection: Connection, team_id: str, partner_ids: Collection[str], members: Sequence[str]
) -> frozenset[str]:
    """Those of the members who may see all of the partners."""
    may_see = dict[str, set[str]]()
    for user_id, role, partner_id in _rows(connection, team_id, members):
        seen = set(partner_ids) if role == Role.ADMIN.value else {partner_id}
        may_see.setdefault(user_id, set()).update(seen)
    if not partner_ids:
        return frozenset(members)
    return frozenset(user_id for user_id, seen in may_see.items() if seen.issuperset(partner_ids))


def _rows(connection: Connection, team_id: str, members: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    columns = (_link.c.user_id, _person.c.role, _person.c.partner_id)
    joined = _link.join(_person, _person.c.email == _link.c.email)
    for chunk in chunks(members):
        same = in_same_enterprise(_link.c.team_id, team_id) & _link.c.user_id.in_(chunk)
        where = same & counts_in(_person, _link.c.team_id)
        yield from (tuple(row) for row in connection.execute(select(*columns).select_from(joined).where(where)))


def _is_about(
    connection: Connection, user: SlackUser, partner_ids: Collection[str], target: str, *, shared: bool
) -> bool:
    """Whether the channel gets the notifications of this one partner already."""
    about = channel_partner(connection, SlackUser(user.team_id, user.user_id, target))
    if about is None or set(partner_ids) != {about}:
        return False
    found = subscriptions_of(connection, user.team_id, target)
    return any(not each.paused and (each.shared_confirmed or not shared) for each in found)
