"""Whose requirements an answer shows, and in which order: those of a tier at stake come before the next tier's."""

from dataclasses import dataclass

from tiercore.facts.unknown import NotConfigured
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

    The held tier's requirements begin with the causes. Its figures are those that decide: as of the sampling day on
    which they are too low. What both tiers need alike is shown once.
    """
    target = Section(standing.target.name, standing.requirements)
    held = _held(standing)
    if held is None:
        return [target]
    if held.tier == target.tier:
        return [held]
    shared = {_shown(each) for each in held.requirements}
    return [held, Section(target.tier, tuple(each for each in target.requirements if _shown(each) not in shared))]


def _shown(requirement: Requirement) -> tuple[object, ...]:
    """What a panel shows of a requirement: two that are equal are shown once."""
    need = None if isinstance(requirement.need, NotConfigured) else requirement.need
    return requirement.name, requirement.have, need


def _held(standing: Standing) -> Section | None:
    verdict, tier = standing.verdict, standing.credited_tier
    if verdict is None or tier is None or not standing.held or not (verdict.is_bad or verdict.is_warning):
        return None
    short = {each.name: each for each in verdict.causes if each.name in FIGURES}
    named = {each.name for each in verdict.causes}
    requirements = [short.get(each.name, each) for each in standing.held]
    return Section(tier, tuple(sorted(requirements, key=lambda each: each.name not in named)), is_held=True)
