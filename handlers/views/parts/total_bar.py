"""A bar for each total that a tier asks for, and what is missing in money."""

from collections.abc import Iterator

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Span
from handlers.views.parts.formats import bar, money, percent, points, tier
from handlers.views.parts.not_set import is_gathered
from handlers.views.parts.requirement import bound_of, equals_sign, in_money, label_inside, ways_of
from tiercore.facts.money import Money
from tiercore.questions.requirements import Requirement, State, Unit
from tiercore.questions.standing import Standing


def total_bars(standing: Standing) -> list[Block]:
    """A bar per total: the combined points, or in the dollar model both amounts."""
    totals = standing.requirements[:2] if standing.rules.model == "dollars" else standing.requirements[:1]
    lines = [blocks.line(*_bar(each, standing)) for each in totals]
    return lines + [blocks.line(*spans) for spans in missing_in_money(standing)]


def missing_in_money(standing: Standing) -> Iterator[list[Span]]:
    """What is missing for the total, in money. Only once the minimums are met can a single source make it up."""
    are_met = all(each.state is State.GREEN for each in standing.requirements if each.name.endswith("_minimum"))
    for each in standing.requirements:
        ways = ways_of(each, standing.rules, standing.partner.currency) if each.name == "combined_threshold" else []
        if ways and each.short and are_met:
            equals = equals_sign(standing.rules, standing.partner.currency)
            yield [blocks.bold(f"{points(each.short)} points short"), blocks.span(f" {equals} {in_money(ways)}")]


def _bar(total: Requirement, standing: Standing) -> list[Span]:
    have, need = total.have, total.need
    assert isinstance(have, int)
    amount = (lambda cents: money(Money(cents, "USD"))) if total.unit is Unit.US_CENTS else points
    if is_gathered(total, standing.requirements):
        return [blocks.bold(f"{amount(have)} {label_inside(total.name)}")]
    if not isinstance(need, int):
        return [
            blocks.bold(f"{amount(have)} {label_inside(total.name)}"),
            blocks.span(f"; no {tier(standing.target.name)} {bound_of(total.name)} set"),
        ]
    return [
        blocks.code(f" {bar(have, need)} {percent(have, need)} "),
        blocks.bold(f" {amount(have)} of {amount(need)}"),
        blocks.span(f" {label_inside(total.name)} for {tier(standing.target.name)}"),
    ]
