"""The messages about a case: one for each person concerned, and each later step in its thread."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from tiercore.access import SlackUser
from tiercore.cases.types import Case
from tiercore.facts.entries import Role
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage
from tiercore.people.people import linked_staff, staff_of
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import PersonRow
from tiercore.storage.tables.notifications import OutboxRow

_person, _outbox = table(PersonRow), table(OutboxRow)


def who_answers(connection: Connection, user: SlackUser, partner_id: str) -> list[SlackUser]:
    """The Slack users to ask: the partner's CAMs and CCs who are linked, otherwise the admins."""
    if users := staff_of(connection, user.team_id, partner_id):
        return users
    admins = connection.scalars(select(_person.c.email).where(_person.c.role == Role.ADMIN.value).distinct())
    return linked_staff(connection, list(admins), user.team_id)


def root_key(case_id: str, user_id: str) -> str:
    """The outbox key of the message that begins someone's thread about the case."""
    return f"case:{case_id}:{user_id}"


def begin(connection: Connection, case: Case, users: Sequence[SlackUser], now: datetime) -> None:
    """Queue the case's message to each of them, and to who opened it; who has one already gets no second."""
    everybody = {each.user_id: each for each in (case.opened_by, *users)}
    content = {"kind": "case", "case": case.case_id, "partner": case.partner_id, "as": "root"}
    put(
        connection,
        [
            OutboxMessage(root_key(case.case_id, user_id), user.team_id, user_id, content, now)
            for user_id, user in everybody.items()
        ],
        now,
    )


def go_on(connection: Connection, case: Case, step: int, event: str, by: SlackUser, now: datetime, **more: str) -> None:
    """Queue a reply in each thread about the case, and have its first message show the new state.

    `more` is what the reply says of the event.
    """
    content = {"kind": "case", "case": case.case_id, "partner": case.partner_id, "event": event, "by": by.user_id}
    put(connection, list(_steps(connection, case, step, {**content, **more}, by, now)), now)


def _steps(
    connection: Connection, case: Case, step: int, content: dict[str, str], by: SlackUser, now: datetime
) -> Iterator[OutboxMessage]:
    roots = select(_outbox.c.key, _outbox.c.team_id, _outbox.c.place).where(
        _outbox.c.key.startswith(f"case:{case.case_id}:", autoescape=True), _outbox.c.root_key.is_(None)
    )
    for root in connection.execute(roots).all():
        key = f"{root.key}.{step}"
        change, reply = {**content, "as": "change"}, {**content, "as": "reply"}
        yield OutboxMessage(f"{key}.change", root.team_id, root.place, change, now, root_key=root.key)
        if root.place != by.user_id or "claimed" in content:  # both values stay in everyone's thread
            yield OutboxMessage(key, root.team_id, root.place, reply, now, root_key=root.key)
