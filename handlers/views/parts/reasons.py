"""Why a tier is lost or can't be judged, and how much is missing for the next one, within a sentence."""

from collections.abc import Sequence
from datetime import date

from handlers.views.parts.formats import ahead, listed, points
from handlers.views.parts.requirement import figure, in_words, label_inside, of_requirement
from tiercore.questions.gap import Exactness, exactness_of, points_missing, sources_of
from tiercore.questions.requirements import FIGURES, Requirement, State, Unit

BOUNDS = {
    Exactness.AT_LEAST: "at least ",
    Exactness.AT_MOST: "at most ",
    Exactness.ABOUT: "about ",
    Exactness.EXACT: "",
}


def not_met(causes: Sequence[Requirement], as_of: date, *, how_far: bool = False) -> str:
    """Which requirements are not met: "sold minimum and C$R not met; certification expires on 28 Nov 2022", with how
    far away its end is if asked for.
    """
    days = [_end(each, as_of, how_far=how_far) for each in causes if each.unit is Unit.DAY]
    others = [label_inside(each.name) for each in causes if each.unit is not Unit.DAY]
    return "; ".join([*([f"{listed(others)} not met"] if others else []), *days])


def _end(requirement: Requirement, as_of: date, *, how_far: bool) -> str:
    left = ahead(requirement.have, as_of) if how_far and isinstance(requirement.have, date) else ""
    return f"{of_requirement(requirement, as_of)}{f', {left}' if left else ''}"


def in_full(causes: Sequence[Requirement], as_of: date) -> str:
    """Each requirement with its figures: "sold minimum 15 short (75 of 90); certification expired on 1 Oct 2022"."""
    return "; ".join(of_requirement(each, as_of) for each in causes)


def labels(requirements: Sequence[Requirement]) -> str:
    """The requirements by name: "certification and median tool usage"."""
    return listed([label_inside(each.name) for each in requirements])


def not_judged(figures: Sequence[Requirement]) -> str:
    """That figures can't be judged: "combined points and sourced minimum aren't set"."""
    unset = [each for each in figures if each.state is State.NOT_CONFIGURED]
    unknown = [each for each in figures if each.state is State.UNKNOWN]
    said = [(each, why) for each, why in ((unset, "set"), (unknown, "known")) if each]
    return "; ".join(f"{labels(each)} {_are(each)}n't {why}" for each, why in said)


def _are(figures: Sequence[Requirement]) -> str:
    return "are" if len(figures) > 1 or labels(figures).endswith("points") else "is"


def to_go(requirements: Sequence[Requirement], goal: str) -> str:
    """How many points are missing for a tier, as far as its figures are set: "at least 24.4 points to Platinum".

    Where the total is enough, of which kind they are: "60 managed points to Gold".
    """
    missing = points_missing(requirements)
    if missing:
        return f"{bound_on(requirements)}{points(missing)} {_kinds(requirements)}points to {goal}"
    if is_exact(requirements):
        return f"no points missing for {goal}"
    return f"no points known to be missing for {goal}"


def _kinds(requirements: Sequence[Requirement]) -> str:
    """The minimums that are not met, as a word before "points"; "" where the total is missing, too, or unknown."""
    total = next((each for each in requirements if each.name == "combined_threshold"), None)
    if total is None or total.state is not State.GREEN:
        return ""
    short = [each.name.removesuffix("_minimum") for each in requirements if each.short and sources_of(each.name)]
    return f"{listed(short)} "


def is_exact(requirements: Sequence[Requirement]) -> bool:
    """Whether all of a tier's figures are known, and so what is missing, too."""
    return exactness_of(requirements) is Exactness.EXACT


def bound_on(requirements: Sequence[Requirement]) -> str:
    """The word before a number of missing points: "at least " where a figure isn't set; "" where it is exact."""
    return BOUNDS[exactness_of(requirements)]


def have_of_need(requirement: Requirement) -> str:
    """What there is against what is needed: "75 of 90"."""
    return f"{figure(requirement.have, requirement.unit)} of {figure(requirement.need, requirement.unit)}"


def left_of(requirement: Requirement, as_of: date) -> str:
    """What is left of a requirement that turns red: "75 of 90", "expires on 28 Nov 2022"."""
    return have_of_need(requirement) if requirement.name in FIGURES else in_words(requirement, as_of)
