"""Subscriptions: the window that asks for them, and what they are now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from handlers.parsing.times import clock, in_words
from handlers.views.account import doing
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import FORM
from handlers.views.parts.formats import day
from handlers.views.parts.surfaces import modal
from handlers.views.replies import plain_reply
from tiercore.notifications.timetable import WEEKDAYS, Weekly
from tiercore.notifications.types import ALL_KINDS, Run, Subscription, Topic
from tiercore.questions.signals import Kind

TOPICS, KINDS, WEEKDAY, HOUR, ZONE, QUIET = "topics", "kinds", "weekday", "hour", "zone", "quiet"
_LABELS = {
    Topic.PROGRESS: "Progress of my partner, every week",
    Topic.EXPIRY: "What lapses, every week",
    Topic.PORTFOLIO: "All partners that I look after in one, every week",
    Topic.ALERTS: "Alerts, at once",
}
_KINDS = {
    Kind.MINIMUMS: "Minimums: red, or about to be",
    Kind.TIER: "The tier: reached, or in danger at the recalibration",
    Kind.REQUIREMENTS: "Certification, tool usage, retention",
}
_SHORT = {Topic.PROGRESS: "Progress", Topic.EXPIRY: "Expiry", Topic.PORTFOLIO: "Portfolio", Topic.ALERTS: "Alerts"}
_OUTCOMES = {
    "sent": "🟢 sent",
    "skipped_late": "🔴 missed, and too late to be sent",
    "dead": "🔴 could not be sent",
    "dropped": "⚫ not sent",
    "held": "⚪ in doubt, ask the operator",
}


@dataclass(frozen=True, slots=True)
class SubscriptionForm:
    """What the window was filled in with."""

    topics: frozenset[str]
    kinds: frozenset[str]
    weekday: int
    minute: int
    timezone: str
    quiet: str


def form(
    offered: Collection[Topic],
    topics: Collection[Topic],
    weekly: Weekly,
    kinds: Collection[Kind],
    quiet: tuple[int, int] | None,
) -> dict[str, Any]:
    """The window, filled in with what is so now: of the topics those that make sense for the person are offered."""
    labels = {each: label for each, label in _LABELS.items() if each in offered}
    minutes = sorted({*range(0, 24 * 60, 30), weekly.minute})
    times = [(clock(minute), str(minute)) for minute in minutes]
    quiet_now = f"{clock(quiet[0])}-{clock(quiet[1])}" if quiet else ""
    fields = [
        {
            **_field(
                TOPICS,
                "Tell me about",
                _checks(TOPICS, labels, topics),
            ),
            "optional": True,
        },
        _field(
            WEEKDAY,
            "On",
            _list(WEEKDAY, [(each.capitalize(), str(at)) for at, each in enumerate(WEEKDAYS)], str(weekly.weekday)),
        ),
        _field(HOUR, "At", _list(HOUR, times, str(weekly.minute))),
        _field(ZONE, "By the clock of", _text(ZONE, weekly.timezone), "An IANA time zone, like Europe/Berlin"),
        {**_field(KINDS, "Alerts about", _checks(KINDS, _KINDS, kinds)), "optional": True},
        {
            **_field(QUIET, "No alerts between", _text(QUIET, quiet_now), "Like 22:00-7:00; empty for none"),
            "optional": True,
        },
    ]
    return {**modal("What I am told", fields), "callback_id": "digest", "submit": blocks.plain("Save")}


def read(view: dict[str, Any]) -> SubscriptionForm:
    """What a sent window says; what is missing or of another kind is as nothing."""
    values = (view.get("state") or {}).get("values") or {}

    def of(name: str) -> dict[str, Any]:
        found = (values.get(name) or {}).get(name) if isinstance(values.get(name), dict) else None
        return found if isinstance(found, dict) else {}

    def ticked(name: str) -> frozenset[str]:
        chosen = of(name).get("selected_options")
        return frozenset(str(each.get("value")) for each in chosen or [] if isinstance(each, dict))

    return SubscriptionForm(
        ticked(TOPICS),
        ticked(KINDS),
        _whole((of(WEEKDAY).get("selected_option") or {}).get("value"), 6),
        _whole((of(HOUR).get("selected_option") or {}).get("value"), 24 * 60 - 1),
        str(of(ZONE).get("value") or ""),
        str(of(QUIET).get("value") or ""),
    )


def status(held: Sequence[tuple[Subscription, Run | None]], *, channel: bool) -> Message:
    """What is told, when next, and what came of the last turn."""
    whom = "This channel" if channel else "You"
    change = blocks.button("Change", f"{FORM}:digest", "digest", primary=not held)
    if not held:
        how = "/digest monday 9:00 here begins it." if channel else "Choose what and when, or type /digest monday 9:00."
        said = plain_reply(f"{whom} {'is' if channel else 'are'} told nothing by itself.", how)
        return said if channel else Message(said.text, [*said.blocks, blocks.actions(change)])
    title = f"{whom} {'is' if channel else 'are'} told by itself"
    lines = [_line(each, turn) for each, turn in held]
    paused = all(each.paused for each, _ in held)
    buttons = [change, doing("Resume" if paused else "Pause", "resume" if paused else "pause", "me")]
    shown = [blocks.rich(blocks.line(blocks.bold(title)), blocks.bullets(lines), *(_SEEN_BY_ALL if channel else ()))]
    return Message(title, shown if channel else [*shown, blocks.actions(*buttons, doing("Send now", "now", "me"))])


_SEEN_BY_ALL = (blocks.line(blocks.span("Everyone in this channel sees these figures, whoever joins it later, too.")),)


def _line(each: Subscription, turn: Run | None) -> Block:
    spans = [blocks.bold(_SHORT[each.topic])]
    if each.paused:
        spans.append(blocks.span(" – paused"))
    elif each.topic is Topic.ALERTS:
        quiet = f", not between {clock(each.quiet[0])} and {clock(each.quiet[1])}" if each.quiet else ""
        which = "" if each.kinds == ALL_KINDS else f", {in_order(each.kinds)} only"
        spans.append(blocks.span(f" – at once{which}{quiet}"))
    elif each.next:
        when = day(each.next.astimezone(ZoneInfo(each.weekly.timezone)).date())
        spans.append(blocks.span(f" – {in_words(each.weekly)}; next on {when}"))
    if turn:
        why = f": {turn.reason}" if turn.reason and turn.outcome not in ("sent",) else ""
        spans.append(blocks.span(f". Week {turn.week}: {_OUTCOMES.get(turn.outcome, '⚪ on its way')}{why}"))
    return blocks.line(*spans)


def sent_now(number: int, held: Sequence[Subscription]) -> Message:
    """What `now` did."""
    if held and all(each.paused for each in held):
        return plain_reply("It is paused: nothing is sent.", "/digest resume goes on; /digest shows one here.")
    if not held:
        return plain_reply(
            "There is no weekly digest to send.", "/digest monday 9:00 subscribes; /digest shows one here."
        )
    if not number:
        return plain_reply("It is on its way already.")
    return plain_reply("It comes in a moment, as a message of its own.")


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


def _text(name: str, initial: str) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "plain_text_input", "action_id": name, "max_length": 60}
    return {**found, "initial_value": initial} if initial else found


def _field(name: str, label: str, element: dict[str, Any], hint: str = "") -> Block:
    found: Block = {"type": "input", "block_id": name, "label": blocks.plain(label), "element": element}
    return {**found, "hint": blocks.plain(hint)} if hint else found


def _whole(text: object, most: int) -> int:
    return min(int(text), most) if isinstance(text, str) and text.isdecimal() and len(text) < 5 else 0
