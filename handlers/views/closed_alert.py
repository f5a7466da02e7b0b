"""What replaces an alert that is no longer watched: how it ended."""

from datetime import date

from handlers.views.parts import blocks, credit_day
from handlers.views.parts.blocks import Message
from handlers.views.parts.formats import day, name, spoken, tier
from handlers.views.parts.requirement import label_inside
from tiercore.notifications.types import AlertRef
from tiercore.questions.credit_day import CreditDay
from tiercore.questions.signals import GOAL, REACHED, RECALIBRATION
from tiercore.questions.standing import Standing


def closed(partner: str, about: AlertRef, standing: Standing, result: CreditDay | None) -> Message:
    """What replaces an alert that is no longer watched, because the tier changed or its recalibration is over: how it
    ended, where that is known. `result` is the outcome of the recalibration that it was about.
    """
    mark, said, what = _ending(about, standing, result)
    title = f"{mark} {name(partner)}: {said}"
    shown = [blocks.header(title), blocks.rich(blocks.line(blocks.span(what)))]
    shown.append(blocks.context(f"As of {day(standing.as_of)}"))
    return Message(spoken(f"{title}.", what), shown)


def _ending(about: AlertRef, standing: Standing, result: CreditDay | None) -> tuple[str, str, str]:
    """How it ended: the mark, the phrase, and a sentence on what that means."""
    kind, _, rest = about.name.partition(".")
    is_closed = f"{_watched(about)} alert closed"
    if kind == RECALIBRATION:
        if result and result.is_told:
            return credit_day.mark_of(result), credit_day.headline(result), "/recalibration last shows why."
        over = f"The recalibration on {day(date.fromisoformat(rest))} is over; /tier shows the credited tier."
        return "⚪", is_closed, over
    if kind == GOAL:
        return "⚪", is_closed, "This goal is no longer followed: it was withdrawn, or another one was kept."
    if standing.credited_on and _is_won(rest if kind == REACHED else kind, standing, or_equal=kind == REACHED):
        credited = f"{tier(standing.credited_tier)} credited on {day(standing.credited_on)}"
        return "🎉", credited, f"{_no_longer(about)}."
    return (
        "⚪",
        is_closed,
        f"{_no_longer(about)}{'' if kind == REACHED else ', because the credited tier has changed'}.",
    )


def _is_won(watched: str, standing: Standing, *, or_equal: bool) -> bool:
    """Whether a tier above the one that was watched is credited, or the same."""
    ranks = [each.name for each in standing.rules.tiers]
    if standing.credited_tier not in ranks or watched not in ranks:
        return False
    return ranks.index(standing.credited_tier) >= ranks.index(watched) + (not or_equal)


def _no_longer(about: AlertRef) -> str:
    kind, _, rest = about.name.partition(".")
    if kind == REACHED:
        return f"tierbot no longer watches whether {tier(rest)} is reached"
    return f"{tier(kind)}'s {label_inside(rest)} is no longer watched"


def _watched(about: AlertRef) -> str:
    kind, _, rest = about.name.partition(".")
    if kind == RECALIBRATION:
        return f"{day(date.fromisoformat(rest))} recalibration"
    if kind == GOAL:
        return f"goal {tier(rest.partition('.')[0])}"
    return tier(rest if kind == REACHED else kind)
