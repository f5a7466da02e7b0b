"""What to do, in a sentence."""

from datetime import date, timedelta

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import day, due, name, points, tier
from handlers.views.parts.requirement import equals_sign, figure, in_money, label_inside, turns_red, ways_of
from tiercore.program import Rules
from tiercore.questions.advice import COUNTED, Action, Advice, ClientLapse
from tiercore.questions.requirements import Requirement, Unit


def in_a_sentence(advice: Advice, rules: Rules, currency: str, as_of: date) -> str:
    """What to do and why, with its figures and how far away its days are."""
    lapse, requirement = advice.lapse, advice.requirement
    match advice.action:
        case Action.REGAIN if requirement:
            return f"Get back to {tier(advice.tier)}: {_missing(advice, rules, currency)}"
        case Action.RENEW if requirement:
            when = f"by {due(advice.day - timedelta(1), as_of)}" if advice.day else "now: it has expired"
            needs = f"{tier(advice.tier)} needs it at recalibration"
            return f"Renew the {label_inside(requirement.name)} {when}{':' if advice.day else ', and'} {needs}"
        case Action.REPLACE if lapse and requirement:
            return f"Replace {_expiring(requirement, lapse)}: {_turns_red(advice, as_of)}"
        case Action.PREPARE if requirement:
            return f"Earn more for {tier(advice.tier)}: {_turns_red(advice, as_of, raised=True)}; {_short(advice)}"
        case Action.AGREE if lapse:
            when = f"by {due(advice.day, as_of)}" if advice.day else "now"
            ends = (
                f"it ends on {day(lapse.lapses_on - timedelta(1))} and takes {points(lapse.micropoints)} points with it"
            )
            red = f"; {_turns_red(advice, as_of)}{_more_than(lapse, requirement)}" if requirement else ""
            return f"Settle the agreement with {name(lapse.client)} {when}: {ends}{red}"
        case _:
            return f"Work toward {tier(advice.tier)}: {_short(advice)}; /gap {advice.tier} shows every way to earn it"


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
    assert advice.requirement
    assert advice.red_on
    return turns_red(advice.tier, advice.requirement.name, due(advice.red_on, as_of), raised=raised)


def _short(advice: Advice) -> str:
    assert advice.requirement
    figures = figure(advice.requirement.short, advice.requirement.unit)
    return f"{figures} short on {label_inside(advice.requirement.name)}"


def _missing(advice: Advice, rules: Rules, currency: str) -> str:
    assert advice.requirement
    ways = ways_of(advice.requirement, rules, currency)
    money = f" {equals_sign(rules, currency)} {in_money(ways)}" if ways else ""
    return f"{_short(advice)}{money}"


def to_do(advices: tuple[Advice, ...], rules: Rules, currency: str, as_of: date) -> list[Block]:
    """The advice as a list under "This week"; nothing where there is none."""
    if not advices:
        return []
    lines = (blocks.line(blocks.span(in_a_sentence(each, rules, currency, as_of))) for each in advices)
    return [blocks.line(blocks.bold("This week")), blocks.bullets(lines)]
