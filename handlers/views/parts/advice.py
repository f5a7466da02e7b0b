"""What to do, in a sentence."""

from datetime import date, timedelta

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import day, due, name, points, tier
from handlers.views.parts.requirement import figure, in_money, label_inside, ways_of
from tiercore.program import Rules
from tiercore.questions.advice import Action, Advice


def in_a_sentence(advice: Advice, rules: Rules, currency: str, as_of: date) -> str:
    """What to do and why, with the figures that say so and how far away the days are."""
    lapse, wanted = advice.lapse, advice.requirement
    match advice.action:
        case Action.REGAIN if wanted:
            return f"Get back to {tier(advice.tier)}: {_missing(advice, rules, currency)}"
        case Action.RENEW if wanted:
            when = f"by {due(advice.day - timedelta(1), as_of)}" if advice.day else "now, it has expired"
            return f"Renew the {label_inside(wanted.name)} {when}: {tier(advice.tier)} needs it at recalibration"
        case Action.REPLACE if lapse and wanted:
            kind = "managed " if wanted.name.startswith("managed") else ""
            what = f"{points(lapse.micropoints)} expiring {kind}points ({name(lapse.client)}, or another client)"
            return f"Replace {what}: {_turns_red(advice, as_of)}"
        case Action.AGREE if lapse:
            when = f"by {due(advice.day, as_of)}" if advice.day else "now"
            ends = (
                f"it ends on {day(lapse.lapses_on - timedelta(1))} and takes {points(lapse.micropoints)} points with it"
            )
            red = f"; {_turns_red(advice, as_of)}" if wanted else ""
            return f"Decide with {name(lapse.client)} about their agreement {when}: {ends}{red}"
        case _:
            return f"Work toward {tier(advice.tier)}: {_short(advice)}; /gap {advice.tier} shows every way to earn it"


def _turns_red(advice: Advice, as_of: date) -> str:
    assert advice.requirement
    assert advice.red_on
    what = label_inside(advice.requirement.name)
    turn = "turn" if what.endswith("points") else "turns"
    return f"{tier(advice.tier)}'s {what} {turn} red on {due(advice.red_on, as_of)}"


def _short(advice: Advice) -> str:
    assert advice.requirement
    figures = figure(advice.requirement.short, advice.requirement.unit)
    return f"{figures} short on {label_inside(advice.requirement.name)}"


def _missing(advice: Advice, rules: Rules, currency: str) -> str:
    assert advice.requirement
    ways = ways_of(advice.requirement, rules, currency)
    equals = "≈" if rules.is_approximate(currency) else "="
    money = f" {equals} {in_money(ways)}" if ways else ""
    return f"{_short(advice)}{money}"


def to_do(advices: tuple[Advice, ...], rules: Rules, currency: str, as_of: date) -> list[Block]:
    """The things to do as a list, nothing where there are none."""
    if not advices:
        return []
    lines = (blocks.line(blocks.span(in_a_sentence(each, rules, currency, as_of))) for each in advices)
    return [blocks.line(blocks.bold("This week")), blocks.bullets(lines)]
