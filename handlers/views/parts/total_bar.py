"""A bar for each total that a tier asks for, and what is missing in money."""

from collections.abc import Iterator, Sequence

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Span
from handlers.views.parts.formats import measured, money, points, tier
from handlers.views.parts.not_set import is_gathered
from handlers.views.parts.requirement import bound_of, equals_sign, in_money, label_inside, ways_of
from tiercore.facts.money import Money
from tiercore.questions.requirements import Requirement, State, Unit
from tiercore.questions.standing import Standing

_TOTALS = frozenset({"combined_threshold", "sold_dollars", "managed_dollars"})


def total_bars(requirements: Sequence[Requirement], tier_name: str, standing: Standing) -> list[Block]:
    """A bar per total of a tier: the combined points, or in the dollar model both amounts."""
    totals = [each for each in requirements if each.name in _TOTALS]
    lines = [blocks.line(*_bar(each, tier_name, requirements)) for each in totals]
    return lines + [blocks.line(*spans) for spans in missing_in_money(requirements, standing)]


def missing_in_money(requirements: Sequence[Requirement], standing: Standing) -> Iterator[list[Span]]:
    """What is missing for the total, in money. Only once the minimums are met can a single source make it up."""
    are_met = all(each.state is State.GREEN for each in requirements if each.name.endswith("_minimum"))
    for each in requirements if are_met else ():
        if each.name == "combined_threshold" and each.short:
            ways = ways_of(each, standing.rules, standing.partner.currency)
            equals = equals_sign(standing.rules, standing.partner.currency)
            yield [blocks.bold(f"{points(each.short)} points short"), blocks.span(f" {equals} {in_money(ways)}")]


def _bar(total: Requirement, tier_name: str, requirements: Sequence[Requirement]) -> list[Span]:
    have, need = total.have, total.need
    assert isinstance(have, int)
    amount = (lambda cents: money(Money(cents, "USD"))) if total.unit is Unit.US_CENTS else points
    if is_gathered(total, requirements):
        return [blocks.bold(f"{amount(have)} {label_inside(total.name)}")]
    if not isinstance(need, int):
        return [
            blocks.bold(f"{amount(have)} {label_inside(total.name)}"),
            blocks.span(f"; no {tier(tier_name)} {bound_of(total.name)} set"),
        ]
    return [
        blocks.span(f"{measured(have, need, met=not total.short)}  "),
        blocks.bold(f"{amount(have)} of {amount(need)}"),
        blocks.span(f" {label_inside(total.name)} for {tier(tier_name)}: {'not met' if total.short else 'met'}"),
    ]
