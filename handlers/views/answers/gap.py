"""The gap as a message, and as JSON."""

from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import WHY_COMBINED, flag_button, next_button, opener
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import common_record, footing, not_configured_notes, other_model_notes
from handlers.views.parts.formats import bar, count, money, name, percent, points, sentences, spoken, tier
from handlers.views.parts.not_set import is_gathered, one_line, shown, without_repeating
from handlers.views.parts.reasons import is_exact, to_go
from handlers.views.parts.requirement import (
    equals_sign,
    figure,
    growth_market_note,
    in_words,
    label,
    label_inside,
    record_of,
    requirement_line,
    way_record,
)
from tiercore.facts.points import Source, as_decimal
from tiercore.facts.unknown import NotConfigured
from tiercore.questions.convert import Way
from tiercore.questions.gap import Gap
from tiercore.questions.requirements import FIGURES, Requirement, State

_AS_FAR = ", as far as the minimums are known"
_ONLY = {
    Source.SOURCED: "Sourced sales only",
    Source.ASSISTED: "Assisted sales only",
    Source.MANAGED: "Managed clients only",
}


def message(gap: Gap) -> Message:
    """One screen: the points still missing, the minimums first, then the remainder and every way to earn it."""
    return Message(
        text=_aloud(gap),
        blocks=[
            blocks.header(f"{name(gap.partner.name)}: {headline(gap)}"),
            blocks.rich(*_progress(gap), *_minimums(gap), *_remainder(gap), *_other_requirements(gap), *_unset(gap)),
            _controls(gap),
            footing(gap.as_of, gap.rules, [*other_model_notes(gap.as_of, gap.judged_on, gap.rules), *_notes(gap)]),
        ],
    )


def _controls(gap: Gap) -> Block:
    key = gap.partner.partner_id
    why = opener("Why?", "why", "combined", key, aloud=WHY_COMBINED)
    return answer_row("gap", key, why, next_button("expiring", key), flag_button(key))


def _aloud(gap: Gap) -> str:
    """The whole answer in sentences: what is missing, of which requirement, and every way to earn it."""
    total, *others = gap.requirements
    unmet = [each for each in others if each in shown(gap.requirements) and each.state is not State.GREEN]
    ways = [f"{_ONLY[source]}: {money(way.mrr)} of MRR." for source, way in gap.ways.items()]
    return spoken(
        f"{name(gap.partner.name)}: {headline(gap)}.",
        *([] if is_gathered(total, gap.requirements) else [f"{label(total.name)}: {in_words(total, gap.as_of)}."]),
        *(f"{label(each.name)}: {in_words(each, gap.as_of)}." for each in unmet),
        *([f"{_any_kind(gap.remainder)}, one of:", *ways] if gap.remainder else []),
        *one_line(gap.requirements, gap.tier.name),
        *sentences(without_repeating(gap.notes, gap.requirements)),
    )


def headline(gap: Gap) -> str:
    """The number that matters first."""
    goal, total = tier(gap.tier.name), gap.requirements[0]
    short = [each for each in gap.requirements if each.short and each.name in FIGURES]
    if is_gathered(total, gap.requirements):
        return f"what {goal} takes isn't set yet"
    if isinstance(total.need, NotConfigured):
        return (
            f"{goal}'s combined threshold isn't set"
            if gap.rules.model == "points"
            else f"{goal}'s MRR minimums aren't set"
        )
    if not short:
        known = "" if is_exact(gap.requirements) else "known to be "
        return to_go(gap.requirements, goal) if gap.rules.model == "points" else f"no MRR {known}missing for {goal}"
    if gap.rules.model == "points":
        return to_go(gap.requirements, goal)
    return f"{figure(short[0].short, short[0].unit)} short on {goal}'s {label_inside(short[0].name)}"


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
    figures = [each for each in shown(gap.requirements) if each.name in FIGURES]
    return _section(
        "Minimums" if gap.rules.model == "points" else "MRR minimums",
        [each for each in figures if each.name != "combined_threshold"],
        gap,
    )


def _other_requirements(gap: Gap) -> list[Block]:
    return _section("Other requirements", [each for each in shown(gap.requirements) if each.name not in FIGURES], gap)


def _unset(gap: Gap) -> list[Block]:
    return [blocks.line(blocks.span(each)) for each in one_line(gap.requirements, gap.tier.name)]


def _section(title: str, requirements: list[Requirement], gap: Gap) -> list[Block]:
    if not requirements:
        return []
    lines = [requirement_line(each, gap.rules, gap.partner.currency) for each in requirements]
    return [blocks.line(blocks.bold(title)), blocks.bullets(lines)]


def _remainder(gap: Gap) -> list[Block]:
    if gap.remainder is None:
        return []
    if not gap.remainder:
        return [
            blocks.line(
                blocks.bold(
                    "The minimums make up the whole combined threshold."
                    if gap.requirements[0].short
                    else "The combined threshold is met."
                )
            )
        ]
    equals = equals_sign(gap.rules, gap.partner.currency)
    return [
        blocks.line(
            blocks.bold(_any_kind(gap.remainder)),
            blocks.span(f" (sold, managed or a mix{'' if is_exact(gap.requirements) else _AS_FAR}). Choose one:"),
        ),
        blocks.bullets(
            blocks.line(
                blocks.bold(_ONLY[source]),
                blocks.span(f": {equals} {money(way.mrr)} of MRR" if equals == "≈" else f": {money(way.mrr)} of MRR"),
                blocks.span(
                    f" ({count(way.rate, 'point')} per US$100; {money(way.growth_market_mrr)} in growth markets)"
                ),
            )
            for source, way in gap.ways.items()
        ),
    ]


def _any_kind(remainder: int) -> str:
    return f"{points(remainder)} points of any kind"


def _notes(gap: Gap) -> list[str]:
    notes = without_repeating(gap.notes, gap.requirements)
    return [*notes, growth_market_note(gap.ways)] if gap.remainder else notes


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
