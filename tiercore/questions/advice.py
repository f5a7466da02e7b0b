"""The most useful things to do this week; what is lost first comes first (how-tiers-work#up-and-down)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

from tiercore.facts.points import Source
from tiercore.questions.expiry import Expiry, Lapse
from tiercore.questions.projection import Breach
from tiercore.questions.recalibration import Recalibration
from tiercore.questions.requirements import FIGURES, Requirement, State, Unit
from tiercore.questions.standing import Standing
from tiercore.rating.credits import Cause

MOST = 3
DECISION_DAYS = 45  # before an agreement ends or a subscription renews


COUNTED = {
    "managed": frozenset({Source.MANAGED}),
    "sold": frozenset(Source) - {Source.MANAGED},
    "sourced": frozenset({Source.SOURCED}),
}


class Action(StrEnum):
    """What one can do."""

    RENEW = "renew"  # a certification or the membership, before the recalibration
    REGAIN = "regain"  # a figure that the held tier asks for and that is missing
    REPLACE = "replace"  # a client's points, before a figure turns red for want of them
    AGREE = "agree"  # with a client whose agreement ends
    EARN = "earn"  # what is missing to the next tier


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do: of a `requirement` of a `tier`, for a `lapse` of a client, by a `day`, where they apply.

    An agreement without a day is to be decided about now; `turns` is when the requirement turns red with it.
    """

    deed: Action
    tier: str | None = None
    requirement: Requirement | None = None
    lapse: Lapse | None = None
    day: date | None = None
    breaches: date | None = None


def advice_on(standing: Standing, expiry: Expiry, recalibration: Recalibration) -> tuple[Advice, ...]:
    """At most MOST things to do, the most pressing first."""
    return tuple(islice(_everything(standing, expiry, recalibration), MOST))


def _everything(standing: Standing, expiry: Expiry, recalibration: Recalibration) -> Iterator[Advice]:
    held = standing.credited_tier
    yield from (Advice(Action.REGAIN, held, each) for each in standing.amiss if each.name in FIGURES)
    for each in recalibration.conditions:
        if each.state is State.RED and held:
            until = each.have + timedelta(1) if isinstance(each.have, date) else recalibration.day
            by = min(until, recalibration.day)
            yield Advice(Action.RENEW, held, each, day=by if by > expiry.as_of else None)
    replacing = list(_replacing(expiry, held))
    yield from replacing
    yield from _agreeing(expiry, [each.lapse for each in replacing])
    for each in standing.requirements if standing.next_tier else ():
        if each.state is State.RED and each.name in FIGURES and each.unit is Unit.POINTS:
            yield Advice(Action.EARN, standing.next_tier, each)
            return


def _replacing(expiry: Expiry, held: str | None) -> Iterator[Advice]:
    """The figure that turns red first, the held tier's before the next one's, and the client that costs it most."""
    breaches = sorted(expiry.breaches, key=lambda breach: (breach.tier != held, breach.day))
    for breach in breaches[:1]:
        lapse = _largest(expiry.items, breach)
        if lapse and lapse.cause is Cause.AGREEMENT_ENDED:
            yield Advice(
                Action.AGREE, breach.tier, breach.requirement, lapse, _decision(lapse, expiry.as_of), breach.day
            )
        elif lapse:
            yield Advice(Action.REPLACE, breach.tier, breach.requirement, lapse, breaches=breach.day)


def _largest(items: Sequence[Lapse], breach: Breach) -> Lapse | None:
    counted = COUNTED.get(breach.requirement.name.partition("_")[0], frozenset(Source))
    before = [each for each in items if each.lapses_on <= breach.day and each.source in counted]
    return max(before, key=lambda each: each.micropoints, default=None)


def _agreeing(expiry: Expiry, named: Collection[Lapse | None]) -> Iterator[Advice]:
    """The agreement that ends next and is not named yet, and by when to decide about it."""
    ended = (each for each in expiry.items if each.cause is Cause.AGREEMENT_ENDED)
    ending = next((each for each in ended if each not in named), None)
    if ending:
        yield Advice(Action.AGREE, lapse=ending, day=_decision(ending, expiry.as_of))


def _decision(ending: Lapse, as_of: date) -> date | None:
    """By when to decide about an agreement, None for now."""
    day = ending.lapses_on - timedelta(1 + DECISION_DAYS)
    return day if day > as_of else None
