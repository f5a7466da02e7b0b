"""What matters most of a partner's state, the one thing that heads every answer about it (how-tiers-work#verdict)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any

from tiercore.facts.unknown import Unknown
from tiercore.questions.gap import Exactness, exactness_of, points_missing
from tiercore.questions.recalibration import Recalibration, Result
from tiercore.questions.requirements import FIGURES, Requirement, State, Unit
from tiercore.questions.saving import Act, acts_to_keep

_DOUBTFUL = "the expiry of some points is unknown"


class VerdictKind(StrEnum):
    """What a verdict says, what matters most first."""

    DANGER = "danger"  # the held tier is lost if nothing is done
    BELOW = "below"  # the numbers are too low for the held tier, which is kept all the same
    RISES = "rises"  # a higher tier will be credited
    UNKNOWN = "unknown"  # it can't be judged
    FALLING = "falling"  # the numbers will be too low for the held tier, which is kept all the same
    GAIN = "gain"  # the held tier, if any, is kept, and this is missing for the next one
    NOTHING = "nothing"  # the highest tier is held and kept


@dataclass(frozen=True, slots=True)
class Verdict:
    """What matters most on `as_of`, if nothing is added.

    `tier` is the tier that it is about: the held one, the one to be credited, or for GAIN the next one; None for a
    partner without any. `day` is that of the recalibration, or the one on which partners next move up for RISES, GAIN
    and an unknown climb. `outcome` is what is left after a loss (None: no tier). `causes` are the requirements that are
    not met, and `open` those that can't be judged; `reason` says in words what else isn't known. `saves` are the acts
    that keep a tier in danger, the first due first: all of them are needed.

    A tier is kept in spite of low numbers by the sampling day `kept_by`, or is `protected_until` a day; `turns_on` is
    the first sampling day ahead on which the numbers are too low. `missing` are the micropoints to earn by `day` for
    GAIN, None in dollars; `exactness` says how sure that is. `expiring` are the micropoints that expire until then.
    """

    kind: VerdictKind
    as_of: date
    credited_tier: str | None
    credited_on: date | None
    tier: str | None
    day: date
    outcome: str | None = None
    is_certain: bool = True
    causes: tuple[Requirement, ...] = ()
    open: tuple[Requirement, ...] = ()
    reason: str = ""
    saves: tuple[Act, ...] = ()
    kept_by: date | None = None
    protected_until: date | None = None
    turns_on: date | None = None
    missing: int | None = None
    exactness: Exactness = Exactness.EXACT
    expiring: int = 0

    @property
    def is_bad(self) -> bool:
        """Whether a tier is in danger."""
        return self.kind is VerdictKind.DANGER

    @property
    def is_warning(self) -> bool:
        """Whether the numbers are, or will be, too low for a tier that is kept all the same."""
        return self.kind in (VerdictKind.BELOW, VerdictKind.FALLING)

    @property
    def is_good(self) -> bool:
        """Whether it is good news: the held tier is kept or a higher one comes, and nothing about that is unknown."""
        if self.kind in (VerdictKind.RISES, VerdictKind.NOTHING):
            return True
        return self.kind is VerdictKind.GAIN and self.credited_tier is not None


def verdict_of(found: Recalibration) -> Verdict:
    """What matters most of what is known on the day of the recalibration's answer; it takes no further data."""
    for judge in (_danger, _below, _rises, _undecided, _falling, _unknown_climb):
        if verdict := judge(found):
            return verdict
    return _gain(found) if found.climb.tier else _about(found, VerdictKind.NOTHING)


def _about(found: Recalibration, kind: VerdictKind, **more: Any) -> Verdict:
    """A verdict on the held tier at the recalibration, with what `more` is said."""
    about = {"tier": found.credited_tier, "day": found.day, **more}
    return Verdict(kind, found.as_of, found.credited_tier, found.credited_on, **about)


def _about_climb(found: Recalibration, kind: VerdictKind, **more: Any) -> Verdict:
    """A verdict on the tier that the numbers reach on the next day up, or else on the one above."""
    climb = found.climb
    tier = climb.reached.tier if climb.is_above and not isinstance(climb.reached, Unknown) else climb.tier
    return _about(found, kind, tier=tier, day=climb.day, expiring=climb.expiring, **more)


def _danger(found: Recalibration) -> Verdict | None:
    if found.result not in (Result.FALLS, Result.AT_RISK):
        return None
    is_certain = found.result is Result.FALLS
    why = {"causes": found.causes, "saves": acts_to_keep(found)}
    return _about(found, VerdictKind.DANGER, outcome=found.outcome, is_certain=is_certain, **why)


