"""The sampling days of a recalibration: what each reached, and whether that is enough."""

from collections.abc import Iterator

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import count, day, listed, prose, tier
from handlers.views.parts.reasons import labels, not_judged
from tiercore.facts.unknown import Unknown
from tiercore.questions.recalibration import Recalibration, Result, Sample
from tiercore.questions.requirements import FIGURES, Requirement, State

_MARKS = {True: "🟢", False: "🔴", None: "⚪"}


def tiers_in_words(tiers: tuple[str, ...]) -> str:
    """Tiers in a sentence: "Gold, Platinum or Diamond"."""
    return listed([tier(each) for each in tiers], "or")


def sampling_days(answer: Recalibration) -> Iterator[Block]:
    """A line for each sampling day; one for all of them where none can be judged for the same reason."""
    if are_alike(answer):
        yield blocks.line(blocks.span(f"⚪ None of its {count(len(answer.samples), 'sampling day')} can be judged yet"))
    else:
        yield from (_sample(each, answer) for each in answer.samples)


def are_alike(answer: Recalibration) -> bool:
    """Whether none of the days can be judged, all for the same reason."""
    unjudged = answer.result is Result.UNKNOWN and bool(answer.open)
    return unjudged and len(answer.samples) > 1 and len({reached_on(each, answer) for each in answer.samples}) == 1


def _sample(sample: Sample, answer: Recalibration) -> Block:
    return blocks.line(
        blocks.span(f"{_MARKS[None if _contradicting(sample, answer) or sample.open else sample.enough]} "),
        blocks.bold(day(sample.day)),
        blocks.span(f"  {reached_on(sample, answer)}{'  ▸ projected' if sample.projected else ''}"),
    )


def _contradicting(sample: Sample, answer: Recalibration) -> list[Requirement]:
    """The conditions of the recalibration that are not met although the sampling day is enough."""
    return [each for each in answer.conditions if each.state is State.RED] if sample.enough else []


def reached_on(sample: Sample, answer: Recalibration) -> str:
    """What a sampling day reached, and whether that is enough; or why that is unknown."""
    if isinstance(sample.reached, Unknown):
        return prose(sample.reached.reason)
    reached = tier(sample.reached.tier)
    if sample.reached.undecided:
        unsaid = f"{tiers_in_words(sample.reached.undecided)} can't be judged"
        at_least = f"at least {reached}" if sample.enough else f"at least {reached}; {unsaid}"
        reached = at_least if sample.reached.tier else unsaid
    if sample.enough is None:
        return f"{reached} ({labels(sample.open)} unknown or not set)" if sample.open else reached
    in_points = answer.rules.model == "points"
    if sample.enough:
        unknown = f"; not known: {labels(sample.open)}" if sample.open else ""
        ended = _contradicting(sample, answer)
        but = f", but the {labels(ended)} won't be valid on {day(answer.day)}" if ended else ""
        return f"{'points reach' if in_points else 'MRR reaches'} {reached}{but}{unknown}"
    if any(each.name in FIGURES for each in sample.amiss):
        return f"below {tier(answer.credited_tier)}: {labels(sample.amiss)} not met"
    is_not = "is not" if len(sample.amiss) == 1 else "are not"
    if sample.unset:
        return f"the {labels(sample.amiss)} {is_not} met; {not_judged(sample.unset)}"
    return f"{'points are' if in_points else 'MRR is'} enough; the {labels(sample.amiss)} {is_not}"
