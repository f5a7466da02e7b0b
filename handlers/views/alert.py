"""An alert: one thing that turned red or green, why, and what can be done about it."""

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
from handlers.views.parts.formats import day, due, listed, name, points, sentences, signed, spoken, tier, upper
from handlers.views.parts.requirement import in_money, in_words, label, label_inside, of_requirement, ways_of
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

    `acknowledged` names the Slack user who did; `for_partner` says whether someone of the partner reads it,
    `in_channel` whether it stands in a channel.
    """

    seen: Signals
    signal: Signal
    about: AlertRef
    changes: Changes
    expiry: Expiry
    acknowledged: str | None = None
    for_partner: bool = False
    in_channel: bool = False


def message(alert: Alert) -> Message:
    """One glance: what turned, how far it is off, what did it, and the buttons."""
    partner, said = alert.seen.partner, headline(alert.signal, alert.seen.as_of)
    mark = _mark(alert.signal)
    facts, why = list(_facts(alert)), list(_causes(alert))
    lines = [blocks.line(blocks.span(each)) for each in facts]
    shown: list[Block] = [blocks.header(f"{mark} {name(partner.name)}: {said}")]
    parts = [*lines, *([blocks.bullets(why)] if why else []), *_acknowledged(alert)]
    shown += [blocks.rich(*parts)] if parts else []
    if alert.signal.level is not Level.GREEN:
        shown.append(blocks.actions(*_controls(alert)))
    shown.append(footing(alert.seen.as_of, alert.seen.rules, alert.seen.notes, _stop(alert)))
    causes = ["".join(span["text"] for span in each["elements"]) for each in why]
    return Message(spoken(f"{mark} {name(partner.name)}: {said}.", *facts, *sentences(causes)), shown)


def _stop(alert: Alert) -> str:
    """What ends alerts, where this one is read."""
    return f"alert: /digest alerts off{' here' if alert.in_channel else ''} stops these"


def over(partner: str, about: AlertRef, day_: date) -> Message:
    """In the place of an alert whose subject isn't watched any more: no such tier, or its recalibration is over."""
    kind, _, rest = about.name.partition(".")
    if kind == RECALIBRATION:
        when = day(date.fromisoformat(rest))
        subject, what = f"{when} recalibration", f"The recalibration on {when} is over; /tier shows the credited tier."
    elif kind == REACHED:
        subject, what = tier(rest), f"tierbot no longer watches whether {tier(rest)} is reached."
    else:
        subject = tier(kind)
        what = f"{subject}'s {label_inside(rest)} is no longer watched, because the credited tier has changed."
    title = f"{name(partner)}: {subject} alert closed"
    shown = [blocks.header(f"⚪ {title}"), blocks.rich(blocks.line(blocks.span(what)))]
    shown.append(blocks.context([f"As of {day(day_)}"]))
    return Message(spoken(f"⚪ {title}.", what), shown)


def follow_up(alert: Alert) -> Message:
    """What is said in the thread when it got worse: the alert above says the rest."""
    mark, said = _mark(alert.signal), headline(alert.signal, alert.seen.as_of)
    facts = list(_facts(alert))
    line = blocks.line(blocks.bold(f"{mark} {upper(said)}."), blocks.span(f" {' '.join(facts)}"))
    return Message(spoken(f"{mark} {name(alert.seen.partner.name)}: {said}.", *facts), [blocks.rich(line)])


def repeated(message: Message) -> Message:
    """The message, saying that it may stand there already: nobody could look."""
    why = blocks.rich(blocks.line(blocks.span("You may have this already: Slack didn't confirm the first one.")))
    return Message(f"(You may have this already) {message.text}", [why, *message.blocks])


def help_requested(user_id: str, seen: Signals, signal: Signal | None) -> Message:
    """To a CAM: someone of a partner asks them to look at an alert."""
    said = headline(signal, seen.as_of) if signal and signal.level is not None else "an alert"
    user = {"type": "user", "user_id": user_id}
    line = blocks.line(user, blocks.span(f" asks you to look at {name(seen.partner.name)}: {said}."))
    buttons = blocks.actions(choice(0, "Standing", "tier", "", seen.partner.partner_id))
    asked = f"Someone asks you to look at {name(seen.partner.name)}: {said}."
    return Message(spoken(asked), [blocks.rich(line), buttons])


def _mark(signal: Signal) -> str:
    """The colour; a tier that is no longer reached is not good news, though nothing is in danger."""
    if signal.is_good_news:
        return "🎉" if _is_reached(signal) else "⚪"
    return _MARKS[signal.level or Level.GREEN]


def _is_reached(signal: Signal) -> bool:
    return signal.is_good_news and signal.level is Level.RED


