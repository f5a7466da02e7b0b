"""What to do, in a sentence."""

from datetime import timedelta

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import day, name, points, tier
from handlers.views.parts.requirement import figure, in_money, label_inside, ways_of
from tiercore.program import Rules
from tiercore.questions.advice import Action, Advice


def in_a_sentence(advice: Advice, rules: Rules, currency: str) -> str:
    """What to do and why, with the figures that say so."""
    lapse, wanted = advice.lapse, advice.requirement
    match advice.action:
        case Action.REGAIN if wanted:
            return f"Win back {tier(advice.tier)}: {_missing(advice, rules, currency)}"
        case Action.RENEW if wanted:
            when = f"before {day(advice.day)}" if advice.day else "now, it has lapsed"
            return f"Renew the {label_inside(wanted.name)} {when}: the recalibration asks {tier(advice.tier)} for it"
        case Action.REPLACE if lapse and wanted:
            lost = f"{points(lapse.micropoints)} lapse, and {_turns_red(advice)}"
            if wanted.name.startswith("managed"):
                return f"Make up for the managed points of {name(lapse.client)}: {lost}"
            return f"Sell to {name(lapse.client)} again, or elsewhere: {lost}"
        case Action.AGREE if lapse:
            when = f"by {day(advice.day)}" if advice.day else "now"
            ends = f"it ends on {day(lapse.lapses_on - timedelta(1))}, and {points(lapse.micropoints)} points with it"
            red = f"; {_turns_red(advice)}" if wanted else ""
            return f"Decide with {name(lapse.client)} about their agreement {when}: {ends}{red}"
        case _:
            return f"Toward {tier(advice.tier)}: {_short(advice)}; /gap {advice.tier} says what it takes in all"


def _turns_red(advice: Advice) -> str:
    assert advice.requirement
    assert advice.red_on
    what = label_inside(advice.requirement.name)
    breach = "turn" if what.endswith("points") else "turns"
    return f"{tier(advice.tier)}'s {what} {breach} red on {day(advice.red_on)}"


def _short(advice: Advice) -> str:
    assert advice.requirement
    figures = figure(advice.requirement.short, advice.requirement.unit)
    return f"{figures} short of the {label_inside(advice.requirement.name)}"


def _missing(advice: Advice, rules: Rules, currency: str) -> str:
    assert advice.requirement
    ways = ways_of(advice.requirement, rules, currency)
    equals = "≈" if rules.is_approximate(currency) else "="
    money = f" {equals} {in_money(ways)}" if ways else ""
    return f"{_short(advice)}{money}"


def to_do(advices: tuple[Advice, ...], rules: Rules, currency: str) -> list[Block]:
    """The things to do as a list, nothing where there are none."""
    if not advices:
        return []
    lines = (blocks.line(blocks.span(in_a_sentence(each, rules, currency))) for each in advices)
    return [blocks.line(blocks.bold("This week")), blocks.bullets(lines)]
