"""A verdict in words: the headline of every answer about a partner, its mark, and what keeps a tier in danger."""

from collections.abc import Iterator, Sequence
from typing import Any

from handlers.views.parts.formats import day, due, listed, money, points, prose, tier
from handlers.views.parts.reasons import BOUNDS, in_full, not_judged, not_met
from handlers.views.parts.requirement import label_inside
from tiercore.facts.money import Money
from tiercore.facts.points import as_decimal
from tiercore.questions.requirements import FIGURES, Requirement, State, Unit
from tiercore.questions.saving import Act, ActKind
from tiercore.questions.verdict import Verdict, VerdictKind

_MARKS = {
    VerdictKind.DANGER: "🔴",
    VerdictKind.BELOW: "🟠",
    VerdictKind.RISES: "🎉",
    VerdictKind.UNKNOWN: "⚪",
    VerdictKind.FALLING: "🟠",
    VerdictKind.GAIN: "🎯",
    VerdictKind.NOTHING: "🟢",
}
_SEVERAL = 2


def mark(verdict: Verdict) -> str:
    """The verdict's mark: a colour for the held tier, red in danger, and never green for what is unknown."""
    return mark_of_kind(verdict.kind)


def mark_of_kind(kind: VerdictKind) -> str:
    """The mark of verdicts of this kind."""
    return _MARKS[kind]


def headline(verdict: Verdict) -> str:
    """What matters most in a phrase, with its day and its cause: "Gold falls to no tier on 15 Jan 2023, in 132 days:
    sold minimum not met".
    """
    match verdict.kind:
        case VerdictKind.DANGER:
            return _danger(verdict)
        case VerdictKind.BELOW | VerdictKind.FALLING:
            low = f"its numbers are too low {f'on {day(verdict.turns_on)}' if verdict.turns_on else 'today'}"
            return f"{tier(verdict.tier)} {_kept(verdict)}, but {low}: {_causes(verdict)}"
        case VerdictKind.RISES if verdict.day == verdict.as_of:
            return f"{tier(verdict.tier)} is credited today, {day(verdict.day)}"
        case VerdictKind.RISES:
            return f"{tier(verdict.tier)} will be credited on {due(verdict.day, verdict.as_of)}"
        case VerdictKind.GAIN:
            return "; ".join(filter(None, [_held(verdict), to_earn(verdict), _others(verdict)]))
        case VerdictKind.NOTHING:
            return f"{tier(verdict.tier)} is kept on {due(verdict.day, verdict.as_of)}; it's the highest tier"
    return _unknown(verdict)


def beside_figure(verdict: Verdict) -> str:
    """The headline without what is missing for the next tier, which `to_earn` says beside it; "" for nothing more."""
    if verdict.kind is not VerdictKind.GAIN:
        return headline(verdict)
    return "; ".join(filter(None, [_held(verdict), _others(verdict)]))


def lines(verdict: Verdict) -> list[str]:
    """What keeps a tier in danger, or why one is kept, and what expires until the day, a sentence each."""
    found = [_saves(each, verdict) for each in verdict.saves]
    if verdict.kept_by and not verdict.protected_until:
        reached = f"{day(verdict.kept_by)} reaches {tier(verdict.tier)}"
        found.append(f"One sampling day is enough, and {reached}.")
    by = verdict.turns_on or verdict.day
    is_about_points = any(each.name in FIGURES for each in verdict.causes)
    if verdict.expiring > 0 and is_about_points and verdict.kind in (VerdictKind.GAIN, VerdictKind.FALLING):
        found.append(f"{points(verdict.expiring)} of today's points expire by {day(by)}.")
    return found


def to_keep(verdict: Verdict) -> str:
    """All that keeps a tier in danger, without its stop: "Renew the certification by 24 Jun 2023, in 4 days, and earn
    9 sold points by 15 Jul 2023, in 25 days, to keep Gold".
    """
    *firsts, last = [_saves(each, verdict).removesuffix(".") for each in verdict.saves]
    keep = f", to keep {tier(verdict.tier)}"
    if not last.startswith(("Earn ", "Renew ")) or not all(each.endswith(keep) for each in firsts):
        return ". ".join([*firsts, last])
    said = [each.removesuffix(keep) for each in firsts]
    return f"{', '.join([said[0], *map(_inside, said[1:])])}, and {_inside(last)}"


