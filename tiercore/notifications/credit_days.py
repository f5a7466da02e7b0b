"""Messages about credit days and recalibrations: each is sent once per subscription (digests-and-alerts#credit-days).

The key of each names its subscription, its partner and its day, so that whoever looks, whenever and however often, and
whatever is imported meanwhile, queues it once.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from tiercore.notifications.alert_messages import root_key
from tiercore.notifications.credit_news import CreditDayMessage, CreditNews
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage, State
from tiercore.notifications.timetable import days_moved, quiet_until
from tiercore.notifications.types import AlertRef, Subscription
from tiercore.questions.credit_day import LATE_DAYS, CreditDay
from tiercore.questions.signals import RECALIBRATION, Kind
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import OutboxRow

CREDIT_DAY, REMINDER, NOT_JUDGED = "credit_day", "recalibration_ahead", "not_judged"
_FOLLOWED = timedelta(days=200)  # so long after its credit day the program's word is looked for
_outbox = table(OutboxRow)


def queue(
    connection: Connection,
    news: CreditNews,
    subscribers: Sequence[Subscription],
    staff: Sequence[Subscription],
    today: date,
    now: datetime,
) -> int:
    """Queue a partner's messages to those who get alerts about tiers and subscribed by the day. What can't be judged is
    told to `staff` alone, in one message for all partners. Returns how many are new.
    """
    messages = list[OutboxMessage]()
    for day in news.told:
        messages += [_credit_day(to, news.partner_id, day, today, now) for to in _getting(subscribers, day, today, now)]
    if news.reminder:
        begins = news.reminder.recalibration - timedelta(news.reminder.days)
        messages += [
            _reminder(to, news, today, now)
            for to in _getting(subscribers, begins, today, now)
            if not _was_alerted(connection, to, news, now)
        ]
    for day in news.not_judged:
        messages += [_not_judged(to, day, today, now) for to in _getting(staff, day, today, now)]
    return put(connection, messages, now)


def _getting(subscribers: Iterable[Subscription], day: date, today: date, now: datetime) -> Iterator[Subscription]:
    """Those who get alerts about tiers, and did so on the day."""
    real_day = day - days_moved(today, now)
    return (each for each in subscribers if Kind.TIER in each.kinds and each.created.date() <= real_day)


def _credit_day(to: Subscription, partner_id: str, day: date, today: date, now: datetime) -> OutboxMessage:
    key = f"{CREDIT_DAY}:{to.subscription_id}:{partner_id}:{day}"
    content = _content(CREDIT_DAY, to, day) | {"partner": partner_id, "as": "root"}
    return _message(key, to, content, day, today, now)


def _reminder(to: Subscription, news: CreditNews, today: date, now: datetime) -> OutboxMessage:
    assert news.reminder
    day, days = news.reminder.recalibration, news.reminder.days
    key = f"{REMINDER}:{to.subscription_id}:{news.partner_id}:{day}:{days}"
    content = _content(REMINDER, to, day) | {"partner": news.partner_id}
    return _message(key, to, content, day - timedelta(days), today, now)


def _not_judged(to: Subscription, day: date, today: date, now: datetime) -> OutboxMessage:
    content = _content(NOT_JUDGED, to, day)
    return _message(f"{NOT_JUDGED}:{to.subscription_id}:{day}", to, content, day, today, now)


def _content(kind: str, to: Subscription, day: date) -> dict[str, str]:
    return {"kind": kind, "subscription": to.subscription_id, "day": day.isoformat()}


def _message(
    key: str, to: Subscription, content: dict[str, str], day: date, today: date, now: datetime
) -> OutboxMessage:
    """The message: due at the subscription's time of day and outside quiet hours, until LATE_DAYS after the day."""
    zone, real_day = ZoneInfo(to.schedule.timezone), day - days_moved(today, now)
    at = datetime.combine(real_day, time(*divmod(to.schedule.minute, 60)), zone).astimezone(UTC)
    ends = datetime.combine(real_day + timedelta(LATE_DAYS + 1), time(), zone).astimezone(UTC)
    starts, until = to.quiet or (None, None)
    due = quiet_until(max(now, at), starts, until, to.schedule.timezone)
    return OutboxMessage(key, to.team_id, to.target, content, due, expires=ends)


