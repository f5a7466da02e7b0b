"""An alert: one thing that changed its colour, why, and what can be done about it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.views.account import DO, doing
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.causes import cause, happened
from handlers.views.parts.choices import choice, opener
from handlers.views.parts.footer import footing
from handlers.views.parts.formats import day, name, points, quiet, signed, tier
from handlers.views.parts.requirement import in_words, label_inside
from tiercore.facts.points import Source
from tiercore.notifications.types import AlertRef
from tiercore.questions.advice import COUNTED
from tiercore.questions.changes import Changes, ClientChanges
from tiercore.questions.expiry import Expiry, Lapse
from tiercore.questions.recalibration import Verdict
from tiercore.questions.requirements import FIGURES
from tiercore.questions.signals import REACHED, RECALIBRATION, Level, Signal, Signals
from tiercore.questions.why import FIGURES_OF_POINTS

SHOWN = 3
_VALUE = re.compile(r"([\w-]{1,40}) (\d{1,9}) ([0-9a-f]{16}) ([017])", re.ASCII)
SNOOZES = (("Snooze for a day", 1), ("Snooze for a week", 7), ("Snooze until it changes", 0))
_MARKS = {Level.GREEN: "🟢", Level.SOON: "🟠", Level.RED: "🔴"}


@dataclass(frozen=True, slots=True)
class Alert:
    """What there is to say: the signal as it is now, what moved lately and what lapses next, and what people did.

    `acknowledged` names the Slack user who did; `for_partner` says whether someone of the partner reads it.
    """

    seen: Signals
    signal: Signal
    about: AlertRef
    changes: Changes
    expiry: Expiry
    acknowledged: str | None = None
    for_partner: bool = False


def message(alert: Alert) -> Message:
    """One glance: what turned, how far it is off, what did it, and the buttons."""
    partner, said = alert.seen.partner, headline(alert.signal)
    mark = "🎉" if _is_reached(alert.signal) else _MARKS[alert.signal.level or Level.GREEN]
    lines = [blocks.line(blocks.span(each)) for each in _facts(alert)]
    why = list(_causes(alert))
    shown: list[Block] = [blocks.header(f"{mark} {name(partner.name)}: {said}")]
    parts = [*lines, *([blocks.bullets(why)] if why else []), *_acknowledged(alert)]
    shown += [blocks.rich(*parts)] if parts else []
    if alert.signal.level is not Level.GREEN:
        shown.append(blocks.actions(*_controls(alert)))
    shown.append(
        footing(alert.seen.as_of, alert.seen.rules, alert.seen.notes, "an alert; /digest alerts off ends them")
    )
    return Message(f"{mark} {quiet(partner.name)}: {said}.", shown)


def over(partner: str, about: AlertRef, day_: date) -> Message:
    """In the place of an alert whose subject isn't watched any more: no such tier, or its recalibration is over."""
    kind, _, rest = about.name.partition(".")
    if kind == RECALIBRATION:
        what = f"the recalibration of {day(date.fromisoformat(rest))} is over; /tier shows the tier that is credited"
    elif kind == REACHED:
        what = f"whether {tier(rest)} is reached isn't watched any more"
    else:
        what = f"{tier(kind)}'s {label_inside(rest)} isn't watched any more: another tier is held"
    shown = [blocks.header(f"⚪ {name(partner)}: closed"), blocks.rich(blocks.line(blocks.span(f"{_upper(what)}.")))]
    shown.append(blocks.context(f"As of {day(day_)}"))
    return Message(f"⚪ {quiet(partner)}: {what}.", shown)


def follow_up(alert: Alert) -> Message:
    """What is said in the thread when it got worse: the alert above says the rest."""
    mark, said = _MARKS[alert.signal.level or Level.GREEN], headline(alert.signal)
    facts = " ".join(_facts(alert))
    line = blocks.line(blocks.bold(f"{mark} {_upper(said)}."), blocks.span(f" {facts}"))
    return Message(f"{mark} {quiet(alert.seen.partner.name)}: {said}.", [blocks.rich(line)])


def repeated(message: Message) -> Message:
    """The message, saying that it may stand there already: nobody could look."""
    why = blocks.rich(blocks.line(blocks.span("May be repeated: Slack did not say whether it took the first one.")))
    return Message(f"(may be repeated) {message.text}", [why, *message.blocks])


