"""What a gap comes to, in a sentence: whether the tier is met today and on the day, or what is missing."""

from collections.abc import Sequence

from handlers.views.parts import blocks, verdict
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import day, name, points, tier
from handlers.views.parts.not_set import is_gathered
from handlers.views.parts.reasons import bound_on, is_exact, not_met, to_go
from handlers.views.parts.requirement import how_much, label_inside
from tiercore.facts.unknown import NotConfigured
from tiercore.questions.gap import Gap, points_missing
from tiercore.questions.gap_on import GapOn
from tiercore.questions.requirements import FIGURES, Requirement, State


def headline(gap: GapOn) -> str:
    """The verdict first: a tier that is met today but not on the day, or the other way round; else what is missing."""
    if not gap.is_ahead:
        return missing_for(gap.then) + _but(gap)
    goal, when = tier(gap.then.tier.name), f"on {day(gap.by)}"
    if gap.then.is_met:
        today = {True: " is met today, and", False: " isn't met today, but will be", None: " will be met"}
        return f"{goal}{today[gap.is_met_today]} {when}"
    if is_gathered(gap.then.requirements[0], gap.then.requirements):
        return missing_for(gap.then)
    if gap.is_met_today and gap.then.is_met is False:
        return f"{goal} is met today, but not {when}: {_why(gap)}"
    return f"{missing_for(gap.then)} by {day(gap.by)}{_but(gap)}"


def title(gap: GapOn) -> str:
    """The headline; of a held tier in danger, the verdict that heads every answer about it."""
    if gap.danger and gap.is_about_danger:
        return f"{verdict.mark(gap.danger)} {name(gap.partner.name)}: {verdict.headline(gap.danger)}"
    return f"{name(gap.partner.name)}: {headline(gap)}"


def danger_lines(gap: GapOn) -> list[str]:
    """The held tier in danger, unless that is the headline, and what keeps it."""
    if gap.danger is None:
        return []
    return verdict.lines(gap.danger) if gap.is_about_danger else verdict.in_sentences(gap.danger)


def danger(said: Sequence[str]) -> list[Block]:
    """The danger below the headline."""
    return [blocks.rich(blocks.line(blocks.span(" ".join(said))))] if said else []


def climb(gap: GapOn) -> list[Block]:
    """The way up, after what keeps the held tier."""
    if gap.climb is None:
        return []
    return [blocks.rich(blocks.line(blocks.bold("Then: "), blocks.span(f"{headline(gap.climb)}.")))]


def missing_for(gap: Gap) -> str:
    """What is missing for the tier, in points or MRR; what isn't set where that can't be said."""
    goal, total = tier(gap.tier.name), gap.requirements[0]
    short = _short(gap)
    if is_gathered(total, gap.requirements):
        return f"What {goal} takes isn't set yet"
    if isinstance(total.need, NotConfigured):
        unset = "combined threshold isn't set" if gap.rules.model == "points" else "MRR minimums aren't set"
        return f"{goal}'s {unset}"
    if gap.rules.model == "points":
        return to_go(gap.requirements, goal)
    if short:
        return f"{how_much(short[0])} short on {goal}'s {label_inside(short[0].name)}"
    return f"no MRR {'' if is_exact(gap.requirements) else 'known to be '}missing for {goal}"


def _why(gap: GapOn) -> str:
    """Why the tier isn't met on the day: the figures that are short, or what else isn't met."""
    then = gap.then
    if not _short(then):
        return not_met(_red(then), gap.as_of)
    if then.rules.model == "points":
        return f"{bound_on(then.requirements)}{points(points_missing(then.requirements))} points short"
    return missing_for(then)


def _but(gap: GapOn) -> str:
    """What else isn't met, apart from figures; "" for nothing."""
    red = [each for each in _red(gap.then) if each.name not in FIGURES]
    return f", {'and' if _short(gap.then) else 'but'} {not_met(red, gap.as_of)}" if red else ""


def _short(gap: Gap) -> list[Requirement]:
    return [each for each in gap.requirements if each.short and each.name in FIGURES]


def _red(gap: Gap) -> list[Requirement]:
    return [each for each in gap.requirements if each.state is State.RED]