def headline(signal: Signal, as_of: date) -> str:
    """What happened and why, in a few words."""
    held = tier(signal.tier)
    if signal.is_good_news:
        return f"{held} reached" if signal.level is Level.RED else f"{held} is no longer reached"
    if signal.is_recalibration:
        return _at_recalibration(signal, held, as_of)
    assert signal.requirement
    what = f"{held}'s {label_inside(signal.requirement.name)}"
    turns, safe = ("turn", "are") if what.endswith("points") else ("turns", "is")
    match signal.level:
        case Level.RED:
            return f"{what} turned red"
        case Level.SOON if signal.day:
            return f"{what} {turns} red on {due(signal.day, as_of)}"
    return f"{what} {safe} out of danger"


def _at_recalibration(signal: Signal, held: str, as_of: date) -> str:
    when = f"the recalibration on {due(signal.day, as_of)}" if signal.day else "the recalibration"
    if signal.level is not Level.RED:
        return f"{held} is safe again at {when}"
    why = listed([of_requirement(each, as_of) for each in signal.conditions])
    cause = f": {why}" if why else ""
    return f"{held} at risk at {when}{cause}" if signal.verdict is Verdict.AT_RISK else f"{held} falls at {when}{cause}"


def _facts(alert: Alert) -> Iterator[str]:
    signal, as_of = alert.signal, alert.seen.as_of
    if signal.requirement and not signal.is_good_news:
        words = in_words(signal.requirement, as_of)
        then = "Then " if signal.level is Level.SOON and signal.requirement.name in FIGURES else ""
        yield f"{then}{words}." if then else f"{upper(words)}."
        yield from _remedy(signal, alert)
    if _is_reached(signal) and signal.tier:
        yield f"Your numbers reach {tier(signal.tier)} today. /recalibration shows when it will be credited."
    if signal.is_recalibration and signal.level is Level.RED:
        for each in signal.conditions:
            until = each.have if isinstance(each.have, date) and each.have >= as_of else None
            when = f"by {due(until, as_of)}" if until else "now"
            yield f"{label(each.name)}: renew it {when} to keep {tier(signal.tier)}."
        yield "/recalibration shows what each month of the window reached."


def _remedy(signal: Signal, alert: Alert) -> Iterator[str]:
    """What makes up for what is missing: what to earn, or what to renew; nothing where nothing is known to help."""
    wanted, seen = signal.requirement, alert.seen
    if wanted is None or signal.level not in (Level.RED, Level.SOON):
        return
    if ways := ways_of(wanted, seen.rules, seen.partner.currency):
        about = "about " if seen.rules.is_approximate(seen.partner.currency) else ""
        yield f"To make that up: {about}{in_money(ways)}."
    elif isinstance(wanted.have, date) and wanted.name in ("certification", "membership"):
        yield "Renew it now." if wanted.have < seen.as_of else f"Renew it by {due(wanted.have, seen.as_of)}."


def _causes(alert: Alert) -> Iterator[Block]:
    """What did it: the clients that lost the most lately, or whose points lapse until then."""
    if alert.signal.level is Level.SOON:
        for lapse in _lapses(alert)[:SHOWN]:
            yield blocks.line(
                blocks.bold(f"{day(lapse.lapses_on)}  −{points(lapse.micropoints)}"),
                blocks.span(f"  {name(lapse.client)}: {cause(lapse.cause)}"),
            )
    elif alert.signal.level is Level.RED and not alert.signal.is_good_news:
        for client, lost, reasons in _losses(alert)[:SHOWN]:
            yield blocks.line(blocks.bold(f"{signed(-lost)}  {name(client.client)}"), blocks.span(f": {reasons}"))


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
    return [blocks.line(blocks.span("✓ Acknowledged by "), user)]


def _controls(alert: Alert) -> list[dict[str, Any]]:
    key, found = alert.seen.partner.partner_id, list[dict[str, Any]]()
    what = f"{name(alert.seen.partner.name, 40)}, {_subject(alert.signal)}"
    if alert.signal.is_recalibration or alert.signal.is_good_news:
        found.append(opener("Recalibration", "recalibration", "", key, aloud=f"Recalibration: {what}"))
    else:
        found.append(opener("Why?", "why", _figure(alert.signal), key, aloud=f"Why? {what}"))
    if client := _client(alert):
        found.append(opener(f"Open {name(client[1], 40)}", "clients", f'"{client[0]}"', key, 1))
    if alert.acknowledged is None:
        found.append(doing("Acknowledge", "acknowledge", as_value(alert.about), aloud=f"Acknowledge: {what}"))
    options = [(label, as_value(alert.about, days)) for label, days in SNOOZES]
    found.append(blocks.select("Snooze", f"{DO}:snooze", options))
    if alert.for_partner:
        found.append(doing("Tell my CAM", "tell", as_value(alert.about), aloud=f"Tell my CAM: {what}"))
    return found


def _subject(signal: Signal) -> str:
    """What an alert is about, for buttons that read alike: "Platinum's sold minimum"."""
    held = tier(signal.tier)
    if signal.is_good_news:
        return f"{held} reached"
    if signal.is_recalibration or signal.requirement is None:
        return f"{held} at the recalibration"
    return f"{held}'s {label_inside(signal.requirement.name)}"


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
