"""A signal in words: its mark, its headline, and what it is about."""

from datetime import date

from handlers.views.parts import goal as goal_view
from handlers.views.parts.formats import due, tier
from handlers.views.parts.reasons import labels, not_met
from handlers.views.parts.requirement import label_inside, turns_red
from tiercore.questions.recalibration import Result
from tiercore.questions.signals import Level, Signal
from tiercore.questions.why import FIGURES_OF_POINTS, RETENTION

_MARKS = {Level.GREEN: "🟢", Level.SOON: "🟠", Level.RED: "🔴"}


def mark_of(signal: Signal) -> str:
    """The colour's mark; what is unknown, or no longer reached, gets a neutral one."""
    if signal.is_good_news:
        return "🎉" if is_reached(signal) and not signal.open else "⚪"
    if signal.goal:
        return goal_view.mark(signal.goal)
    return "⚪" if signal.level is None else _MARKS[signal.level]


def is_reached(signal: Signal) -> bool:
    """Whether the signal says that a higher tier is reached."""
    return signal.is_good_news and signal.level is Level.RED


def headline(signal: Signal, as_of: date) -> str:
    """What happened and why, in a phrase: "Gold at risk at the recalibration on 15 Jan 2023"."""
    tier_name = tier(signal.tier)
    if signal.is_good_news:
        return _reached(signal, tier_name, as_of)
    if signal.goal:
        return goal_view.headline(signal.goal)
    if signal.is_recalibration:
        return _at_recalibration(signal, tier_name, as_of)
    assert signal.requirement
    what = f"{tier_name}'s {label_inside(signal.requirement.name)}"
    match signal.level:
        case Level.RED:
            return f"{what} turned red"
        case Level.SOON if signal.day:
            return turns_red(signal.tier, signal.requirement.name, due(signal.day, as_of))
        case None:
            return f"{what} can't be judged"
    return f"{what} {'are' if what.endswith('points') else 'is'} out of danger"


def _reached(signal: Signal, tier_name: str, as_of: date) -> str:
    """That a tier is reached, or no longer, and why not."""
    if signal.level is None:
        return f"can't tell whether {tier_name} is reached"
    if signal.level is Level.RED:
        unknown = f" by the points; not known: {labels(signal.open)}" if signal.open else ""
        return f"{tier_name} reached{unknown}"
    why = not_met(signal.causes, as_of)
    return f"{tier_name} is no longer reached{f': {why}' if why else ''}"


def _at_recalibration(signal: Signal, tier_name: str, as_of: date) -> str:
    when = f"the recalibration on {due(signal.day, as_of)}" if signal.day else "the recalibration"
    if signal.level is None:
        unknown = f": {labels(signal.open)} unknown or not set" if signal.open else ""
        return f"{tier_name} can't be judged for {when}{unknown}"
    if signal.level is not Level.RED:
        return f"{tier_name} is safe again at {when}"
    why = not_met(signal.causes, as_of)
    cause = f": {why}" if why else ""
    return (
        f"{tier_name} at risk at {when}{cause}"
        if signal.result is Result.AT_RISK
        else f"{tier_name} falls at {when}{cause}"
    )


def subject_of(signal: Signal) -> str:
    """What the signal is about: "Platinum's sold minimum"."""
    tier_name = tier(signal.tier)
    if signal.is_good_news:
        return f"{tier_name} reached"
    if signal.is_goal:
        return f"Goal {tier_name}"
    if signal.is_recalibration or signal.requirement is None:
        return f"{tier_name} at the recalibration"
    return f"{tier_name}'s {label_inside(signal.requirement.name)}"


def figure_of(signal: Signal) -> str:
    """The figure of /why behind the signal's requirement."""
    requirement = signal.name.partition(".")[2]
    if requirement.endswith("_retention"):
        return RETENTION
    first = requirement.partition("_")[0]
    return first if first in FIGURES_OF_POINTS else "combined"