def _upper(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def help_requested(user_id: str, seen: Signals, signal: Signal | None) -> Message:
    """To a CAM: someone of a partner asks them to look at an alert."""
    said = headline(signal) if signal and signal.level is not None else "an alert"
    user = {"type": "user", "user_id": user_id}
    line = blocks.line(user, blocks.span(f" asks you to look at {name(seen.partner.name)}: {said}."))
    buttons = blocks.actions(choice(0, "Standing", "tier", "", seen.partner.partner_id))
    return Message(f"{quiet(seen.partner.name)}: {said}.", [blocks.rich(line), buttons])


def _is_reached(signal: Signal) -> bool:
    return signal.is_good_news and signal.level is Level.RED


def headline(signal: Signal) -> str:
    """What happened, in a few words."""
    held = tier(signal.tier)
    if signal.is_good_news:
        return f"{held} is reached" if signal.level is Level.RED else f"{held} is not reached any more"
    if signal.is_recalibration:
        when = f"the recalibration of {day(signal.day)}" if signal.day else "the recalibration"
        danger = "is at risk" if signal.verdict is Verdict.AT_RISK else "would be lost"
        return f"{held} {danger} at {when}" if signal.level is Level.RED else f"{held} holds at {when} again"
    assert signal.requirement
    what = f"{held}'s {label_inside(signal.requirement.name)}"
    match signal.level:
        case Level.RED:
            return f"{what} turned red"
        case Level.SOON if signal.day:
            return f"{what} turns red on {day(signal.day)}"
    return f"{what}: out of danger"


def _facts(alert: Alert) -> Iterator[str]:
    signal = alert.signal
    if signal.requirement and not signal.is_good_news:
        words = in_words(signal.requirement)
        yield f"Then {words}." if signal.level is Level.SOON else f"{words[0].upper()}{words[1:]}."
    if _is_reached(signal) and signal.tier:
        yield f"It is performed today; /recalibration tells from which 15th {tier(signal.tier)} is credited."
    if signal.is_recalibration and signal.level is Level.RED:
        yield from (f"{_upper(label_inside(each.name))}: {in_words(each)}." for each in signal.conditions)
        yield "/recalibration shows what each month of the window reached, and what is missing."


def _causes(alert: Alert) -> Iterator[Block]:
    """What did it: the clients that lost the most lately, or whose points lapse until then."""
    if alert.signal.level is Level.SOON:
        for lapse in _lapses(alert)[:SHOWN]:
            yield blocks.line(
                blocks.bold(f"{day(lapse.lapses_on)}  −{points(lapse.micropoints)}"),
                blocks.span(f"  {name(lapse.client)} – {cause(lapse.cause)}"),
            )
    elif alert.signal.level is Level.RED and not alert.signal.is_good_news:
        for client, lost, reasons in _losses(alert)[:SHOWN]:
            yield blocks.line(blocks.bold(f"{signed(-lost)}  {name(client.client)}"), blocks.span(f" – {reasons}"))


def _sources(alert: Alert) -> frozenset[Source]:
    """The kinds of points that the requirement counts; none for a certification and the like."""
    what = alert.signal.name.partition(".")[2]
    return COUNTED.get(what.partition("_")[0], frozenset(Source)) if what in FIGURES else frozenset()


def _lapses(alert: Alert) -> Sequence[Lapse]:
    until, counted = alert.signal.day or date.max, _sources(alert)
    found = (each for each in alert.expiry.items if each.lapses_on <= until and each.source in counted)
    return sorted(found, key=lambda each: -each.micropoints)


def _losses(alert: Alert) -> list[tuple[ClientChanges, int, str]]:
    """The clients that lost points of the kind lately, the most first: micropoints, and why."""
    found, counted = [], _sources(alert)
    for client in alert.changes.clients:
        lost = [each for each in client.items if each.micropoints < 0 and each.source in counted]
        if lost:
            reasons = ", ".join(dict.fromkeys(happened(each.cause) for each in lost))
            found.append((client, -sum(each.micropoints for each in lost), reasons))
    return sorted(found, key=lambda each: -each[1])


def _client(alert: Alert) -> tuple[str, str] | None:
    """The client that it is most owed to, by id and name."""
    if alert.signal.level is Level.SOON:
        return next(((each.client_id, each.client) for each in _lapses(alert)), None)
    return next(((client.client_id, client.client) for client, _, _ in _losses(alert)), None)


def _acknowledged(alert: Alert) -> list[Block]:
    if alert.acknowledged is None:
        return []
    user = {"type": "user", "user_id": alert.acknowledged}
    return [blocks.line(blocks.span("✓ acknowledged by "), user)]


def _controls(alert: Alert) -> list[dict[str, Any]]:
    key, found = alert.seen.partner.partner_id, list[dict[str, Any]]()
    if alert.signal.is_recalibration or alert.signal.is_good_news:
        found.append(opener("Recalibration", "recalibration", "", key))
    else:
        found.append(opener("Why?", "why", _figure(alert.signal), key))
    if client := _client(alert):
        found.append(opener(f"Open {name(client[1], 40)}", "clients", f'"{client[0]}"', key, 1))
    if alert.acknowledged is None:
        found.append(doing("Acknowledge", "acknowledge", as_value(alert.about)))
    options = [(label, as_value(alert.about, days)) for label, days in SNOOZES]
    found.append(blocks.select("Snooze", f"{DO}:snooze", options))
    if alert.for_partner:
        found.append(doing("Tell my CAM", "tell", as_value(alert.about)))
    return found


def _figure(signal: Signal) -> str:
    """The figure of /why that the requirement is about."""
    first = signal.name.partition(".")[2].partition("_")[0]
    return first if first in FIGURES_OF_POINTS else "combined"


@dataclass(frozen=True, slots=True)
class AlertButton:
    """What a button under an alert carries; whether there is such an alert, and whose, is looked up."""

    subscription_id: str
    episode: int
    digest: str
    days: int = 0


def as_value(about: AlertRef, days: int = 0) -> str:
    """What an alert is about, as a button's value: short, whatever the partner's id, and without any authority."""
    return f"{about.subscription_id} {about.episode} {about.token} {days}"


def read_value(text: str) -> AlertButton | None:
    """What such a value says; None for anything that is not one of ours."""
    found = _VALUE.fullmatch(text)
    return AlertButton(found[1], int(found[2]), found[3], int(found[4])) if found else None
