"""Notifications: the modal that sets them up, and what it says when it is submitted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import clock
from handlers.views.parts.schedule import in_month
from handlers.views.parts.submitted import entered, ticked
from handlers.views.parts.surfaces import modal
from tiercore.notifications.timetable import WEEKDAYS, Rhythm, Schedule
from tiercore.notifications.types import NO_QUIET, QuietHours, Topic
from tiercore.questions.signals import Kind

TOPICS, KINDS, WEEKDAY, HOUR, ZONE, QUIET = "topics", "kinds", "weekday", "hour", "zone", "quiet"
RHYTHM, MONTH_DAY, ONLY_NEWS = "rhythm", "day_of_month", "only_news"
_LABELS = {
    Topic.DIGEST: "Digest: my tier, what to do, what moved",
    Topic.PROGRESS: "Progress alone",
    Topic.EXPIRY: "What expires, alone",
    Topic.PORTFOLIO: "Overview of all my partners",
    Topic.ALERTS: "Alerts, as they happen",
}
_KINDS = {
    Kind.MINIMUMS: "Minimums that turn red, or are about to",
    Kind.TIER: "Tier reached, credited or at risk, and recalibrations",
    Kind.REQUIREMENTS: "Certification, tool usage, retention",
}
_RHYTHMS = {
    Rhythm.WEEKLY: "Every week",
    Rhythm.WEEKDAYS: "Monday to Friday",
    Rhythm.MONTHLY: "Every month",
}
_ON_FIRST_WEEKDAY = "0"
_TIME_ZONES = (
    *("Africa/Cairo", "Africa/Casablanca", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi"),
    *("America/Anchorage", "America/Argentina/Buenos_Aires", "America/Bogota", "America/Caracas", "America/Chicago"),
    *("America/Denver", "America/Halifax", "America/Lima", "America/Los_Angeles", "America/Mexico_City"),
    *("America/New_York", "America/Phoenix", "America/Santiago", "America/Sao_Paulo", "America/St_Johns"),
    *("America/Toronto", "America/Vancouver", "Asia/Bangkok", "Asia/Dhaka", "Asia/Dubai", "Asia/Ho_Chi_Minh"),
    *("Asia/Hong_Kong", "Asia/Jakarta", "Asia/Jerusalem", "Asia/Karachi", "Asia/Kolkata", "Asia/Kuala_Lumpur"),
    *("Asia/Manila", "Asia/Riyadh", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore", "Asia/Taipei", "Asia/Tokyo"),
    *("Atlantic/Azores", "Australia/Adelaide", "Australia/Brisbane", "Australia/Melbourne", "Australia/Perth"),
    *("Australia/Sydney", "Europe/Amsterdam", "Europe/Athens", "Europe/Berlin", "Europe/Brussels"),
    *("Europe/Bucharest", "Europe/Copenhagen", "Europe/Dublin", "Europe/Helsinki", "Europe/Istanbul", "Europe/Kyiv"),
    *("Europe/Lisbon", "Europe/London", "Europe/Madrid", "Europe/Oslo", "Europe/Paris", "Europe/Prague"),
    *("Europe/Rome", "Europe/Stockholm", "Europe/Vienna", "Europe/Warsaw", "Europe/Zurich"),
    *("Pacific/Auckland", "Pacific/Honolulu", "UTC"),
)


@dataclass(frozen=True, slots=True)
class SubscriptionForm:
    """What a submitted modal says."""

    topics: frozenset[str]
    kinds: frozenset[str]
    weekday: int
    minute: int
    timezone: str
    quiet: str
    channel_id: str | None = None
    rhythm: Rhythm = Rhythm.WEEKLY
    day_of_month: int | None = None
    only_news: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """What someone's notifications are, or would be by default."""

    topics: frozenset[Topic]
    schedule: Schedule
    kinds: frozenset[Kind]
    quiet: QuietHours
    only_news: bool = False


