"""Alerts as people answer them: taking care of one, snoozing it, asking for help (digests-and-alerts#alerts)."""

import json
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select

from tiercore.access import SlackUser
from tiercore.notifications.alert_messages import content_of, root_key
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage
from tiercore.notifications.types import ACKNOWLEDGED, SNOOZED, AlertRef, Snooze
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import AlertResponseRow, OutboxRow

_response, _outbox = table(AlertResponseRow), table(OutboxRow)


def find(connection: Connection, subscription_id: str, episode: int, token: str) -> AlertRef | None:
    """The alert that a button refers to, None if it was never queued."""
    roots = select(_outbox.c.key, _outbox.c.what).where(
        _outbox.c.key.startswith(f"alert:{subscription_id}:", autoescape=True), _outbox.c.root_key.is_(None)
    )
    for row in connection.execute(roots):
        content = json.loads(row.what)
        about = AlertRef(subscription_id, str(content["partner"]), str(content["signal"]), int(content["episode"]))
        if about.episode == episode and about.token == token:
            return about
    return None


def respond(
    connection: Connection, about: AlertRef, user: SlackUser, kind: str, until: date | None, now: datetime
) -> None:
    """Record that someone acknowledged or snoozed (`kind`) an alert, replacing an earlier response of that kind."""
    key = {"subscription_id": about.subscription_id, "partner_id": about.partner_id, "name": about.name, "kind": kind}
    same = (
        (_response.c.subscription_id == about.subscription_id)
        & (_response.c.partner_id == about.partner_id)
        & (_response.c.name == about.name)
        & (_response.c.kind == kind)
    )
    connection.execute(delete(_response).where(same))
    row = {**key, "episode": about.episode, "until_day": until.toordinal() if until else None, "user_id": user.user_id}
    connection.execute(insert(_response), [row])


def acknowledge(connection: Connection, about: AlertRef, user: SlackUser, now: datetime) -> None:
    """Record that someone is taking care of an alert, and queue an update of its message."""
    respond(connection, about, user, ACKNOWLEDGED, None, now)
    _update(connection, about, f"by.{user.user_id}", now)


def snooze(connection: Connection, about: AlertRef, user: SlackUser, until: date | None, now: datetime) -> None:
    """Record that nothing more is to be sent through the day `until`, or (None) until the alert changes, and queue an
    update of its message.
    """
    respond(connection, about, user, SNOOZED, until, now)
    _update(connection, about, f"snoozed.{as_ms(now)}", now)


def _update(connection: Connection, about: AlertRef, why: str, now: datetime) -> None:
    """Queue an update of the alert's message, once for each reason."""
    root = root_key(about)
    sent_to = connection.execute(select(_outbox.c.team_id, _outbox.c.place).where(_outbox.c.key == root)).first()
    if sent_to:
        content = {**content_of(about, now.date()), "as": "change"}
        message = OutboxMessage(f"{root}.{why}", sent_to.team_id, sent_to.place, content, now, root_key=root)
        put(connection, [message], now)


def ask_for_help(
    connection: Connection, about: AlertRef, by: SlackUser, users: Sequence[SlackUser], now: datetime
) -> None:
    """Ask users to look at an alert; each user is messaged once per crossing, however often someone asks."""
    key = f"asked:{root_key(about)}:{by.user_id}"
    content = {"kind": "asked", "partner": about.partner_id, "signal": about.name, "by": by.user_id}
    messages = [OutboxMessage(f"{key}:{each.user_id}", each.team_id, each.user_id, content, now) for each in users]
    put(connection, messages, now)


def acknowledged_by(connection: Connection, about: AlertRef) -> str | None:
    """The Slack user who is taking care of the alert's crossing, None if nobody is."""
    user_id: str | None = connection.scalar(
        select(_response.c.user_id).where(
            _response.c.subscription_id == about.subscription_id,
            _response.c.partner_id == about.partner_id,
            _response.c.name == about.name,
            _response.c.kind == ACKNOWLEDGED,
            _response.c.episode == about.episode,
        )
    )
    return user_id


def snoozed(connection: Connection, about: AlertRef) -> Snooze | None:
    """Who has snoozed the alert's crossing, and until when; None if nobody has."""
    row = connection.execute(
        select(_response.c.user_id, _response.c.until_day).where(
            _response.c.subscription_id == about.subscription_id,
            _response.c.partner_id == about.partner_id,
            _response.c.name == about.name,
            _response.c.kind == SNOOZED,
            _response.c.episode == about.episode,
        )
    ).first()
    return Snooze(row.user_id, date.fromordinal(row.until_day) if row.until_day else None) if row else None
