"""Alerts: each crossing of a colour is told once, whatever runs at the same time (digests-and-alerts#alerts).

The colour, the number of its crossing and the letters about it are written in one transaction. A look that is older
than the one that wrote the colour changes nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from tiercore.access import SlackUser
from tiercore.notifications.alert_messages import Crossing, content_of, messages_for_all, root_key
from tiercore.notifications.outbox import put
from tiercore.notifications.types import ACKNOWLEDGED, AlertRef, OutboxMessage, Subscription
from tiercore.questions.signals import Level, Signal, Signals
from tiercore.storage.bulk import insert_new, table
from tiercore.storage.tables.notifications import MarkRow, OutboxRow, SignalRow

FLAPPING_DAYS = 3
_FORGOTTEN_DAYS = 14
UNWATCHED = -1
_signal, _mark, _outbox = table(SignalRow), table(MarkRow), table(OutboxRow)


def record_crossings(connection: Connection, seen: Signals, subscribers: Sequence[Subscription], now: datetime) -> int:
    """Compare with the colours told last, write down the new ones, and put what is to be told into the outbox.

    How many letters are new. What is seen for the first time, or after a long while, is noted and not told.
    """
    held = _held(connection, seen.partner.partner_id)
    letters = [
        letter
        for each in seen.every
        if (crossing := _crossed(connection, seen, each, held.get(each.name)))
        for letter in messages_for_all(connection, seen, crossing, subscribers, now)
    ]
    letters += _no_longer_watched(connection, seen, held, subscribers, now)
    return put(connection, letters, now)


def find(connection: Connection, subscription_id: str, episode: int, token: str) -> AlertRef | None:
    """The alert that a button means, if it was ever put into the outbox."""
    roots = select(_outbox.c.key, _outbox.c.what).where(
        _outbox.c.key.startswith(f"alert:{subscription_id}:", autoescape=True), _outbox.c.root_key.is_(None)
    )
    for row in connection.execute(roots):
        what = json.loads(row.what)
        about = AlertRef(subscription_id, str(what["partner"]), str(what["signal"]), int(what["episode"]))
        if about.episode == episode and about.token == token:
            return about
    return None


def mark(
    connection: Connection, about: AlertRef, user: SlackUser, kind: str, until: date | None, now: datetime
) -> None:
    """Note that someone acknowledged or snoozed an alert; the message says so from then on."""
    key = {"subscription_id": about.subscription_id, "partner_id": about.partner_id, "name": about.name, "kind": kind}
    same = (
        (_mark.c.subscription_id == about.subscription_id)
        & (_mark.c.partner_id == about.partner_id)
        & (_mark.c.name == about.name)
        & (_mark.c.kind == kind)
    )
    connection.execute(delete(_mark).where(same))
    row = {**key, "episode": about.episode, "until_day": until.toordinal() if until else None, "user_id": user.user_id}
    connection.execute(insert(_mark), [row])


def acknowledge(connection: Connection, about: AlertRef, user: SlackUser, now: datetime) -> None:
    """Note that someone sees to an alert, and let its message say so."""
    mark(connection, about, user, ACKNOWLEDGED, None, now)
    root = root_key(about)
    place = connection.execute(select(_outbox.c.team_id, _outbox.c.place).where(_outbox.c.key == root)).first()
    if place:
        what = {**content_of(about, now.date()), "as": "change"}
        letter = OutboxMessage(f"{root}.by.{user.user_id}", place.team_id, place.place, what, now, root_key=root)
        put(connection, [letter], now)


def ask_for_help(connection: Connection, about: AlertRef, by: SlackUser, users: Sequence[str], now: datetime) -> None:
    """Write to users that someone asks them to look at an alert; once for each crossing, however often it is asked."""
    key = f"asked:{root_key(about)}:{by.user_id}"
    what = {"kind": "asked", "partner": about.partner_id, "signal": about.name, "by": by.user_id}
    put(connection, [OutboxMessage(f"{key}:{user_id}", by.team_id, user_id, what, now) for user_id in users], now)


def acknowledged_by(connection: Connection, about: AlertRef) -> str | None:
    """The Slack user who takes care of the alert's crossing."""
    found: str | None = connection.scalar(
        select(_mark.c.user_id).where(
            _mark.c.subscription_id == about.subscription_id,
            _mark.c.partner_id == about.partner_id,
            _mark.c.name == about.name,
            _mark.c.kind == ACKNOWLEDGED,
            _mark.c.episode == about.episode,
        )
    )
    return found