def _below(found: Recalibration) -> Verdict | None:
    is_below = bool(found.amiss) and _is_kept(found)
    return _kept(found, VerdictKind.BELOW, causes=found.amiss) if is_below else None


def _falling(found: Recalibration) -> Verdict | None:
    low = next((sample for sample in found.samples if sample.projected and sample.enough is False), None)
    if low is None or not _is_kept(found):
        return None
    return _kept(found, VerdictKind.FALLING, causes=low.amiss, turns_on=low.day, expiring=low.expiring)


def _kept(found: Recalibration, kind: VerdictKind, **more: Any) -> Verdict:
    kept_by = next((sample.day for sample in found.samples if sample.enough), None)
    protected = found.protected_until if found.result is Result.PROTECTED else None
    return _about(found, kind, kept_by=kept_by, protected_until=protected, **more)


def _is_kept(found: Recalibration) -> bool:
    """Whether the held tier is known to be kept: nothing that might cost it is unknown."""
    if found.result is Result.PROTECTED:
        return True
    return found.result is Result.KEEPS and not found.open and not _is_doubtful(found)


def _is_doubtful(found: Recalibration) -> bool:
    """Whether the tier is kept only by days ahead on which credits count whose expiry is unknown."""
    return all(sample.projected and sample.doubtful for sample in found.samples if sample.enough)


def _rises(found: Recalibration) -> Verdict | None:
    climb = found.climb
    is_known = not climb.open and not climb.doubtful and found.credited_on and found.result is not Result.UNKNOWN
    return _about_climb(found, VerdictKind.RISES) if climb.is_above and is_known else None


def _undecided(found: Recalibration) -> Verdict | None:
    """What can't be judged of the held tier, or that the numbers reach a tier and it isn't known which one is held."""
    if found.credited_on is None and found.climb.is_above:
        return _about_climb(found, VerdictKind.UNKNOWN, reason="no credited tier is on file")
    if found.credited_tier is None or _is_kept(found):
        return None
    return _about(found, VerdictKind.UNKNOWN, open=found.open, reason=_unknown_of(found))


def _unknown_of(found: Recalibration) -> str:
    """What isn't known of the held tier, where it isn't one of its requirements."""
    if found.open:
        return ""
    if found.result is Result.KEEPS:
        return _DOUBTFUL
    if all(each.name != found.credited_tier for each in found.rules.tiers):
        return f"the {found.rules.version} rules have no {(found.credited_tier or '').capitalize()}"
    held = next((each.reached.reason for each in found.samples if isinstance(each.reached, Unknown)), "")
    return f"expiry is {held}" if held else "a sampling day can't be judged"


def _unknown_climb(found: Recalibration) -> Verdict | None:
    """What can't be judged of the way up, where that might be good news or nothing is known to be missing."""
    climb, unknown = found.climb, partial(_about_climb, found, VerdictKind.UNKNOWN)
    if isinstance(climb.reached, Unknown):
        return unknown(reason=f"expiry is {climb.reached.reason}") if climb.tier else None
    if climb.is_above:
        return unknown(open=climb.open, reason="" if climb.open else _DOUBTFUL)
    total = climb.requirements[0] if climb.requirements else None
    unset = tuple(each for each in climb.requirements if each.name in FIGURES and _is_unknown(each))
    is_short = any(each.state is State.RED for each in climb.requirements)
    if total is None or not unset or (is_short and total.state is not State.NOT_CONFIGURED):
        return None
    return unknown(open=unset)


def _gain(found: Recalibration) -> Verdict:
    needed, exactness = found.climb.requirements, exactness_of(found.climb.requirements)
    return _about_climb(
        found,
        VerdictKind.GAIN,
        causes=tuple(each for each in needed if each.state is State.RED),
        open=tuple(each for each in needed if _is_unknown(each)),
        missing=points_missing(needed) if needed[0].unit is Unit.POINTS else None,
        exactness=_at_least(exactness) if found.climb.doubtful else exactness,
    )


def _is_unknown(requirement: Requirement) -> bool:
    return requirement.state in (State.UNKNOWN, State.NOT_CONFIGURED)


def _at_least(exactness: Exactness) -> Exactness:
    """The exactness of what is missing where more may expire than is known."""
    return Exactness.AT_LEAST if exactness in (Exactness.EXACT, Exactness.AT_LEAST) else Exactness.ABOUT
