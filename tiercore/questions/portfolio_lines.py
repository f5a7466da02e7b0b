"""The partners of a portfolio by what they are chosen, counted and ranked by (digests-and-alerts#several-partners)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from tiercore.facts.points import hundredths
from tiercore.questions.doubts import Doubt
from tiercore.questions.goals import GoalProgress
from tiercore.questions.hindsight import Hindsight


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """A partner's line; points in micropoints. `change` is what came or went, `missing` what the next tier takes (None:
    unknown, in dollars, or no tier above).

    One that `is_at_risk` has so much `at_stake` for `days_left`. `doubts` say why it can't be judged. So much was
    `corrected` in hindsight at the beginning of the time; what was known then `is_known_before` it. `goal` is how it
    stands with the one that was kept.
    """

    partner_id: str
    name: str
    change: int
    missing: int | None
    is_at_risk: bool
    at_stake: int
    days_left: int | None
    is_close: bool
    is_close_known: bool
    doubts: tuple[Doubt, ...] = ()
    corrected: int = 0
    is_known_before: bool = True
    goal: GoalProgress | None = None

    @property
    def moved(self) -> int:
        """The larger of what came or went and what was corrected, in micropoints."""
        return max(abs(self.change), abs(self.corrected))

    @property
    def is_unjudged(self) -> bool:
        """Whether no risk is known, but one can't be ruled out."""
        return not self.is_at_risk and bool(self.doubts)

    @property
    def urgency(self) -> Fraction:
        """Micropoints at stake for each day that is left (digests-and-alerts#needs-attention); 0 without a risk."""
        return Fraction(self.at_stake, self.days_left or 1)

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to say of it: no risk, nothing unknown, no tier close by, no points moved and no
        goal off track.
        """
        is_late = self.goal is not None and self.goal.is_late
        return not (self.is_at_risk or self.is_unjudged or self.is_close or hundredths(self.moved) or is_late)


def corrected_in(hindsight: Hindsight | None) -> int:
    """Micropoints corrected in hindsight at the beginning of the time."""
    return hindsight.at_since.combined if hindsight and hindsight.corrections else 0


@dataclass(frozen=True)
class Outline:
    """The time after `since` of every partner a viewer may see, a line for each; `version` is the data's. What is
    derived from the lines is computed once.
    """

    as_of: date
    lines: tuple[PartnerLine, ...]
    since: date | None = None
    version: int = 0

    @property
    def has_news(self) -> bool:
        """Whether a partner needs attention, can't be judged, or moved, as far as that is known."""
        is_known = all(each.is_known_before for each in self.lines)
        return bool(self.at_risk or self.unjudged or self.moved) or not is_known

    @cached_property
    def moved(self) -> list[PartnerLine]:
        """The partners whose points changed or were corrected, largest change first."""
        return sorted((each for each in self.lines if hundredths(each.moved)), key=lambda each: -each.moved)

    @cached_property
    def at_risk(self) -> list[PartnerLine]:
        """The partners at risk, the most urgent first; equally urgent ones by the days left, then by name."""
        found = (each for each in self.lines if each.is_at_risk)
        return sorted(found, key=lambda each: (-each.urgency, each.days_left, each.name))

    @cached_property
    def quiet(self) -> list[PartnerLine]:
        """The partners of which there is nothing to say, by name."""
        return sorted((each for each in self.lines if each.is_quiet), key=lambda each: each.name)

    @cached_property
    def unjudged(self) -> list[PartnerLine]:
        """The partners that can't be judged, by name."""
        return sorted((each for each in self.lines if each.is_unjudged), key=lambda each: each.name)

    @cached_property
    def by_doubt(self) -> list[tuple[Doubt, list[PartnerLine]]]:
        """The partners that can't be judged under each reason, the most frequent reason first."""
        found: dict[Doubt, list[PartnerLine]] = {}
        for line in self.unjudged:
            for doubt in line.doubts:
                found.setdefault(doubt, []).append(line)
        return sorted(found.items(), key=lambda each: -len(each[1]))

    @cached_property
    def goals(self) -> list[PartnerLine]:
        """The partners with a goal that aren't at risk, those off track first, then by the goal's day."""
        found = ((each.goal, each) for each in self.lines if each.goal and not each.is_at_risk)
        return [each for _, each in sorted(found, key=lambda pair: (not pair[0].is_late, pair[0].goal.day))]

    @cached_property
    def unset(self) -> int:
        """How many thresholds aren't set that some partner would be judged by."""
        return len({(doubt.tier, figure) for doubt, _ in self.by_doubt for figure in doubt.unset})

    @cached_property
    def close(self) -> list[PartnerLine]:
        """The partners close to their next tier, closest first."""
        return sorted((each for each in self.lines if each.is_close), key=lambda each: each.missing or 0)


Shown = Callable[[Outline], Sequence[PartnerLine]]  # which partners of an outline are shown in full


def outline_of(as_of: date, lines: Iterable[PartnerLine], since: date | None = None, version: int = 0) -> Outline:
    """The outline on the day, with everything derived from it: for thousands of partners that takes a while."""
    outline = Outline(as_of, tuple(lines), since, version)
    for derived in (each for each in vars(Outline).values() if isinstance(each, cached_property)):
        derived.__get__(outline)
    return outline
