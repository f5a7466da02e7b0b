"""What to do, in a sentence."""

from collections.abc import Sequence
from datetime import date, timedelta

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import day, due, listed, name, points, possessive, tier
from handlers.views.parts.reasons import BOUNDS
from handlers.views.parts.requirement import equals_sign, figure, how_much, in_money, label_inside, turns_red, ways_of
from handlers.views.parts.verdict import lines, to_keep
from tiercore.program import Rules
from tiercore.questions.advice import COUNTED, TOTAL, Action, Advice, ClientLapse
from tiercore.questions.gap import points_missing, sources_of
from tiercore.questions.requirements import Requirement, Unit
from tiercore.questions.verdict import Verdict


def in_a_sentence(advice: Advice, verdict: Verdict, rules: Rules, currency: str) -> str:
    """What to do, by when and what it brings, with its figures and how far away its days are."""
    lapse, when = advice.lapse, _when(advice, verdict.as_of)
    match advice.action:
        case Action.SAVE if advice.act:
            said = dict(zip(verdict.saves, lines(verdict), strict=False))[advice.act].removesuffix(".")
            return f"{said}{_most_of(lapse)}"
        case Action.RENEW:
            [requirement] = advice.requirements
            is_over = advice.by == verdict.as_of and requirement.have != advice.by
            needs = f"{tier(advice.tier)} needs it at recalibration"
            return f"Renew the {label_inside(requirement.name)} {when}{', and' if is_over else ':'} {needs}"
        case Action.REGAIN:
            return f"Get back to {tier(advice.tier)} {when}: {_missing(advice.requirements, rules, currency)}"
        case Action.REPLACE if lapse:
            return f"Replace {_expiring(advice.requirements[0], lapse)}: {_turns_red(advice, verdict.as_of)}"
        case Action.PREPARE:
            red = _turns_red(advice, verdict.as_of, raised=True)
            return f"Earn more for {tier(advice.tier)}: {red}; {_short(advice.requirements[0])}"
        case Action.AGREE if lapse:
            ends = (
                f"it ends on {day(lapse.lapses_on - timedelta(1))} and takes {points(lapse.micropoints)} points with it"
            )
            is_red = bool(advice.requirements)
            red = f"; {_turns_red(advice, verdict.as_of)}{_more_than(lapse, advice.requirements[0])}" if is_red else ""
            return f"Settle the agreement with {name(lapse.client)} {when}: {ends}{red}"
        case _:
            earn = f"{BOUNDS[verdict.exactness]}{points(verdict.missing or 0)} {_kinds(advice.requirements)}points"
            return f"Earn {earn} {when} to move up to {tier(advice.tier)}"


def in_one_sentence(advice: Advice | None, verdict: Verdict, rules: Rules, currency: str) -> str:
    """The first thing to do, with whatever else it takes to keep a tier in danger, without its stop; "" for nothing."""
    if advice and advice.act and not advice.lapse and len(verdict.saves) > 1:
        return to_keep(verdict)
    return in_a_sentence(advice, verdict, rules, currency) if advice else ""


CANT_TELL = "Can't tell"  # what to do of a partner that can't be judged, which is never said to be fine


def _most_of(lapse: ClientLapse | None) -> str:
    """The client whose expiry costs most, in a sentence; "" for none."""
    if lapse is None:
        return ""
    return f". {possessive(name(lapse.client))} {points(lapse.micropoints)} points expire on {day(lapse.lapses_on)}"


def _kinds(red: Sequence[Requirement]) -> str:
    """The minimums that are not met, as a word before "points"; "" where the total isn't met either."""
    short = {_kind(each) for each in red if each.short and sources_of(each.name)}
    return "" if TOTAL in {each.name for each in red} else f"{listed(sorted(short))} "


def _when(advice: Advice, as_of: date) -> str:
    return "now" if advice.by == as_of else f"by {due(advice.by, as_of)}"


def _expiring(requirement: Requirement, lapse: ClientLapse) -> str:
    """What is missing to keep a figure once points expire, and the client that loses most of it: "46.5 expiring points
    (Two Accounts Co, where 70 expire, or another client)".
    """
    kind = requirement.name.partition("_")[0]
    if requirement.unit is Unit.US_CENTS:
        return f"{figure(requirement.short, requirement.unit)} of expiring {kind} MRR ({_where(lapse, requirement)})"
    kind = f"{kind} " if kind in COUNTED else ""
    return f"{points(requirement.short or 0)} expiring {kind}points ({_where(lapse, requirement)})"


def _where(lapse: ClientLapse, requirement: Requirement) -> str:
    is_all = requirement.unit is Unit.US_CENTS or points(lapse.micropoints) == points(requirement.short or 0)
    return f"{name(lapse.client)}{'' if is_all else f', where {points(lapse.micropoints)} expire'}, or another client"


def _more_than(lapse: ClientLapse, requirement: Requirement) -> str:
    """What is missing where the client's points alone don't keep the figure; "" where they do."""
    if requirement.unit is not Unit.POINTS or (requirement.short or 0) <= lapse.micropoints:
        return ""
    return f", {points(requirement.short or 0)} short"


def _turns_red(advice: Advice, as_of: date, *, raised: bool = False) -> str:
    assert advice.red_on
    return turns_red(advice.tier, advice.requirements[0].name, due(advice.red_on, as_of), raised=raised)


def _short(requirement: Requirement) -> str:
    return f"{how_much(requirement)} short on {label_inside(requirement.name)}"


def _missing(red: Sequence[Requirement], rules: Rules, currency: str) -> str:
    """What is missing: one figure with its money, or of several in points how many, and of which kinds."""
    if len(red) > 1 and all(each.unit is Unit.POINTS for each in red):
        minimums = [f"{points(each.short or 0)} of them {_kind(each)}" for each in red if each.name != TOTAL]
        return f"earn {points(points_missing(red))} points, {listed(minimums)}"
    return listed([_in_money(each, rules, currency) for each in red])


def _kind(minimum: Requirement) -> str:
    return minimum.name.removesuffix("_minimum")


def _in_money(requirement: Requirement, rules: Rules, currency: str) -> str:
    ways = ways_of(requirement, rules, currency)
    money = f" {equals_sign(rules, currency)} {in_money(ways)}" if ways else ""
    return f"{_short(requirement)}{money}"


def to_do(advices: tuple[Advice, ...], verdict: Verdict, rules: Rules, currency: str) -> list[Block]:
    """The advice as a list under "What to do"; nothing where there is none."""
    if not advices:
        return []
    said = (blocks.line(blocks.span(in_a_sentence(each, verdict, rules, currency))) for each in advices)
    return [blocks.line(blocks.bold("What to do")), blocks.bullets(said)]
