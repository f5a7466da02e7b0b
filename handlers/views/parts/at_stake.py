"""Whose requirements an answer shows, and in which order: those of a tier at stake come before the next tier's."""

from dataclasses import dataclass

from tiercore.questions.requirements import FIGURES, Requirement
from tiercore.questions.standing import Standing


@dataclass(frozen=True, slots=True)
class Section:
    """A tier and its requirements, as they are shown; `is_held` says that the tier is the one at stake."""

    tier: str
    requirements: tuple[Requirement, ...]
    is_held: bool = False


def sections_of(standing: Standing) -> list[Section]:
    """The next tier; before it the held tier while that is in danger, or its numbers are too low.

    The held tier's figures are those that decide: as of the sampling day on which they are too low. What both tiers
    need alike is shown once.
    """
    target = Section(standing.target.name, standing.requirements)
    held = _held(standing)
    if held is None:
        return [target]
    if held.tier == target.tier:
        return [held]
    shared = {(each.name, each.have, each.need) for each in held.requirements}
    rest = tuple(each for each in target.requirements if (each.name, each.have, each.need) not in shared)
    return [held, Section(target.tier, rest)]


def _held(standing: Standing) -> Section | None:
    verdict, tier = standing.verdict, standing.credited_tier
    if verdict is None or tier is None or not standing.held or not (verdict.is_bad or verdict.is_warning):
        return None
    short = {each.name: each for each in verdict.causes if each.name in FIGURES}
    return Section(tier, tuple(short.get(each.name, each) for each in standing.held), is_held=True)
