"""Alerts: each crossing of a colour is told once, whatever runs at the same time (reliability.md, "Alerts").

The colour, the number of its crossing and the letters about it are written in one transaction. A look that is older
than the one that wrote the colour changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from tiercore.access import SlackUser
from tiercore.deeds.outbox import Letter, put
from tiercore.deeds.subscriptions import Subscription
from tiercore.signals import Level, Signal, Signals
from tiercore.storage.bulk import insert_new, table
from tiercore.storage.clockwork_tables import MarkRow, OutboxRow, SignalRow
from tiercore.timetable import quiet_until

FLAPPING_DAYS = 3
_FORGOTTEN_DAYS = 14
_signal, _mark, _outbox = table(SignalRow), table(MarkRow), table(OutboxRow)
ACKNOWLEDGED, SNOOZED = "acknowledged", "snoozed"


@dataclass(frozen=True, slots=True)
class Crossing:
    """A colour that changed: the crossing's number, the message's number in it, and the level before."""

    signal: Signal
    episode: int
    step: int
    before: Level

    @property
    def is_new(self) -> bool:
        """Whether it begins a thread of its own."""
        return self.step == 0


@dataclass(frozen=True, slots=True)
class About:
    """What a button under an alert is about."""

    subscription_id: str
    partner_id: str
    name: str
    episode: int


def noticed(connection: Connection, seen: Signals, subscribers: Sequence[Subscription], now: datetime) -> int:
    """Compare with the colours told last, write down the new ones, and put what is to be told into the outbox.

    How many letters are new. What is seen for the first time, or after a long while, is noted and not told.
    """
    held = _held(connection, seen.partner.partner_id)
    letters = [
        letter
        for each in seen.every
        if each.level is not None and (crossing := _crossed(connection, seen, each, held.get(each.name)))
        for subscriber in subscribers
        if each.kind in subscriber.kinds
        for letter in _letters(connection, seen, crossing, subscriber, now)
    ]
    _forget(connection, seen, held)
    return put(connection, letters, now)


def mark(connection: Connection, about: About, user: SlackUser, kind: str, until: date | None, now: datetime) -> None:
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


def acknowledge(connection: Connection, about: About, user: SlackUser, now: datetime) -> None:
    """Note that someone sees to an alert, and let its message say so."""
    mark(connection, about, user, ACKNOWLEDGED, None, now)
    root = root_key(about.subscription_id, about.partner_id, about.name, about.episode)
    place = connection.execute(select(_outbox.c.team_id, _outbox.c.place).where(_outbox.c.key == root)).first()
    if place:
        what: dict[str, Any] = {"kind": "alert", "subscription": about.subscription_id, "partner": about.partner_id}
        what |= {"signal": about.name, "episode": about.episode, "as": "change", "since": now.date().toordinal()}
        letter = Letter(f"{root}.by.{user.user_id}", place.team_id, place.place, what, now, root_key=root)
        put(connection, [letter], now)


def ask_to_look(connection: Connection, about: About, by: SlackUser, users: Sequence[str], now: datetime) -> None:
    """Write to users that someone asks them to look at an alert; once for each crossing, however often it is asked."""
    key = f"asked:{root_key(about.subscription_id, about.partner_id, about.name, about.episode)}:{by.user_id}"
    what = {"kind": "asked", "partner": about.partner_id, "signal": about.name, "by": by.user_id}
    put(connection, [Letter(f"{key}:{user_id}", by.team_id, user_id, what, now) for user_id in users], now)


def marks_of(connection: Connection, about: About) -> dict[str, Any]:
    """What was noted of an alert's crossing, by kind."""
    rows = connection.execute(
        select(_mark).where(
            _mark.c.subscription_id == about.subscription_id,
            _mark.c.partner_id == about.partner_id,
            _mark.c.name == about.name,
            _mark.c.episode == about.episode,
        )
    )
    return {row.kind: row for row in rows}


def root_key(subscription_id: str, partner_id: str, name: str, episode: int) -> str:
    """The key of the message that a crossing's thread hangs under."""
    return f"alert:{subscription_id}:{partner_id}:{name}:{episode}"