def form(offered: Collection[Topic], chosen: Chosen, channel_id: str | None = None) -> dict[str, Any]:
    """The modal, filled in with the current choices, of a person or a channel; only the offered topics can be
    chosen.
    """
    labels, quiet = {each: label for each, label in _LABELS.items() if each in offered}, chosen.quiet
    quiet_now = f"{clock(quiet[0])}-{clock(quiet[1])}" if quiet and quiet != NO_QUIET else ""
    silent = {"yes": "Send nothing if nothing moved and there's nothing to do"}
    fields = [
        _optional(_field(TOPICS, "Notify me about", _checks(TOPICS, labels, chosen.topics))),
        *_when(chosen.schedule),
        _optional(_field(ONLY_NEWS, "Digests", _checks(ONLY_NEWS, silent, ["yes"] if chosen.only_news else []))),
        _optional(_field(KINDS, "Alerts about", _checks(KINDS, _KINDS, chosen.kinds))),
        _optional(
            _field(QUIET, "No alerts between", _text(QUIET, quiet_now), "Like 22:00-7:00; empty for none"),
        ),
    ]
    title = "Channel notifications" if channel_id else "Notifications"
    found = {**modal(title, fields), "callback_id": "digest", "submit": blocks.plain("Save")}
    return {**found, "private_metadata": channel_id} if channel_id else found


def _when(schedule: Schedule) -> list[Block]:
    """The fields that say when digests come."""
    minutes = sorted({*range(0, 24 * 60, 30), schedule.minute})
    times = [(clock(minute), str(minute)) for minute in minutes]
    days = [(each.capitalize(), str(at)) for at, each in enumerate(WEEKDAYS)]
    rhythms = [(label, rhythm.value) for rhythm, label in _RHYTHMS.items()]
    month_days = [
        ("The first such weekday", _ON_FIRST_WEEKDAY),
        *((in_month(each), str(each)) for each in range(1, 32)),
    ]
    month_day = str(schedule.day_of_month or _ON_FIRST_WEEKDAY)
    return [
        _field(RHYTHM, "How often", _list(RHYTHM, rhythms, schedule.rhythm.value)),
        _field(WEEKDAY, "Weekday", _list(WEEKDAY, days, str(schedule.weekday)), "For a digest every week or month"),
        _field(MONTH_DAY, "Day of the month", _list(MONTH_DAY, month_days, month_day), "For a digest every month"),
        _field(HOUR, "Time", _list(HOUR, times, str(schedule.minute))),
        _field(
            ZONE, "Time zone", _zones(schedule.timezone), "Not in the list? Type /digest monday 9:00 Asia/Kathmandu"
        ),
    ]


def read(view: dict[str, Any]) -> SubscriptionForm:
    """What the submitted modal says; a field that is missing or malformed counts as empty."""
    rhythm = entered(view, RHYTHM, RHYTHM)
    return SubscriptionForm(
        ticked(view, TOPICS, TOPICS),
        ticked(view, KINDS, KINDS),
        _number(entered(view, WEEKDAY, WEEKDAY), 6),
        _number(entered(view, HOUR, HOUR), 24 * 60 - 1),
        entered(view, ZONE, ZONE),
        entered(view, QUIET, QUIET),
        str(view["private_metadata"]) if view.get("private_metadata") else None,
        next((each for each in Rhythm if each.value == rhythm), Rhythm.WEEKLY),
        _number(entered(view, MONTH_DAY, MONTH_DAY), 31) or None,
        bool(ticked(view, ONLY_NEWS, ONLY_NEWS)),
    )


def _checks(name: str, labels: Mapping[Any, str], chosen: Collection[Any]) -> dict[str, Any]:
    offered = {key: _option(label, str(key)) for key, label in labels.items()}
    found: dict[str, Any] = {"type": "checkboxes", "action_id": name, "options": [*offered.values()]}
    ticked = [option for key, option in offered.items() if key in chosen]
    return {**found, "initial_options": ticked} if ticked else found


def _option(label: str, value: str) -> dict[str, Any]:
    return {"text": blocks.plain(label, blocks.BUTTON_LIMIT), "value": value}


def _list(name: str, options: Sequence[tuple[str, str]], chosen: str) -> dict[str, Any]:
    return blocks.select("Choose", name, options, chosen)


def _zones(current: str) -> dict[str, Any]:
    """Time zones to choose from, the current one among them."""
    names = sorted({*_TIME_ZONES, current})
    return _list(ZONE, [(each.replace("_", " "), each) for each in names], current)


def _text(name: str, initial: str) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "plain_text_input", "action_id": name, "max_length": 60}
    return {**found, "initial_value": initial} if initial else found


def _field(name: str, label: str, element: dict[str, Any], hint: str = "") -> Block:
    found: Block = {"type": "input", "block_id": name, "label": blocks.plain(label), "element": element}
    return {**found, "hint": blocks.plain(hint)} if hint else found


def _optional(field: Block) -> Block:
    return {**field, "optional": True}


def _number(text: str, limit: int) -> int:
    return min(int(text), limit) if text.isdecimal() and len(text) < 5 else 0