def _held(connection: Connection, partner_id: str) -> dict[str, Any]:
    rows = connection.execute(select(_signal).where(_signal.c.partner_id == partner_id))
    return {row.name: row for row in rows}


def _crossed(connection: Connection, seen: Signals, now: Signal, row: Any) -> Crossing | None:
    """Write down the colour; the crossing that it is, None where nothing is to be told."""
    day = seen.as_of.toordinal()
    looked = {"seen_day": day, "seen_version": seen.version}
    key = (_signal.c.partner_id == seen.partner.partner_id) & (_signal.c.name == now.name)
    if row is None:
        if now.level is not None:
            first: dict[str, Any] = {"partner_id": seen.partner.partner_id, "name": now.name, "level": int(now.level)}
            insert_new(connection, _signal, [{**first, "episode": 0, "step": 0, "green_since": None, **looked}])
        return None
    if (row.seen_day, row.seen_version) > (day, seen.version):
        return None
    if now.level is None:  # it can't be said today: what was said last stands
        connection.execute(update(_signal).where(key).values(looked))
        return None
    values: dict[str, Any] = {**looked, "level": int(now.level)}
    crossing = None
    news = row.level != UNWATCHED and day - row.seen_day <= _FORGOTTEN_DAYS
    if news and now.level != row.level:
        crossing = _crossing(now, row, Level(row.level), day)
        values.update(episode=crossing.episode, step=crossing.step)
    if now.level != row.level:
        values["green_since"] = day if now.level is Level.GREEN else None
    connection.execute(update(_signal).where(key).values(values))
    if now.level > row.level:  # whoever saw to it saw to something less
        same = (_mark.c.partner_id == seen.partner.partner_id) & (_mark.c.name == now.name)
        connection.execute(delete(_mark).where(same, _mark.c.kind == ACKNOWLEDGED))
    return crossing


def _crossing(now: Signal, row: Any, before: Level, day: int) -> Crossing:
    flaps = row.green_since is not None and day - row.green_since < FLAPPING_DAYS and row.episode > 0
    rises = now.level is not None and now.level > before
    begins = rises and not flaps and (before is Level.GREEN or not row.episode)
    return Crossing(now, row.episode + begins, 0 if begins else row.step + 1, before, row.seen_day)


def _no_longer_watched(
    connection: Connection, seen: Signals, held: Mapping[str, Any], subscribers: Sequence[Subscription], now: datetime
) -> Iterator[OutboxMessage]:
    """Let the messages say what is not watched any more: of a tier that is not held, a recalibration that is over.

    Its colour is kept as unwatched, with the number of its crossings: if it comes back, it is as if seen first.
    """
    watched = {each.name for each in seen.every}
    for name, row in held.items():
        if (
            name in watched
            or row.level == UNWATCHED
            or (row.seen_day, row.seen_version)
            > (
                seen.as_of.toordinal(),
                seen.version,
            )
        ):
            continue
        key = (_signal.c.partner_id == seen.partner.partner_id) & (_signal.c.name == name)
        connection.execute(update(_signal).where(key).values(level=UNWATCHED, step=row.step + 1))
        if row.level == Level.GREEN or not row.episode:
            continue
        for to in subscribers:
            about = AlertRef(to.subscription_id, seen.partner.partner_id, name, row.episode)
            root, what = root_key(about), {**content_of(about, seen.as_of), "as": "change"}
            yield OutboxMessage(f"{root}.{row.step + 1}.change", to.team_id, to.target, what, now, root_key=root)