def _was_alerted(connection: Connection, to: Subscription, news: CreditNews, now: datetime) -> bool:
    """Whether an alert has told the same within the time in which the reminder may be sent."""
    assert news.reminder
    about = AlertRef(to.subscription_id, news.partner_id, f"{RECALIBRATION}.{news.reminder.recalibration}", 0)
    alerts = _outbox.c.key.startswith(root_key(about).removesuffix("0"), autoescape=True)
    recent = _outbox.c.made_at > as_ms(now - timedelta(LATE_DAYS + 1))
    found = select(_outbox.c.outbox_id).where(alerts, recent, _outbox.c.root_key.is_(None))
    return connection.scalar(found.limit(1)) is not None


def record_said(connection: Connection, outbox_id: int, said: CreditDay) -> None:
    """Record what a message about a credit day says; composing it again replaces it."""
    row = select(_outbox.c.what).where(_outbox.c.outbox_id == outbox_id)
    content = json.loads(connection.scalar(row) or "{}")
    content["said"] = {"tier": said.tier, "on_file": said.on_file is not None}
    values = {"what": json.dumps(content, sort_keys=True)}
    connection.execute(update(_outbox).where(_outbox.c.outbox_id == outbox_id).values(values))


def are_awaited(connection: Connection) -> bool:
    """Whether a message about a credit day has yet to be sent, or may have been: then it may have to be confirmed."""
    unsent = _outbox.c.state.in_([State.PENDING.value, State.SENDING.value, State.UNKNOWN.value, State.HELD.value])
    first = select(_outbox.c.outbox_id).where(unsent, _outbox.c.key.startswith(f"{CREDIT_DAY}:", autoescape=True))
    return connection.scalar(first.limit(1)) is not None


def unconfirmed(connection: Connection, now: datetime) -> list[CreditDayMessage]:
    """The messages sent by the numbers alone whose credited tier wasn't on file then, nor told since."""
    of_credit_days = _outbox.c.key.startswith(f"{CREDIT_DAY}:", autoescape=True)
    roots = select(_outbox.c.key, _outbox.c.team_id, _outbox.c.place, _outbox.c.what).where(
        of_credit_days,
        _outbox.c.root_key.is_(None),
        _outbox.c.state == State.SENT.value,
        _outbox.c.made_at > as_ms(now - _FOLLOWED),
    )
    told = set(connection.scalars(select(_outbox.c.root_key).where(of_credit_days)))
    return [
        CreditDayMessage(
            row.key,
            row.team_id,
            row.place,
            str(content["subscription"]),
            str(content["partner"]),
            date.fromisoformat(content["day"]),
            said["tier"],
        )
        for row in connection.execute(roots)
        if row.key not in told
        and (said := (content := json.loads(row.what)).get("said")) is not None
        and not said["on_file"]
    ]


def confirm(connection: Connection, of: Sequence[CreditDayMessage], found: CreditDay, now: datetime) -> int:
    """The credited tier is on file: have the messages say so and, where they said another, tell it in their threads.

    Returns how many messages are new.
    """
    messages = list[OutboxMessage]()
    for each in of:
        content = {
            "kind": CREDIT_DAY,
            "subscription": each.subscription_id,
            "day": each.day.isoformat(),
            "partner": each.partner_id,
            "was": each.tier,
        }
        ways = ("change", "reply") if found.tier != each.tier else ("change",)
        messages += [
            OutboxMessage(
                f"{each.key}.{way}", each.team_id, each.target, {**content, "as": way}, now, root_key=each.key
            )
            for way in ways
        ]
    return put(connection, messages, now)