def _held(connection: Connection, partner_id: str) -> dict[str, Any]:
    rows = connection.execute(select(_signal).where(_signal.c.partner_id == partner_id))
    return {row.name: row for row in rows}


def _crossed(connection: Connection, seen: Signals, now: Signal, row: Any) -> Crossing | None:
    """Write down the colour; the crossing that it is, None where nothing is to be told."""
    assert now.level is not None
    day = seen.as_of.toordinal()
    looked = {"seen_day": day, "seen_version": seen.version}
    key = (_signal.c.partner_id == seen.partner.partner_id) & (_signal.c.name == now.name)
    if row is None:
        first: dict[str, Any] = {"partner_id": seen.partner.partner_id, "name": now.name, "level": int(now.level)}
        insert_new(connection, _signal, [{**first, "episode": 0, "step": 0, "green_since": None, **looked}])
        return None
    if (row.seen_day, row.seen_version) > (day, seen.version):
        return None
    before = Level(row.level)
    values: dict[str, Any] = {**looked, "level": int(now.level)}
    crossing = None
    if day - row.seen_day <= _FORGOTTEN_DAYS and now.level != before:
        crossing = _crossing(now, row, before, day)
        values.update(episode=crossing.episode, step=crossing.step)
    if now.level != before:
        values["green_since"] = day if now.level is Level.GREEN else None
    unchanged = (_signal.c.seen_day == row.seen_day) & (_signal.c.seen_version == row.seen_version)
    written = connection.execute(update(_signal).where(key & unchanged & (_signal.c.level == row.level)).values(values))
    return crossing if written.rowcount else None


def _crossing(now: Signal, row: Any, before: Level, day: int) -> Crossing:
    flaps = row.green_since is not None and day - row.green_since < FLAPPING_DAYS and row.episode > 0
    rises = now.level is not None and now.level > before
    begins = rises and not flaps and (before is Level.GREEN or not row.episode)
    return Crossing(now, row.episode + begins, 0 if begins else row.step + 1, before)


def _letters(
    connection: Connection, seen: Signals, crossing: Crossing, to: Subscription, now: datetime
) -> Iterator[Letter]:
    """The message of a new crossing; of one that goes on, a follow-up in its thread and the message changed."""
    if not crossing.episode:
        return  # it was red when it was first seen: nobody was told, so there is nothing to take back
    signal, partner_id = crossing.signal, seen.partner.partner_id
    root = root_key(to.subscription_id, partner_id, signal.name, crossing.episode)
    starts, ends = to.quiet or (None, None)
    due = quiet_until(now, starts, ends, to.weekly.timezone)
    what: dict[str, Any] = {
        "kind": "alert",
        "subscription": to.subscription_id,
        "partner": partner_id,
        "signal": signal.name,
        "episode": crossing.episode,
        "level": int(signal.level or 0),
        "since": seen.as_of.toordinal(),
    }
    if crossing.is_new:
        yield Letter(root, to.team_id, to.place, {**what, "as": "root"}, due)
        return
    step = f"{root}.{crossing.step}"
    yield Letter(f"{step}.change", to.team_id, to.place, {**what, "as": "change"}, now, root_key=root)
    rises = signal.level is not None and signal.level > crossing.before
    if rises and not _snoozed(connection, to, seen, signal.name):
        yield Letter(step, to.team_id, to.place, {**what, "as": "reply"}, due, root_key=root)


def _snoozed(connection: Connection, to: Subscription, seen: Signals, name: str) -> bool:
    until = connection.scalar(
        select(_mark.c.until_day).where(
            _mark.c.subscription_id == to.subscription_id,
            _mark.c.partner_id == seen.partner.partner_id,
            _mark.c.name == name,
            _mark.c.kind == SNOOZED,
        )
    )
    return until is not None and bool(until >= seen.as_of.toordinal())


def _forget(connection: Connection, seen: Signals, held: Mapping[str, Any]) -> None:
    """Drop the colours of what is not watched any more: of a tier that is not held, say."""
    gone = set(held) - {each.name for each in seen.every}
    if gone:
        connection.execute(
            delete(_signal).where(_signal.c.partner_id == seen.partner.partner_id, _signal.c.name.in_(gone))
        )
