"""The most useful things to do this week, the most urgent first (how-tiers-work#up-and-down)."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby, islice

from tiercore.facts.points import Source
from tiercore.questions.expiry import Expiry, Lapse
from tiercore.questions.projection import Breach
from tiercore.questions.recalibration import Recalibration
from tiercore.questions.requirements import FIGURES, Requirement, State, Unit
from tiercore.questions.standing import Standing
from tiercore.rating.credits import Cause

MAX_ADVICE = 3
DECISION_DAYS = 45  # before an agreement ends or a subscription renews

# The sources that count for a figure, by the first part of its name; all of them for any other.
COUNTED = {
    "managed": frozenset({Source.MANAGED}),
    "sold": frozenset(Source) - {Source.MANAGED},
    "sourced": frozenset({Source.SOURCED}),
}


class Action(StrEnum):
    """What the partner can do."""

    RENEW = "renew"  # a certification or the membership, before the recalibration
    REGAIN = "regain"  # a figure that the credited tier requires and that is too low
    REPLACE = "replace"  # points that expire, before a figure turns red without them
    AGREE = "agree"  # on a new agreement with a client whose agreement ends
    PREPARE = "prepare"  # for a figure that the rules raise above what there is
    EARN = "earn"  # what is missing for the next tier


@dataclass(frozen=True, slots=True)
class ClientLapse:
    """All of a client's points that expire on a day for the same cause, whatever their product lines."""

    client_id: str
    client: str
    micropoints: int
    lapses_on: date
    cause: Cause


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do: for a `requirement` of a `tier`, about a client's `lapse`, by a `day`, as far as they apply.

    For an agreement, no `day` means that it should be decided now. `red_on` is when the requirement turns red.
    """

    action: Action
    tier: str | None = None
    requirement: Requirement | None = None
    lapse: ClientLapse | None = None
    day: date | None = None
    red_on: date | None = None


def advice_on(standing: Standing, expiry: Expiry, recalibration: Recalibration) -> tuple[Advice, ...]:
    """At most MAX_ADVICE things to do, the most urgent first."""
    return tuple(islice(_all_advice(standing, expiry, recalibration), MAX_ADVICE))


def _all_advice(standing: Standing, expiry: Expiry, recalibration: Recalibration) -> Iterator[Advice]:
    credited = standing.credited_tier
    yield from (Advice(Action.REGAIN, credited, each) for each in standing.amiss if each.name in FIGURES)
    for condition in recalibration.conditions:
        if condition.state is State.RED and credited:
            ends = condition.have + timedelta(1) if isinstance(condition.have, date) else recalibration.day
            by = min(ends, recalibration.day)
            yield Advice(Action.RENEW, credited, condition, day=by if by > expiry.as_of else None)
    replacements = list(_replacements(expiry, credited))
    yield from replacements
    yield from _agreements(expiry, [each.lapse for each in replacements])
    for each in standing.requirements if standing.next_tier else ():
        if each.state is State.RED and each.name in FIGURES and each.unit is Unit.POINTS:
            yield Advice(Action.EARN, standing.next_tier, each)
            return


def _replacements(expiry: Expiry, credited: str | None) -> Iterator[Advice]:
    """The first figure to turn red, the credited tier's before others, and the client whose expiry costs it most; no
    client where the rules raise the figure above what there is today.
    """
    breaches = sorted(expiry.breaches, key=lambda breach: (breach.tier != credited, breach.day))
    for breach in breaches[:1]:
        if breach.is_raised:
            yield Advice(Action.PREPARE, breach.tier, breach.requirement, red_on=breach.day)
            continue
        lapse = _largest(expiry.items, breach)
        if lapse and lapse.cause is Cause.AGREEMENT_ENDED:
            yield Advice(
                Action.AGREE, breach.tier, breach.requirement, lapse, _decide_by(lapse, expiry.as_of), breach.day
            )
        elif lapse:
            yield Advice(Action.REPLACE, breach.tier, breach.requirement, lapse, red_on=breach.day)


def _largest(items: Sequence[Lapse], breach: Breach) -> ClientLapse | None:
    """The client's lapse up to the breach that costs its requirement most."""
    counted = COUNTED.get(breach.requirement.name.partition("_")[0], frozenset(Source))
    before = [each for each in items if each.lapses_on <= breach.day and each.source in counted]
    return max(_by_client(before), key=lambda each: each.micropoints, default=None)


def _by_client(items: Iterable[Lapse]) -> Iterator[ClientLapse]:
    """What each client loses on a day for a cause, soonest first."""
    for (lapses_on, client_id, cause), lapses in groupby(sorted(items, key=_client_key), key=_client_key):
        client, *others = lapses
        micropoints = client.micropoints + sum(each.micropoints for each in others)
        yield ClientLapse(client_id, client.client, micropoints, lapses_on, cause)


def _client_key(lapse: Lapse) -> tuple[date, str, Cause]:
    return lapse.lapses_on, lapse.client_id, lapse.cause


def _agreements(expiry: Expiry, named: Collection[ClientLapse | None]) -> Iterator[Advice]:
    """The next agreement to end that is not named yet, and by when to decide about it."""
    endings = _by_client(each for each in expiry.items if each.cause is Cause.AGREEMENT_ENDED)
    ending = next((each for each in endings if each not in named), None)
    if ending:
        yield Advice(Action.AGREE, lapse=ending, day=_decide_by(ending, expiry.as_of))


def _decide_by(ending: ClientLapse, as_of: date) -> date | None:
    """By when to decide about an agreement, None if now."""
    day = ending.lapses_on - timedelta(1 + DECISION_DAYS)
    return day if day > as_of else None
