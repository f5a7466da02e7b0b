"""The most useful things to do this week, the most urgent first (how-tiers-work#up-and-down)."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby, islice

from tiercore.facts.points import Source
from tiercore.questions.expiry import Expiry, Lapse
from tiercore.questions.projection import Breach
from tiercore.questions.recalibration import Recalibration
from tiercore.questions.requirements import FIGURES, Requirement, State, Unit
from tiercore.questions.saving import Act
from tiercore.questions.standing import Standing
from tiercore.questions.verdict import VerdictKind, verdict_of
from tiercore.rating.credits import Cause

MAX_ADVICE = 3
TOTAL = "combined_threshold"
DECISION_DAYS = 45  # before an agreement ends or a subscription renews

# The sources that count for a figure, by the first part of its name; all of them for any other.
COUNTED = {
    "managed": frozenset({Source.MANAGED}),
    "sold": frozenset(Source) - {Source.MANAGED},
    "sourced": frozenset({Source.SOURCED}),
}


class Action(StrEnum):
    """What the partner can do."""

    SAVE = "save"  # the credited tier, which is in danger
    RENEW = "renew"  # a certification or the membership, before the recalibration
    REGAIN = "regain"  # the figures that the credited tier requires and that are too low
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
    """One thing to do: `by` is the last day on which it helps, which is today for what should be done now.

    It is for `requirements` of a `tier`, about a client's `lapse`, or an `act` of the verdict's, as far as they apply.
    `red_on` is when the requirement turns red.
    """

    action: Action
    by: date
    tier: str | None = None
    requirements: tuple[Requirement, ...] = ()
    lapse: ClientLapse | None = None
    red_on: date | None = None
    act: Act | None = None


def advice_on(standing: Standing, expiry: Expiry, recalibration: Recalibration) -> tuple[Advice, ...]:
    """At most MAX_ADVICE things to do: what keeps a credited tier that is in danger, then the others, soonest first,
    and what leads to the next tier last.

    No two say the same: a tier's requirement and a client's expiring points are each in one of them.
    """
    chosen = islice(_without_repeating(_all_advice(standing, expiry, recalibration)), MAX_ADVICE)
    keeps = verdict_of(recalibration).is_bad
    return tuple(sorted(chosen, key=lambda each: (_rank(each, standing.credited_tier, keeps=keeps), each.by)))


def _rank(advice: Advice, credited: str | None, *, keeps: bool) -> int:
    """What comes first: 0 for what keeps a tier in danger, 2 for what leads to the next one, 1 for all else."""
    if advice.action is Action.EARN:
        return 2
    is_keeping = advice.action in (Action.SAVE, Action.RENEW, Action.REGAIN) and advice.tier == credited
    return 0 if keeps and is_keeping else 1


def first_act(standing: Standing, expiry: Expiry, recalibration: Recalibration) -> Advice | None:
    """The one thing that helps the credited tier most; None where nothing does, or there is no tier to help."""
    found = _all_advice(standing, expiry, recalibration)
    return next((each for each in found if each.action is not Action.EARN), None)


def _without_repeating(advices: Iterable[Advice]) -> Iterator[Advice]:
    """The advice without what an earlier one says of the same requirement; a client's agreement is settled anyway."""
    named = set[tuple[str | None, str]]()
    for each in advices:
        left = tuple(one for one in each.requirements if (each.tier, one.name) not in named)
        if left or not each.requirements:
            yield replace(each, requirements=left)
        elif each.action is Action.AGREE:
            yield replace(each, requirements=(), red_on=None)
        named |= {(each.tier, one.name) for one in left}


def _all_advice(standing: Standing, expiry: Expiry, recalibration: Recalibration) -> Iterator[Advice]:
    credited, verdict = standing.credited_tier, verdict_of(recalibration)
    yield from (_saving(act, credited, expiry) for act in verdict.saves)
    for condition in recalibration.conditions:
        if condition.state is State.RED and credited:
            yield Advice(Action.RENEW, _valid_until(condition, recalibration), credited, (condition,))
    if amiss := tuple(_to_earn(standing.amiss)):
        yield Advice(Action.REGAIN, recalibration.day, credited, amiss)
    replacements = list(_replacements(expiry, credited))
    yield from replacements
    yield from _agreements(expiry, [each.lapse for each in replacements])
    if verdict.kind is VerdictKind.GAIN and verdict.missing:
        yield Advice(Action.EARN, verdict.day, verdict.tier, verdict.causes)


def _saving(act: Act, credited: str | None, expiry: Expiry) -> Advice:
    """An act of the verdict's, with the client whose expiry costs the first of its figures to turn red most."""
    names = {each.name for each in act.requirements}
    lost = [each for each in expiry.breaches if each.tier == credited and each.requirement.name in names]
    lapse = _largest(expiry.items, lost[0]) if lost and not lost[0].is_raised else None
    is_said_here = lapse and lapse.lapses_on <= act.day and lapse.cause is not Cause.AGREEMENT_ENDED
    return Advice(Action.SAVE, act.day, credited, act.requirements, lapse if is_said_here else None, act=act)


def _valid_until(condition: Requirement, recalibration: Recalibration) -> date:
    """The last day on which the condition is met without a gap; today where it isn't met any more."""
    until = condition.have if isinstance(condition.have, date) else recalibration.day
    return max(recalibration.as_of, min(until, recalibration.day))


def _to_earn(amiss: Iterable[Requirement]) -> Iterator[Requirement]:
    """The figures that are too low: in points without the total where the minimums bring what it lacks."""
    figures = [each for each in amiss if each.name in FIGURES]
    minimums = sum(each.short or 0 for each in figures if each.name != TOTAL)
    for each in figures:
        if each.name != TOTAL or each.unit is not Unit.POINTS or (each.short or 0) > minimums:
            yield each


def _replacements(expiry: Expiry, credited: str | None) -> Iterator[Advice]:
    """The first figure to turn red, the credited tier's before others, and the client whose expiry costs it most; no
    client where the rules raise the figure above what there is today.
    """
    breaches = sorted(expiry.breaches, key=lambda breach: (breach.tier != credited, breach.day))
    for breach in breaches[:1]:
        about, last = (breach.tier, (breach.requirement,)), max(expiry.as_of, breach.day - timedelta(1))
        if breach.is_raised:
            yield Advice(Action.PREPARE, last, *about, red_on=breach.day)
            continue
        lapse = _largest(expiry.items, breach)
        if lapse and lapse.cause is Cause.AGREEMENT_ENDED:
            yield Advice(Action.AGREE, _decide_by(lapse, expiry.as_of), *about, lapse, breach.day)
        elif lapse:
            yield Advice(Action.REPLACE, last, *about, lapse, breach.day)


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
        yield Advice(Action.AGREE, _decide_by(ending, expiry.as_of), lapse=ending)


def _decide_by(ending: ClientLapse, as_of: date) -> date:
    """By when to decide about an agreement: today where that day is over."""
    return max(as_of, ending.lapses_on - timedelta(1 + DECISION_DAYS))
