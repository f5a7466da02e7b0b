"""An alert: a signal that turned red or green, why, and what to do about it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.views.account import change_button
from handlers.views.alert_causes import causes, corrections, main_client
from handlers.views.parts import blocks
from handlers.views.parts import goal as goal_view
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import ALERT, choice, opener, value
from handlers.views.parts.controls import control_row, share_of
from handlers.views.parts.footer import footing
from handlers.views.parts.formats import day, due, listed, name, possessive, sentences, spoken, tier, upper
from handlers.views.parts.requirement import in_money, in_words, label, ways_of
from handlers.views.parts.verdict import headline as verdict_headline
from handlers.views.parts.verdict import mark as verdict_mark
from handlers.views.signal import figure_of, headline, is_reached, mark_of, subject_of
from handlers.views.tier_table import shown_value
from tiercore.notifications.types import AlertRef, Snooze
from tiercore.program import Entered
from tiercore.program.entered import FIGURES as FIGURE_NAMES
from tiercore.questions.changes import Changes
from tiercore.questions.expiry import Expiry
from tiercore.questions.requirements import FIGURES, Requirement
from tiercore.questions.signals import Level, Signal, Signals
from tiercore.questions.verdict import VerdictKind

_VALUE = re.compile(r"([\w-]{1,40}) (\d{1,9}) ([0-9a-f]{16}) ([017])", re.ASCII)
SNOOZES = (("Snooze for a day", 1), ("Snooze for a week", 7), ("Snooze until it changes", 0))


@dataclass(frozen=True, slots=True)
class Alert:
    """What an alert says: the signal today, recent changes, thresholds entered lately, and what expires next.

    `acknowledged` is the id of the Slack user who acknowledged it, `snoozed` who keeps it quiet; `for_partner` says
    whether its reader belongs to the partner, `in_channel` whether it was sent to a channel.
    """

    signals: Signals
    signal: Signal
    about: AlertRef
    changes: Changes
    expiry: Expiry
    acknowledged: str | None = None
    snoozed: Snooze | None = None
    for_partner: bool = False
    in_channel: bool = False
    entered: Sequence[Entered] = ()


def message(alert: Alert) -> Message:
    """One screen: what matters most and what happened, what is missing, what caused it, and the buttons."""
    partner, (title, *said) = alert.signals.partner, _headlines(alert)
    facts, clients = list(_facts(alert)), list(causes(alert))
    lines = [*(blocks.line(blocks.bold(each)) for each in said), *(blocks.line(blocks.span(each)) for each in facts)]
    mark, _, rest = title.partition(" ")
    shown: list[Block] = [blocks.header(f"{mark} {name(partner.name)}: {rest}")]
    parts = [*lines, *([blocks.bullets(clients)] if clients else []), *_responses(alert)]
    shown += [blocks.rich(*parts)] if parts else []
    shown.append(control_row(*(_controls(alert) if alert.signal.level is not Level.GREEN else ()), _share(alert)))
    shown.append(footing(alert.signals.as_of, alert.signals.rules, alert.signals.notes, _stop(alert)))
    cause_texts = [blocks.text_of(each) for each in clients]
    return Message(spoken(f"{mark} {name(partner.name)}: {rest}.", *said, *facts, *sentences(cause_texts)), shown)


def _headlines(alert: Alert) -> list[str]:
    """The alert's headline and the one below it, each with its mark: a verdict on a tier that is in danger or will be
    credited stands above what happened, any other below.
    """
    signal, found = alert.signal, alert.signals.verdict
    happened = f"{mark_of(signal)} {headline(signal, alert.signals.as_of)}"
    if found is None:
        return [happened]
    verdict = f"{verdict_mark(found)} {verdict_headline(found)}"
    if not _heads(alert):
        return [happened, f"{verdict}."]
    return [verdict] if signal.is_recalibration else [verdict, f"{happened}."]


def _heads(alert: Alert) -> bool:
    """Whether the verdict says what the signal means: that the tier is in danger, or that it will be credited."""
    signal, verdict = alert.signal, alert.signals.verdict
    if verdict is None or signal.level not in (Level.RED, Level.SOON):
        return False
    if signal.is_good_news:
        return is_reached(signal) and verdict.kind is VerdictKind.RISES
    return signal.tier == verdict.credited_tier and (verdict.is_bad or verdict.is_warning)


def _stop(alert: Alert) -> str:
    """The note that names the command to stop these alerts."""
    return f"alert: /digest alerts off{' here' if alert.in_channel else ''} stops these"


def follow_up(alert: Alert) -> Message:
    """A short message for the alert's thread, after the signal got worse."""
    mark, title = mark_of(alert.signal), headline(alert.signal, alert.signals.as_of)
    facts = list(_facts(alert))
    line = blocks.line(blocks.bold(f"{mark} {upper(title)}."), blocks.span(f" {' '.join(facts)}"))
    return Message(spoken(f"{mark} {name(alert.signals.partner.name)}: {title}.", *facts), [blocks.rich(line)])


def repeated(message: Message) -> Message:
    """The message again, after a first attempt that Slack never confirmed."""
    why = blocks.rich(blocks.line(blocks.span("You may have this already: Slack didn't confirm the first one.")))
    return Message(f"(You may have this already) {message.text}", [why, *message.blocks])


