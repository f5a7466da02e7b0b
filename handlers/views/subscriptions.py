"""Notifications: the modal that sets them up, and their status."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from handlers.views.account import change_button
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import FORM
from handlers.views.parts.formats import clock, day, prose, spoken, upper, week
from handlers.views.parts.surfaces import modal
from handlers.views.replies import plain_reply
from tiercore.notifications.timetable import WEEKDAYS, Weekly
from tiercore.notifications.types import ALL_KINDS, NO_QUIET, Run, Subscription, Topic
from tiercore.questions.signals import Kind

TOPICS, KINDS, WEEKDAY, HOUR, ZONE, QUIET = "topics", "kinds", "weekday", "hour", "zone", "quiet"
_LABELS = {
    Topic.PROGRESS: "Weekly progress of my partner",
    Topic.EXPIRY: "Weekly list of what expires",
    Topic.PORTFOLIO: "Weekly overview of all my partners",
    Topic.ALERTS: "Alerts, as they happen",
}
_KINDS = {
    Kind.MINIMUMS: "Minimums that turn red, or are about to",
    Kind.TIER: "Tier reached, credited or at risk, and recalibrations",
    Kind.REQUIREMENTS: "Certification, tool usage, retention",
}
_SHORT = {Topic.PROGRESS: "Progress", Topic.EXPIRY: "Expiry", Topic.PORTFOLIO: "Portfolio", Topic.ALERTS: "Alerts"}
_OUTCOMES = {
    "sent": "🟢 sent",
    "skipped_late": "🔴 missed, too late to send",
    "dead": "🔴 could not be sent",
    "dropped": "⚫ not sent",
    "held": "⚪ held back",
}

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


def form(
    offered: Collection[Topic],
    topics: Collection[Topic],
    weekly: Weekly,
    kinds: Collection[Kind],
    quiet: tuple[int, int] | None,
    channel_id: str | None = None,
) -> dict[str, Any]:
    """The modal, filled in with the current choices, of a person or a channel; only the offered topics can be
    chosen.
    """
    labels = {each: label for each, label in _LABELS.items() if each in offered}
    minutes = sorted({*range(0, 24 * 60, 30), weekly.minute})
    times = [(clock(minute), str(minute)) for minute in minutes]
    quiet_now = f"{clock(quiet[0])}-{clock(quiet[1])}" if quiet and quiet != NO_QUIET else ""
    fields = [
        {
            **_field(
                TOPICS,
                "Notify me about",
                _checks(TOPICS, labels, topics),
            ),
            "optional": True,
        },
        _field(
            WEEKDAY,
            "Day",
            _list(WEEKDAY, [(each.capitalize(), str(at)) for at, each in enumerate(WEEKDAYS)], str(weekly.weekday)),
        ),
        _field(HOUR, "Time", _list(HOUR, times, str(weekly.minute))),
        _field(ZONE, "Time zone", _zones(weekly.timezone), "Not in the list? Type /digest monday 9:00 Asia/Kathmandu"),
        {**_field(KINDS, "Alerts about", _checks(KINDS, _KINDS, kinds)), "optional": True},
        {
            **_field(QUIET, "No alerts between", _text(QUIET, quiet_now), "Like 22:00-7:00; empty for none"),
            "optional": True,
        },
    ]
    title = "Channel notifications" if channel_id else "Notifications"
    found = {**modal(title, fields), "callback_id": "digest", "submit": blocks.plain("Save")}
    return {**found, "private_metadata": channel_id} if channel_id else found


def read(view: dict[str, Any]) -> SubscriptionForm:
    """What the submitted modal says; a field that is missing or malformed counts as empty."""
    values = (view.get("state") or {}).get("values") or {}

    def field(name: str) -> dict[str, Any]:
        found = (values.get(name) or {}).get(name) if isinstance(values.get(name), dict) else None
        return found if isinstance(found, dict) else {}

    def ticked(name: str) -> frozenset[str]:
        chosen = field(name).get("selected_options")
        return frozenset(str(each.get("value")) for each in chosen or [] if isinstance(each, dict))

    return SubscriptionForm(
        ticked(TOPICS),
        ticked(KINDS),
        _number((field(WEEKDAY).get("selected_option") or {}).get("value"), 6),
        _number((field(HOUR).get("selected_option") or {}).get("value"), 24 * 60 - 1),
        str((field(ZONE).get("selected_option") or {}).get("value") or ""),
        str(field(QUIET).get("value") or ""),
        str(view["private_metadata"]) if view.get("private_metadata") else None,
    )


def status(subscriptions: Sequence[tuple[Subscription, Run | None]], *, channel: bool) -> Message:
    """The subscriptions, when each is due next, and how its last run ended."""
    whose = "This channel's" if channel else "Your"
    label = "Change schedule" if subscriptions else "Set up"
    schedule = blocks.button(label, f"{FORM}:digest", "digest", primary=not subscriptions)
    if not subscriptions:
        how = "Type /digest monday 9:00 here." if channel else "Press Set up, or type /digest monday 9:00."
        what = "This channel has" if channel else "You have"
        reply = plain_reply(f"{what} no notifications set up.", how)
        return reply if channel else Message(reply.text, [*reply.blocks, blocks.actions(schedule)])
    title = f"{whose} notifications"
    lines = [_line(subscription, run) for subscription, run in subscriptions]
    paused = all(each.paused for each, _ in subscriptions)
    buttons = [schedule, change_button("Resume" if paused else "Pause", "resume" if paused else "pause", "me")]
    shown = [blocks.rich(blocks.line(blocks.bold(title)), blocks.bullets(lines), *(_AUDIENCE_LINE if channel else ()))]
    sentences = [blocks.text_of(each) for each in lines]
    text = spoken(f"{title}.", *(f"{each}." for each in sentences), _AUDIENCE if channel else "")
    return Message(
        text, shown if channel else [*shown, blocks.actions(*buttons, change_button("Send now", "now", "me"))]
    )


_AUDIENCE = "Everyone in this channel sees these figures, including people who join later."
_AUDIENCE_LINE = (blocks.line(blocks.span(_AUDIENCE)),)


def _line(subscription: Subscription, run: Run | None) -> Block:
    spans = [blocks.bold(_SHORT[subscription.topic])]
    if subscription.paused:
        spans.append(blocks.span(": paused"))
    elif subscription.topic is Topic.ALERTS:
        hours = subscription.quiet
        quiet = f", not between {clock(hours[0])} and {clock(hours[1])}" if hours and hours != NO_QUIET else ""
        which = "" if subscription.kinds == ALL_KINDS else f", {in_order(subscription.kinds)} only"
        spans.append(blocks.span(f": as they happen{which}{quiet}"))
    elif subscription.next:
        when = day(subscription.next.astimezone(ZoneInfo(subscription.weekly.timezone)).date())
        spans.append(blocks.span(f": {_in_words(subscription.weekly)}; next on {when}"))
    if run:
        why = f": {prose(run.reason)}" if run.reason and run.outcome != "sent" else ""
        spans.append(blocks.span(f". {upper(week(run.week))}: {_OUTCOMES.get(run.outcome, '⚪ on its way')}{why}"))
    return blocks.line(*spans)


def _in_words(weekly: Weekly) -> str:
    """The time of the week: "Mondays at 9:00, Europe/Berlin"."""
    return f"{WEEKDAYS[weekly.weekday].capitalize()}s at {clock(weekly.minute)}, {weekly.timezone}"


def sent_now(number: int, digests: Sequence[Subscription]) -> Message:
    """The reply to `/digest now`: how many of these digests were put in the outbox."""
    if digests and all(each.paused for each in digests):
        return plain_reply("Your digest is paused.", "/digest resume starts it again; /digest shows this week's here.")
    if not digests:
        return plain_reply(
            "You have no weekly digest.", "/digest monday 9:00 subscribes you; /digest shows this week's here."
        )
    if not number:
        return plain_reply("It's already on its way.")
    return plain_reply("On its way: it will arrive as a separate message.")


def in_order(kinds: Collection[Kind]) -> str:
    """Kinds of alerts as they are typed: "minimums, tier"."""
    return ", ".join(kind.value for kind in Kind if kind in kinds)


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


def _number(text: object, limit: int) -> int:
    return min(int(text), limit) if isinstance(text, str) and text.isdecimal() and len(text) < 5 else 0