def _inside(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def in_sentences(verdict: Verdict) -> list[str]:
    """The headline and the lines as sentences, for a message's text."""
    return [f"{mark(verdict)} {headline(verdict)}.", *lines(verdict)]


def _danger(verdict: Verdict) -> str:
    when, cause = due(verdict.day, verdict.as_of), _causes(verdict)
    falls = f"falls to {tier(verdict.outcome)}" if verdict.is_certain else "at risk"
    return f"{tier(verdict.tier)} {falls} on {when}{f': {cause}' if cause else ''}"


def _causes(verdict: Verdict) -> str:
    return not_met(verdict.causes, verdict.as_of)


def _kept(verdict: Verdict) -> str:
    """Until when the held tier is kept although the numbers are too low."""
    return f"protected until {day(until)}" if (until := verdict.protected_until) else f"kept on {day(verdict.day)}"


def _held(verdict: Verdict) -> str:
    """The beginning of a headline about the climb: "Gold kept"; "" without a tier."""
    if verdict.credited_on is None:
        return "no credited tier on file"
    return f"{tier(verdict.credited_tier)} kept" if verdict.credited_tier else ""


def to_earn(verdict: Verdict) -> str:
    """What is missing for the next tier, and by when: "225 points to Platinum by 15 Sep 2022, in 10 days"."""
    goal, by = tier(verdict.tier), f"by {due(verdict.day, verdict.as_of)}"
    bound = BOUNDS[verdict.exactness]
    figures = [each for each in verdict.causes if each.name in FIGURES]
    if verdict.missing:
        return f"{bound}{points(verdict.missing)} {_kinds(figures)}points to {goal} {by}"
    if cents := [each for each in figures if each.unit is Unit.US_CENTS and each.short]:
        amounts = [f"{money(Money(each.short or 0, 'USD'))} of {each.name.split('_')[0]} MRR" for each in cents]
        return f"{bound}{listed(amounts)} short of {goal} {by}"
    known = "known to be " if verdict.open else ""
    return f"no points {known}missing for {goal} {by}"


def _others(verdict: Verdict) -> str:
    """What isn't met for the next tier besides points and MRR."""
    return not_met([each for each in verdict.causes if each.name not in FIGURES], verdict.as_of)


def _kinds(figures: Sequence[Requirement]) -> str:
    """The minimums that are not met, where the total is: "managed "."""
    is_total_met = all(each.name != "combined_threshold" for each in figures)
    return f"{listed([_kind(each) for each in figures])} " if figures and is_total_met else ""


def _of_them(figures: Sequence[Requirement]) -> str:
    """How many of the missing points have to be of a kind, where the total isn't met: ", 91.43 of them sold,"."""
    minimums = [each for each in figures if each.name != "combined_threshold" and each.short]
    if not minimums or len(minimums) == len(figures):
        return ""
    return f", {listed([f'{points(each.short or 0)} of them {_kind(each)}' for each in minimums])},"


def _kind(figure: Requirement) -> str:
    return figure.name.removesuffix("_minimum")


def _unknown(verdict: Verdict) -> str:
    goal, why = tier(verdict.tier), prose(verdict.reason) or why_unknown(verdict.open)
    if verdict.credited_on is None and verdict.reason:
        return f"the numbers reach {goal}, but {why}"
    if verdict.tier == verdict.credited_tier:
        return f"can't tell whether {goal} is kept on {due(verdict.day, verdict.as_of)}: {why}"
    if any(each.name in FIGURES for each in verdict.open):
        return "; ".join(filter(None, [_held(verdict), f"can't tell how far it is to {goal}: {why}"]))
    unsure = f"can't tell whether {goal} is credited on {due(verdict.day, verdict.as_of)}: {why}"
    return "; ".join(filter(None, [_held(verdict), unsure]))


def why_unknown(open_: Sequence[Requirement]) -> str:
    """What can't be judged, with several figures that aren't set as one: "thresholds aren't set"."""
    unset = [each for each in open_ if each.name in FIGURES and each.state is State.NOT_CONFIGURED]
    if len(unset) < _SEVERAL:
        return not_judged(open_)
    rest = not_judged([each for each in open_ if each not in unset])
    return f"thresholds aren't set{f'; {rest}' if rest else ''}"


def _saves(act: Act, verdict: Verdict) -> str:
    """One act, its figure and its last day: "Earn 37.5 sold points by 15 Jan 2023, in 132 days, to keep Gold."."""
    keep, by = f"to keep {tier(verdict.tier)}", f"by {due(act.day, verdict.as_of)},"
    figures = [each for each in act.requirements if each.name in FIGURES]
    others = in_full([each for each in act.requirements if each not in figures], verdict.as_of)
    if act.kind is ActKind.RENEW:
        [renewed] = act.requirements
        when = by if renewed.have == act.day else f"now, before {day(act.day)},"
        return f"Renew the {label_inside(renewed.name)} {when} {keep}."
    if not act.points:
        return f"Needed {by} {keep}: {in_full(act.requirements, verdict.as_of)}."
    bound = "at least " if act.at_least else ""
    earn = f"Earn {bound}{points(act.points)} {_kinds(figures)}points{_of_them(figures)} {by} {keep}."
    needed = f" Needed, too: {others}." if others else ""
    expire = f" {points(act.expiring)} of today's points expire by then." if act.expiring > 0 else ""
    return f"{earn}{needed}{expire}"


def record_of(verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON: points as decimal strings, days as ISO dates, requirements by name."""
    return {
        "kind": verdict.kind.value,
        "headline": headline(verdict),
        "tier": verdict.tier,
        "day": verdict.day.isoformat(),
        "outcome": verdict.outcome,
        "causes": [each.name for each in verdict.causes],
        "not_known": [each.name for each in verdict.open],
        "saves": list(_act_records(verdict.saves)),
        "kept_by": verdict.kept_by.isoformat() if verdict.kept_by else None,
        "protected_until": verdict.protected_until.isoformat() if verdict.protected_until else None,
        "missing": None if verdict.missing is None else as_decimal(verdict.missing),
        "expiring": as_decimal(verdict.expiring),
    }


def _act_records(acts: Sequence[Act]) -> Iterator[dict[str, Any]]:
    for act in acts:
        yield {
            "kind": act.kind.value,
            "by": act.day.isoformat(),
            "points": None if act.points is None else as_decimal(act.points),
            "requirements": [each.name for each in act.requirements],
        }