def help_requested(user_id: str, signals: Signals, signal: Signal | None) -> Message:
    """To a CAM or CC: the user, of a partner, asks them to look at an alert."""
    what = headline(signal, signals.as_of) if signal and signal.level is not None else "an alert"
    partner = signals.partner
    line = blocks.line(blocks.user(user_id), blocks.span(f" asks you to look at {name(partner.name)}: {what}."))
    buttons = blocks.actions(choice(0, "Standing", "tier", "", partner.partner_id))
    text = spoken(f"Someone asks you to look at {name(partner.name)}: {what}.")
    return Message(text, [blocks.rich(line), buttons])


def _facts(alert: Alert) -> Iterator[str]:
    yield from corrections(alert)
    signal, as_of = alert.signal, alert.signals.as_of
    if new := [each for each in alert.entered if each.tier == signal.tier and each.valid_from <= as_of]:
        figures = listed([f"{FIGURE_NAMES[each.figure]} {shown_value(each.figure, each.value)}" for each in new])
        yield f"The program's thresholds of {tier(signal.tier)} have changed: {figures}."
    if signal.requirement and not signal.is_good_news:
        words = in_words(signal.requirement, as_of)
        then = "Then " if signal.level is Level.SOON and signal.requirement.name in FIGURES else ""
        yield f"{then}{words}." if then else f"{upper(words)}."
        yield from _remedy(signal, alert)
    if signal.goal:
        yield from goal_view.lines(signal.goal)
    if is_reached(signal) and signal.tier and not _heads(alert):
        whose = possessive(name(alert.signals.partner.name))
        yield f"{whose} numbers reach {tier(signal.tier)} today. /recalibration shows when it will be credited."
    if signal.is_recalibration and signal.level is Level.RED:
        for each in signal.causes:
            yield f"{label(each.name)}: {_to_keep(each, signal, as_of)}."
        yield "/recalibration shows what each month of the window reached."


def _to_keep(requirement: Requirement, signal: Signal, as_of: date) -> str:
    """What a recalibration needs of a requirement: a renewal in time, or what is missing."""
    if requirement.name not in ("certification", "membership"):
        return in_words(requirement, as_of)
    until = requirement.have if isinstance(requirement.have, date) and requirement.have >= as_of else None
    return f"renew it {f'by {due(until, as_of)}' if until else 'now'} to keep {tier(signal.tier)}"


def _remedy(signal: Signal, alert: Alert) -> Iterator[str]:
    """What to earn or to renew; nothing where no remedy is known."""
    requirement, signals = signal.requirement, alert.signals
    if requirement is None or signal.level not in (Level.RED, Level.SOON):
        return
    if ways := ways_of(requirement, signals.rules, signals.partner.currency):
        about = "about " if signals.rules.is_approximate(signals.partner.currency) else ""
        yield f"To make that up: {about}{in_money(ways)}."
    elif isinstance(requirement.have, date) and requirement.name in ("certification", "membership"):
        yield (
            "Renew it now."
            if requirement.have < signals.as_of
            else f"Renew it by {due(requirement.have, signals.as_of)}."
        )


def _responses(alert: Alert) -> Iterator[Block]:
    if alert.acknowledged:
        yield blocks.line(blocks.span("✓ Acknowledged by "), blocks.user(alert.acknowledged))
    if (snooze := alert.snoozed) and (snooze.until is None or snooze.until >= alert.signals.as_of):
        until = day(snooze.until) if snooze.until else "it changes"
        yield blocks.line(blocks.span(f"💤 Snoozed until {until} by "), blocks.user(snooze.user_id))


def _controls(alert: Alert) -> list[dict[str, Any]]:
    partner_id, elements = alert.signals.partner.partner_id, list[dict[str, Any]]()
    what = f"{name(alert.signals.partner.name, 40)}, {subject_of(alert.signal)}"
    if alert.signal.goal:
        words = f"{alert.signal.goal.goal.tier} by {alert.signal.goal.goal.day.isoformat()}"
        elements.append(opener("Plan", "plan", words, partner_id, aloud=f"Plan: {what}"))
    elif alert.signal.is_recalibration or alert.signal.is_good_news:
        elements.append(opener("Recalibration", "recalibration", "", partner_id, aloud=f"Recalibration: {what}"))
    else:
        elements.append(opener("Why?", "why", figure_of(alert.signal), partner_id, aloud=f"Why? {what}"))
    if alert.acknowledged is None:
        elements.append(
            change_button("Acknowledge", "acknowledge", as_value(alert.about), aloud=f"Acknowledge: {what}")
        )
    if alert.for_partner:
        elements.append(change_button("Tell my CAM", "tell", as_value(alert.about), aloud=f"Tell my CAM: {what}"))
    if client := main_client(alert):
        elements.append(opener(f"Open {name(client[1], 40)}", "clients", f'"{client[0]}"', partner_id, 1))
    elements += [change_button(label, f"snooze:{days}", as_value(alert.about, days)) for label, days in SNOOZES]
    return elements


def _share(alert: Alert) -> dict[str, Any]:
    return share_of(value(ALERT, alert.signal.name, alert.signals.partner.partner_id))


@dataclass(frozen=True, slots=True)
class AlertButton:
    """What the value of a button under an alert says; whether the alert exists, and whose it is, is looked up."""

    subscription_id: str
    episode: int
    digest: str
    days: int = 0


def as_value(about: AlertRef, days: int = 0) -> str:
    """A reference to an alert as a button's value: short for any partner id, and granting nothing."""
    return f"{about.subscription_id} {about.episode} {about.token} {days}"


def read_value(text: str) -> AlertButton | None:
    """The reference in a button's value; None for any other text."""
    found = _VALUE.fullmatch(text)
    return AlertButton(found[1], int(found[2]), found[3], int(found[4])) if found else None
