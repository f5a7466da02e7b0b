"""The gap as a message, and as JSON."""

from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import opener, tabs
from handlers.views.parts.footer import common_record, footing, not_configured_notes, other_model_notes
from handlers.views.parts.formats import bar, count, money, name, percent, points, quiet, tier
from handlers.views.parts.requirement import (
    figure,
    growth_market_note,
    label_inside,
    record_of,
    requirement_line,
    way_record,
)
from tiercore.facts.points import Source, as_decimal
from tiercore.facts.unknown import NotConfigured
from tiercore.questions.convert import Way
from tiercore.questions.gap import Gap, points_missing
from tiercore.questions.requirements import FIGURES, Requirement

_ONLY = {
    Source.SOURCED: "only sourced sales",
    Source.ASSISTED: "only assisted sales",
    Source.MANAGED: "only managing",
}


def message(gap: Gap) -> Message:
    """One screen: the points to go, the minimums first, then the remainder and every way to earn it."""
    said = headline(gap)
    return Message(
        text=f"{quiet(gap.partner.name)}: {said}.",
        blocks=[
            blocks.header(f"{name(gap.partner.name)}: {said}"),
            blocks.rich(*_progress(gap), *_minimums(gap), *_remainder(gap), *_further(gap)),
            blocks.actions(opener("Why?", "why", "combined", gap.partner.partner_id)),
            footing(gap.as_of, gap.rules, [*other_model_notes(gap.as_of, gap.judged_on, gap.rules), *_notes(gap)]),
            tabs("gap", gap.partner.partner_id),
        ],
    )


def headline(gap: Gap) -> str:
    """The number that matters first."""
    goal, total = tier(gap.tier.name), gap.requirements[0]
    short = [each for each in gap.requirements if each.short and each.name in FIGURES]
    if isinstance(total.need, NotConfigured):
        return f"{goal}'s threshold is not configured"
    if not short:
        return (
            f"nothing is missing to {goal} in points" if gap.rules.model == "points" else f"no MRR is missing to {goal}"
        )
    if gap.rules.model == "points":
        return f"{points(points_missing(gap.requirements))} points to {goal}"
    return f"{figure(short[0].short, short[0].unit)} short of {goal}'s {label_inside(short[0].name)}"


def _progress(gap: Gap) -> list[Block]:
    total = gap.requirements[0]
    if not isinstance(total.have, int) or not isinstance(total.need, int) or gap.rules.model == "dollars":
        return []
    return [
        blocks.line(
            blocks.code(f" {bar(total.have, total.need)} {percent(total.have, total.need)} "),
            blocks.bold(f" {points(total.have)} of {points(total.need)}"),
            blocks.span(f" combined points (sold {points(gap.balance.sold)}, managed {points(gap.balance.managed)})"),
        )
    ]


def _minimums(gap: Gap) -> list[Block]:
    figures = [each for each in gap.requirements if each.name in FIGURES]
    return _listed("First the minimums", [each for each in figures if each.name != "combined_threshold"], gap)


def _further(gap: Gap) -> list[Block]:
    return _listed("Besides", [each for each in gap.requirements if each.name not in FIGURES], gap)


def _listed(title: str, requirements: list[Requirement], gap: Gap) -> list[Block]:
    if not requirements:
        return []
    lines = [requirement_line(each, gap.rules, gap.partner.currency) for each in requirements]
    return [blocks.line(blocks.bold(title)), blocks.bullets(lines)]


def _remainder(gap: Gap) -> list[Block]:
    if gap.remainder is None:
        return []
    if not gap.remainder:
        return [blocks.line(blocks.bold("Nothing else is needed for the total."))]
    equals = "≈" if gap.rules.is_approximate(gap.partner.currency) else "="
    return [
        blocks.line(
            blocks.bold(f"Then {points(gap.remainder)} points of any kind"),
            blocks.span(": sold, managed or any mix. Any one of"),
        ),
        blocks.bullets(
            blocks.line(
                blocks.bold(_ONLY[source]),
                blocks.span(f" – {points(gap.remainder)} points {equals} {money(way.mrr)} of MRR"),
                blocks.span(f" ({count(way.rate, 'point')} per US$100; growth markets {money(way.growth_market_mrr)})"),
            )
            for source, way in gap.ways.items()
        ),
    ]


def _notes(gap: Gap) -> list[str]:
    return [*gap.notes, growth_market_note(gap.ways)] if gap.remainder else list(gap.notes)


def record(gap: Gap) -> dict[str, Any]:
    """The gap as JSON."""
    remainder = None if gap.remainder is None else as_decimal(gap.remainder)
    notes = [*gap.notes, *not_configured_notes(gap.requirements)]
    return {
        **common_record("gap", gap.partner, gap.as_of, gap.rules, notes),
        "tier": gap.tier.name,
        "requirements": [record_of(each, gap.rules, gap.partner.currency) for each in gap.requirements],
        "remainder": {
            "points": remainder,
            **{f"only_{source.value}": _only(remainder, gap.ways.get(source), gap) for source in Source},
        },
    }


def _only(remainder: str | None, way: Way | None, gap: Gap) -> dict[str, Any]:
    if way is None:
        return {"points": remainder, "mrr": None, "currency": gap.partner.currency}
    return {"points": remainder, **way_record(way)}
