"""Entries of a client that contradict each other, in words with their figures (data#contradictions)."""

from collections.abc import Sequence
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.footer import product_record
from handlers.views.parts.formats import day, listed, money, name, points
from tiercore.facts.money import Money
from tiercore.facts.points import as_decimal
from tiercore.program import Rules
from tiercore.rating.contradictions import (
    Contradiction,
    Multiple,
    NothingManaged,
    OtherCurrency,
    Oversold,
    SameDeal,
    SoldAfterEnd,
    SoldBeforeZero,
    StatesDifference,
)
from tiercore.rating.lines import LineKey

SHOWN = 5
_UNITS = {
    3: "a quarter's amount",
    6: "the amount of half a year",
    12: "a year's amount",
    24: "two years' amount",
    36: "three years' amount",
    100: "an amount in cents",
    1000: "a slip with a thousands separator",
}


def to_check(found: Sequence[Contradiction], rules: Rules) -> list[Block]:
    """What to check, one bullet each; nothing where nothing contradicts itself."""
    if not found:
        return []
    lines = [blocks.line(blocks.span(sentence(each, rules))) for each in found[:SHOWN]]
    more = [blocks.line(blocks.italic(f"… and {len(found) - SHOWN:,} more"))] if len(found) > SHOWN else []
    title = blocks.bold("Check these entries"), blocks.span(" (the figures above count them as they are)")
    return [blocks.line(*title), blocks.bullets(lines), *more]


def sentence(found: Contradiction, rules: Rules) -> str:
    """One contradiction, without a full stop."""
    match found:
        case Oversold():
            stands = _stands(found.at_most, found.points)
            sold = f"{_line(found.line, rules)} is sold for {money(found.sold)} a month on {day(found.day)}"
            return f"{sold} but pays {money(found.pays)}{stands}"
        case SoldAfterEnd():
            counts = f", yet it counts {points(found.points)} points" if found.points else ""
            sold = f"{_line(found.line, rules)} was sold on {day(found.sale.sold_on)}"
            return f"{sold} but pays nothing from {day(found.since)} on{counts}"
        case SoldBeforeZero():
            counts = f", yet it counts {points(found.points)} points" if found.points else ""
            sold = f"{_line(found.line, rules)} was sold on {day(found.sale.sold_on)}"
            first = f"its first level on file is 0, from {day(found.since)} on"
            return f"{sold} but {first}: what it paid before is unknown{counts}"
        case Multiple():
            return _multiple(found, rules)
        case StatesDifference():
            sold = f"The upsell of {money(found.sale.mrr)} on {day(found.sale.sold_on)} states the difference"
            line = _line(found.line, rules)
            return f"{sold}, not the line's new MRR: {line} pays {money(found.pays)} from {day(found.since)} on"
        case SameDeal():
            return _same_deal(found, rules)
        case OtherCurrency():
            other = f"{money(found.other)} {'on' if found.other_sale else 'from'} {day(found.since)}"
            other = f"and for {other}" if found.other_sale else f"but pays {other} on"
            sold = f"{_line(found.line, rules)} was sold for {money(found.sale.mrr)} on {day(found.sale.sold_on)}"
            return f"{sold} {other}: two currencies on one line"
        case NothingManaged():
            agreement = name(found.agreement.agreement_id, 40)
            return f"Agreement {agreement} earned no managed points: no subscription data is on file"


def record(found: Contradiction, rules: Rules) -> dict[str, Any]:
    """One contradiction as JSON: its kind, the entries, the sentence and the points that are in question."""
    kind = {
        Oversold: "sold_for_more_than_it_pays",
        SoldAfterEnd: "sold_after_its_end",
        SoldBeforeZero: "sold_before_a_level_of_zero",
        Multiple: "multiple_of_its_level",
        StatesDifference: "difference_in_place_of_new_mrr",
        SameDeal: "one_deal_under_two_ids",
        OtherCurrency: "two_currencies",
        NothingManaged: "agreement_without_a_level",
    }[type(found)]
    if isinstance(found, NothingManaged):
        return {"kind": kind, "agreement": found.agreement.agreement_id, "text": sentence(found, rules)}
    sales = found.sales if isinstance(found, Oversold | SameDeal) else (found.sale,)
    return {
        "kind": kind,
        **product_record(rules, found.line.hub, None, found.line.account or None),
        "sales": [each.sale_id for each in sales],
        **_figures(found),
        "text": sentence(found, rules),
    }


def _figures(found: Contradiction) -> dict[str, Any]:
    match found:
        case Oversold():
            mrr = {"sold": _amount(found.sold), "pays": _amount(found.pays)}
            return {**mrr, "points": _decimal(found.points), "at_most": _decimal(found.at_most)}
        case SameDeal():
            return {"points": _decimal(found.points), "if_one_deal": _decimal(found.if_one)}
        case StatesDifference():
            return {"mrr": _amount(found.pays)}
        case Multiple():
            return {"times": found.times, "mrr": _amount(found.mrr)}
        case SoldAfterEnd() | SoldBeforeZero():
            return {"points": _decimal(found.points)}
        case _:
            return {}


def _multiple(found: Multiple, rules: Rules) -> str:
    line, sold = _line(found.line, rules), f"{money(found.sale.mrr)} on {day(found.sale.sold_on)}"
    mrr, maybe = money(found.mrr), f"it may be {_UNITS[found.times]}"
    if found.of_sale:
        pays = "rises by" if found.is_rise else "pays"
        return f"{line} {pays} {mrr}, which is {found.times:,} times the sale of {sold}: {maybe}"
    pays = f"by which {line} rises" if found.is_rise else f"that {line} pays"
    return f"The sale of {sold} is {found.times:,} times the {mrr} {pays}: {maybe}"


def _same_deal(found: SameDeal, rules: Rules) -> str:
    ids = listed([name(each.sale_id, 40) for each in found.sales[:SHOWN]])
    ids += f" and {len(found.sales) - SHOWN:,} more" if len(found.sales) > SHOWN else ""
    sold = f"{_line(found.line, rules)}, {money(found.sales[0].mrr)}, {day(found.sales[0].sold_on)}"
    told = f"{ids} may be one deal ({sold})"
    if found.points is None or found.if_one is None or found.points == found.if_one:
        return told
    return f"{told}: {points(found.points)} points as they stand, {points(found.if_one)} if it is one deal"


def _stands(at_most: int | None, counted: int | None) -> str:
    if at_most is None or counted is None:
        return ""
    return f": at most {points(at_most)} of {points(counted)} points can stand behind it"


def _line(line: LineKey, rules: Rules) -> str:
    return name(rules.product(line.hub, None, line.account or None))


def _amount(amount: Money) -> dict[str, str]:
    return {"amount": amount.as_decimal(), "currency": amount.currency}


def _decimal(micropoints: int | None) -> str | None:
    return None if micropoints is None else as_decimal(micropoints)
