"""What isn't set of a tier, in one line where it is several numbers, so that the rest of an answer can be read."""

from collections.abc import Iterable, Sequence

from handlers.views.parts.formats import listed, tier
from handlers.views.parts.requirement import MARKS, bound_of, known_of, label, label_inside
from tiercore.questions.requirements import FIGURES, Requirement, State

_SEVERAL = 2
_NOTE = "some figures are unknown or not set"


def shown(requirements: Sequence[Requirement]) -> list[Requirement]:
    """Those to be shown one by one: without the ones that `one_line` gathers."""
    gathered = _gathered(requirements)
    return [each for each in requirements if each not in gathered]


def one_line(requirements: Sequence[Requirement], tier_name: str) -> list[str]:
    """Several requirements without a number as a line: "⚫ Not set yet for Platinum: sold minimum, managed minimum"."""
    gathered = _gathered(requirements)
    if not gathered:
        return []
    return [f"{MARKS[State.NOT_CONFIGURED]} Not set yet for {tier(tier_name)}: {listed([*map(_named, gathered)])}."]


def without_repeating(notes: Iterable[str], requirements: Sequence[Requirement]) -> list[str]:
    """The notes, without the one that says again what the line has said."""
    is_said = bool(_gathered(requirements))
    return [each for each in notes if not (is_said and each.endswith(_NOTE))]


def is_gathered(requirement: Requirement, requirements: Sequence[Requirement]) -> bool:
    """Whether the line names the requirement."""
    return requirement in _gathered(requirements)


def _gathered(requirements: Sequence[Requirement]) -> list[Requirement]:
    unset = [each for each in requirements if each.state is State.NOT_CONFIGURED]
    return unset if len(unset) >= _SEVERAL else []


def _named(requirement: Requirement) -> str:
    """ "sold minimum", "combined threshold", "C$R target (100% now)"."""
    if requirement.name == "combined_threshold":
        return "combined threshold"
    name = label_inside(requirement.name)
    bound = bound_of(requirement.name)
    known = known_of(requirement) if requirement.name not in FIGURES else ""
    called = name if label(requirement.name).endswith(bound) else f"{name} {bound}"
    return f"{called} ({known} now)" if known[:1].isdigit() else called
