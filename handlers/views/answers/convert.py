"""A conversion as a message, and as JSON."""

from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import next_button
from handlers.views.parts.controls import answer_row, control_row, share
from handlers.views.parts.footer import common_record, footing
from handlers.views.parts.formats import count, day, listed, money, name, points, rule, sentences, spoken, upper
from handlers.views.parts.requirement import either, way_record
from tiercore.facts.money import Money
from tiercore.facts.points import Source, as_decimal
from tiercore.facts.unknown import NotConfigured
from tiercore.questions.convert import Conversion, Earned, Way

Amounts = dict[Source, tuple[str, int, str, int]]


def message(conversion: Conversion) -> Message:
    """One screen: the amount and what it is worth, then each motion with its rate, and the same in growth markets."""
    title, partner = headline(conversion), conversion.partner
    shown = [
        blocks.header(f"{name(partner.name)}: {title}" if partner else title),
        blocks.rich(*_lines(conversion)),
        answer_row("convert", partner.partner_id, next_button("gap", partner.partner_id))
        if partner
        else control_row(share()),
        footing(conversion.as_of, conversion.rules, conversion.notes, *_table(conversion)),
    ]
    first = f"{name(partner.name)}: {title}." if partner else f"{title}."
    return Message(spoken(first, *_aloud(conversion), *sentences(conversion.notes)), shown)


def _aloud(conversion: Conversion) -> list[str]:
    """What the amount is worth by each motion, in sentences."""
    amounts, unit = _amounts(conversion), " points" if conversion.earned else ""
    worths = [
        f"{source.value.capitalize()}: {worth}{unit}, {growth}{unit} in growth markets."
        for source, (worth, _, growth, _) in amounts.items()
    ]
    return worths or sentences([_missing(conversion)])


def _missing(conversion: Conversion) -> str:
    """Which number of the rules is missing; "" where none is."""
    missing = conversion.per_100_usd
    return f"{rule(missing.name)} is not set on {day(conversion.as_of)}" if isinstance(missing, NotConfigured) else ""


def headline(conversion: Conversion) -> str:
    """The number that matters first: of the motions asked for, or of all."""
    amounts = _amounts(conversion)
    if not amounts:
        return f"{_asked(conversion)} can't be converted"
    growth = conversion.asked.growth_market
    chosen = conversion.asked.sources or tuple(amounts)
    unit = " points" if conversion.earned else ""
    worth = either((amounts[source][2] if growth else amounts[source][0], source) for source in chosen)
    return f"{_asked(conversion)} {_equals(conversion)} {worth}{unit}{' in growth markets' if growth else ''}"


def _asked(conversion: Conversion) -> str:
    amount = conversion.asked.amount
    return f"{money(amount)} of MRR" if isinstance(amount, Money) else f"{points(amount)} points"


def _equals(conversion: Conversion) -> str:
    approximate = conversion.rules.is_approximate(conversion.currency)
    return "≈" if approximate and not isinstance(conversion.per_100_usd, NotConfigured) else "="


def _lines(conversion: Conversion) -> list[Block]:
    amounts = _amounts(conversion)
    if not amounts:
        return _not_configured(conversion)
    first = [source for source in conversion.asked.sources if source in amounts]
    order = [*first, *(source for source in amounts if source not in first)]
    return [blocks.bullets(_line(source, *amounts[source]) for source in order)]


def _line(source: Source, worth: str, rate: int, growth: str, growth_rate: int) -> Block:
    return blocks.line(
        blocks.bold(f"{source.value.capitalize()}: {worth}"),
        blocks.span(f" ({count(rate, 'point')} per US$100); {growth} in growth markets ({growth_rate})"),
    )


def _amounts(conversion: Conversion) -> Amounts:
    """What is shown for each source: worth and rate, then worth and rate in growth markets."""
    ways = conversion.ways.items()
    found = {
        each: (money(way.mrr), way.rate, money(way.growth_market_mrr), way.growth_market_rate) for each, way in ways
    }
    for source, earned in conversion.earned.items():
        growth = points(earned.growth_market_micropoints)
        found[source] = (points(earned.micropoints), earned.rate, growth, earned.growth_market_rate)
    return found


def _not_configured(conversion: Conversion) -> list[Block]:
    """Which number is missing, which currencies can be used, and who can add others."""
    known = listed(sorted({*conversion.rules.amounts_per_100_usd, "USD"}))
    return [
        blocks.line(blocks.bold(f"⚫ {upper(_missing(conversion))}.")),
        blocks.line(blocks.span(f"Currencies you can use: {known}. The operator of tierbot can add others.")),
    ]


def _table(conversion: Conversion) -> list[str]:
    per_100 = conversion.per_100_usd
    if isinstance(per_100, NotConfigured) or conversion.currency == "USD":
        return []
    return [f"US$100 equals {money(per_100)} in the program's table"]


def record(conversion: Conversion) -> dict[str, Any]:
    """The conversion as JSON; `currency` is that of the amounts, `worth` is empty where a number is not set."""
    asked, per_100 = conversion.asked, conversion.per_100_usd
    amount = asked.amount
    as_money = isinstance(amount, Money)
    return {
        **common_record("convert", conversion.partner, conversion.as_of, conversion.rules, conversion.notes),
        "points": None if isinstance(amount, Money) else as_decimal(amount),
        "mrr": amount.as_decimal() if isinstance(amount, Money) else None,
        "currency": conversion.currency,
        "per_100_usd": None if isinstance(per_100, NotConfigured) else per_100.as_decimal(),
        "approximate": conversion.rules.is_approximate(conversion.currency),
        "asked_for": {"sources": [each.value for each in asked.sources], "growth_market": asked.growth_market},
        "not_configured": per_100.name if isinstance(per_100, NotConfigured) else None,
        "worth": {each.value: _worth(conversion, each) for each in Source if not as_money or conversion.earned},
    }


def _worth(conversion: Conversion, source: Source) -> dict[str, Any]:
    found: Way | Earned = conversion.ways.get(source) or conversion.earned[source]
    if isinstance(found, Way):
        return way_record(found)
    return {
        "points": as_decimal(found.micropoints),
        "points_per_100_usd": found.rate,
        "growth_market_points": as_decimal(found.growth_market_micropoints),
        "growth_market_points_per_100_usd": found.growth_market_rate,
    }
