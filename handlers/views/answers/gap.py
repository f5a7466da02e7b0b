"""What is missing for a tier on a day, as a message."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from handlers.views.answers.gap_headline import climb, danger, danger_lines, headline, title
from handlers.views.answers.gap_table import requirement_table
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.causes import cause, ending
from handlers.views.parts.choices import ACTION, TRY, WHY_COMBINED, flag_button, opener, value, whatif_button
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import footing, other_model_notes
from handlers.views.parts.formats import (
    count,
    day,
    measured,
    money,
    name,
    points,
    prose,
    sentences,
    signed,
    spoken,
)
from handlers.views.parts.not_set import is_gathered, one_line, shown, without_repeating
from handlers.views.parts.pipeline import PHRASES
from handlers.views.parts.reasons import is_exact
from handlers.views.parts.requirement import either, equals_sign, growth_market_note, in_words, label
from tiercore.facts.points import Source
from tiercore.questions.convert import ways_to_earn
from tiercore.questions.gap import Gap, Part
from tiercore.questions.gap_on import GapOn, period_end
from tiercore.questions.requirements import State
from tiercore.rating.credits import Cause
from tiercore.rating.netting import Change

SHOWN = 3
_AS_FAR = ", as far as the minimums are known"
_ONLY = {
    Source.SOURCED: "Sourced sales only",
    Source.ASSISTED: "Assisted sales only",
    Source.MANAGED: "Managed clients only",
}
_EXPIRE = frozenset({Cause.SALE_EXPIRED, Cause.AGREEMENT_ENDED})


def message(gap: GapOn) -> Message:
    """One screen: the verdict, the requirements on the day, what to earn and how, and what changes until then."""
    then, heading, dangers = gap.then, title(gap), danger_lines(gap)
    lines = [*_to_earn(then), *_remainder(then), *_pipeline(gap), *_changing(gap), *_unset(then)]
    return Message(
        text=_aloud(gap, heading, dangers),
        blocks=[
            blocks.header(heading),
            *danger(dangers),
            *_progress(gap),
            *requirement_table(gap),
            *([blocks.rich(*lines)] if lines else []),
            *climb(gap),
            _controls(gap),
            footing(gap.as_of, gap.rules, [*_judged(gap), *_notes(then)], *_judged_on(gap)),
        ],
    )


def _aloud(gap: GapOn, heading: str, dangers: Sequence[str]) -> str:
    """The whole answer in sentences: what is missing, of which requirement, and every way to earn it."""
    then = gap.then
    total, *others = then.requirements
    seen = shown(then.requirements)
    unmet = [each for each in others if each.state is not State.GREEN and each in seen]
    ways = [f"{_ONLY[source]}: {money(way.mrr)} of MRR." for source, way in then.ways.items()]
    return spoken(
        f"{heading}.",
        *dangers,
        *([f"Then {headline(gap.climb)}."] if gap.climb else []),
        *([] if is_gathered(total, then.requirements) else [f"{label(total.name)}: {in_words(total, gap.as_of)}."]),
        *(f"{label(each.name)}: {in_words(each, gap.as_of)}." for each in unmet),
        *([f"To earn: {_sum_of(then)}."] if len(then.parts) > 1 else []),
        *([f"{_any_kind(then.remainder)}, one of:", *ways] if then.remainder else []),
        *(f"{moved}." for moved, _ in _moves(gap)),
        *one_line(then.requirements, then.tier.name),
        *sentences([*_judged(gap), *without_repeating(then.notes, then.requirements)]),
    )


def _progress(gap: GapOn) -> list[Block]:
    then = gap.then
    total = then.requirements[0]
    if not isinstance(total.have, int) or not isinstance(total.need, int) or then.rules.model == "dollars":
        return []
    made_of = f"sold {points(then.balance.sold)}, managed {points(then.balance.managed)}"
    when = f" on {day(gap.by)}" if gap.is_ahead else ""
    return [
        blocks.rich(
            blocks.line(
                blocks.span(f"{measured(total.have, total.need, met=not total.short)}  "),
                blocks.bold(f"{points(total.have)} of {points(total.need)}"),
                blocks.span(f" combined points{when} ({made_of}): {'not met' if total.short else 'met'}"),
            )
        )
    ]


def _to_earn(gap: Gap) -> list[Block]:
    """The parts of what is to be earned, where it is made of several, and the MRR that each minimum takes."""
    minimums = [each for each in gap.parts if each.requirement]
    if not minimums:
        return []
    total = blocks.line(
        blocks.bold(f"{points(sum(each.micropoints for each in gap.parts))} points to earn"),
        *([blocks.span(f": {_sum_of(gap)}")] if len(gap.parts) > 1 else []),
    )
    return [total, blocks.bullets(_minimum(each, gap) for each in minimums)]


def _sum_of(gap: Gap) -> str:
    """ "40 sourced + 10 managed + 25 of any kind"."""
    return " + ".join(f"{points(each.micropoints)} {_kind(each)}" for each in gap.parts)


def _kind(part: Part) -> str:
    return part.requirement.removesuffix("_minimum") if part.requirement else "of any kind"


def _minimum(part: Part, gap: Gap) -> Block:
    ways = ways_to_earn(part.micropoints, gap.rates, gap.partner.currency)
    amounts = either((money(ways[source].mrr), source) for source in part.sources)
    equals = equals_sign(gap.rates, gap.partner.currency)
    return blocks.line(
        blocks.bold(f"{points(part.micropoints)} {_kind(part)} points"), blocks.span(f" {equals} {amounts}")
    )


def _remainder(gap: Gap) -> list[Block]:
    if not gap.remainder:
        return []
    equals = "≈ " if equals_sign(gap.rates, gap.partner.currency) == "≈" else ""
    return [
        blocks.line(
            blocks.bold(_any_kind(gap.remainder)),
            blocks.span(f" (sold, managed or a mix{'' if is_exact(gap.requirements) else _AS_FAR}). Choose one:"),
        ),
        blocks.bullets(
            blocks.line(
                blocks.bold(_ONLY[source]),
                blocks.span(f": {equals}{money(way.mrr)} of MRR"),
                blocks.span(
                    f" ({count(way.rate, 'point')} per US$100;"
                    f" {equals}{money(way.growth_market_mrr)} in growth markets)"
                ),
            )
            for source, way in gap.ways.items()
        ),
    ]


def _any_kind(remainder: int) -> str:
    return f"{points(remainder)} points of any kind"


def _pipeline(gap: GapOn) -> list[Block]:
    """What open deals would bring by the day, for each class that brings more; nothing where no points are missing."""
    if not gap.then.parts:
        return []
    said, before = list[str](), 0
    for each in gap.pipeline:
        if each.micropoints != before:
            left = f"{points(each.missing)} missing" if each.missing else "no points missing"
            said.append(f"with {PHRASES[each.likelihood]} {signed(each.micropoints)}, {left}")
        before = each.micropoints
    by = blocks.bold(f"Pipeline by {day(gap.by)}")
    return [blocks.line(by, blocks.span(f", not counted above: {' · '.join(said)}"))] if said else []


def _moves(gap: GapOn) -> Iterator[tuple[str, Sequence[Change]]]:
    """What expires and what starts until the day, each with its sum as a title; nothing in the dollar models."""
    if not gap.is_ahead or gap.rules.model == "dollars":
        return
    ends = "expire or are lost" if any(each.cause not in _EXPIRE for each in gap.expiring) else "expire"
    for verb, found in ((ends, gap.expiring), ("start", gap.starting)):
        if found:
            total = points(abs(sum(each.micropoints for each in found)))
            yield f"{total} points {verb} by {day(gap.by)}", found


def _changing(gap: GapOn) -> Iterator[Block]:
    for moved, found in _moves(gap):
        yield blocks.line(blocks.bold(moved))
        yield blocks.bullets(_change(each, gap) for each in found[:SHOWN])
        if rest := found[SHOWN:]:
            yield blocks.line(blocks.italic(f"… and {len(rest):,} more, included in the total"))


def _change(change: Change, gap: GapOn) -> Block:
    kind = "managed" if change.source is Source.MANAGED else f"{change.source.value} sale"
    why = cause(change.cause) if change.micropoints > 0 else ending(change.cause)
    product = name(gap.rules.product(change.product_line, change.edition, change.account))
    return blocks.line(
        blocks.bold(f"{day(change.day)}  {signed(change.micropoints)}"),
        blocks.span(f"  {name(change.client)}, {product}: {kind}, {why}"),
    )


def _unset(gap: Gap) -> list[Block]:
    return [blocks.line(blocks.span(each)) for each in one_line(gap.requirements, gap.tier.name)]


def _controls(gap: GapOn) -> Block:
    key = gap.partner.partner_id
    why = opener("Why?", "why", "combined", key, aloud=WHY_COMBINED)
    return answer_row("gap", key, _days(gap), why, whatif_button(TRY, "", key), flag_button(key))


def _days(gap: GapOn) -> dict[str, Any]:
    """A menu of the days that people plan for: the next credit, the recalibration, the end of the quarter."""
    days = {
        period_end(3, gap.as_of): "end of quarter",
        gap.next_credit: "next credit",
        gap.next_recalibration: "recalibration",
    }
    options = [(f"{day(when)}: {called}", _by(gap, when)) for when, called in sorted(days.items())]
    return blocks.select("By another day", f"{ACTION}:day", options, _by(gap, gap.by))


def _by(gap: GapOn, when: date) -> str:
    return value("gap", f"{gap.then.tier.name} by {when}", gap.partner.partner_id)


def _judged(gap: GapOn) -> list[str]:
    """Whose rules decide and at whose rates one sells, where they are others than today's; why it is about today."""
    if gap.held:
        return [f"Today's points, not those of {day(gap.by)}: {prose(gap.held.reason)}"]
    then = gap.then
    when = gap.by if gap.is_ahead else gap.as_of
    if then.judged_on != when:
        return other_model_notes(when, then.judged_on, then.rules)
    rules, rates = then.rules.version, then.rates.version
    return [f"The {rules} rules decide on {day(when)}; what you sell today has the {rates} rates"] * (rules != rates)


def _judged_on(gap: GapOn) -> list[str]:
    return [f"judged on {day(gap.by)}"] if gap.is_ahead else []


def _notes(gap: Gap) -> list[str]:
    notes = without_repeating(gap.notes, gap.requirements)
    return [*notes, growth_market_note(gap.ways)] if gap.remainder else notes
