"""The two halves of a digest for those who want one alone: the progress, and what expires."""

from collections.abc import Iterator, Sequence

from handlers.views.answers.digest_items import (
    SHOWN,
    change_text,
    changed_clients,
    coming_decisions,
    corrected,
    corrected_texts,
    decision_text,
    expiring_by_client,
    requirements,
)
from handlers.views.answers.expiring import consequences, not_judged
from handlers.views.answers.recalibration import headline as verdict
from handlers.views.answers.recalibration import mark_of
from handlers.views.parts import blocks
from handlers.views.parts.advice import in_a_sentence, to_do
from handlers.views.parts.blocks import Block, Message, Span
from handlers.views.parts.chart import native
from handlers.views.parts.choices import WHY_COMBINED, next_button, opener
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import footing
from handlers.views.parts.formats import (
    count,
    credited,
    measured,
    name,
    points,
    prose,
    sentences,
    spoken,
    tier,
    upper,
)
from handlers.views.parts.not_set import is_gathered, one_line, shown, without_repeating
from handlers.views.parts.progress_chart import chart_of
from handlers.views.parts.reasons import bound_on
from handlers.views.parts.requirement import figure, in_words, label, label_inside, missed
from handlers.views.parts.schedule import schedule_button, subscription_notes
from tiercore.questions.digest import SPANS, Digest
from tiercore.questions.gap import points_missing
from tiercore.questions.requirements import Requirement, State, Unit


def progress(digest: Digest, stop: str) -> Message:
    partner, chart = digest.partner, chart_of(digest.progress)
    said = f"{points(digest.standing.balance.combined)} points, {change_text(digest)}"
    wanted, target = digest.standing.requirements, digest.standing.target.name
    unmet = [each for each in shown(wanted) if each.state is not State.GREEN]
    return Message(
        text=spoken(
            f"{name(partner.name)}: {said}.",
            *corrected_texts(digest),
            *sentences(_missed(digest)),
            f"{verdict(digest.recalibration)}.",
            *advised(digest),
            *(f"{label(each.name)}: {in_words(each, digest.as_of)}." for each in unmet),
            *one_line(wanted, target),
            *sentences(without_repeating(digest.standing.notes, wanted)),
        ),
        blocks=[
            blocks.header(f"{name(partner.name)}: {said}"),
            blocks.rich(
                blocks.line(*_to_next(digest)),
                *corrected(digest),
                *(blocks.line(blocks.span(each)) for each in _missed(digest)),
                *changed_clients(digest),
                blocks.line(blocks.bold("Requirements")),
                blocks.bullets(blocks.line(blocks.span(each)) for each in requirements(digest)),
                *_outlook(digest),
            ),
            native(chart),
            *_end(digest, stop),
        ],
        charts=(chart,),
    )


def _missed(digest: Digest) -> list[str]:
    """What the credited tier requires and the numbers no longer reach."""
    standing = digest.standing
    return missed(digest.partner.name, standing.amiss, standing.credited_tier, digest.as_of)


def expiry_list(digest: Digest, stop: str, *, beside: bool) -> Message:
    partner, expiry = digest.partner, digest.expiry
    first, *rest = SPANS
    within = f"{points(digest.lapsing_within(first))} points expire in {first} days"
    within += "".join(f", {points(digest.lapsing_within(days))} in {days}" for days in rest)
    doubt = f"; unknown for {count(len(expiry.unknown), 'product line')}" if expiry.unknown else ""
    if not expiry.held and not any(digest.lapsing_within(days) for days in SPANS):
        within = f"no points expire in the next {rest[-1]} days"
    said = f"expiry {prose(expiry.held.reason)}" if expiry.held else f"{within}{doubt}"
    unknown = _not_judged(digest)
    lines = [
        *(blocks.line(blocks.span(f"🔴 {each}")) for each in consequences(expiry)),
        *([] if beside else corrected(digest)),
        *(blocks.line(blocks.span(f"{each}.")) for each in unknown),
        *expiring_by_client(digest),
        *coming_decisions(digest),
        *([] if beside else _outlook(digest)),
    ]
    nothing = [blocks.line(blocks.span("Nothing expires, and there is nothing to decide."))]
    return Message(
        text=spoken(
            f"{name(partner.name)}: {said}.",
            *consequences(expiry),
            *([] if beside else corrected_texts(digest)),
            *sentences(unknown),
            *([] if beside else [f"{verdict(digest.recalibration)}.", *advised(digest)]),
            *(f"{decision_text(each)}." for each in digest.decisions[:SHOWN]),
            *sentences(digest.standing.notes),
        ),
        blocks=[blocks.header(f"{name(partner.name)}: {said}"), blocks.rich(*(lines or nothing)), *_end(digest, stop)],
    )


def _not_judged(digest: Digest) -> list[str]:
    """What the expiry digest can't say: while a figure is under correction, for lines whose expiry is unknown, or
    because figures aren't set.
    """
    expiry = digest.expiry
    if expiry.held:
        return ["⚪ No expiry figures are shown until this is corrected"]
    lines = count(len(expiry.unknown), "product line")
    return [*([f"⚪ Expiry unknown for {lines}: /expiring"] if expiry.unknown else []), *not_judged(expiry)]


def advised(digest: Digest) -> list[str]:
    """What to do, in sentences."""
    rules, currency = digest.standing.rules, digest.partner.currency
    return [f"{in_a_sentence(each, digest.verdict, rules, currency)}." for each in digest.advice]


def _end(digest: Digest, stop: str) -> list[Block]:
    key = digest.partner.partner_id
    why = opener("Why?", "why", "combined", key, aloud=WHY_COMBINED)
    controls = answer_row("digest", key, why, next_button("tier", key), schedule_button(stop))
    wanted = digest.standing.requirements if digest.topic == "progress" else ()
    notes = [*without_repeating(digest.standing.notes, wanted), *subscription_notes(stop)]
    return [controls, footing(digest.as_of, digest.standing.rules, notes)]


def _to_next(digest: Digest) -> list[Span]:
    standing = digest.standing
    total, goal = standing.requirements[0], tier(standing.next_tier or standing.target.name)
    spans = [blocks.bold(upper(credited(standing.credited_tier, standing.credited_on))), blocks.span("  ")]
    if isinstance(total.have, int) and isinstance(total.need, int):
        left = f" {_short_of(total, standing.requirements, goal)}"
        left = left if total.short else f" {goal}'s {label_inside(total.name)}: met"
        return [
            *spans,
            blocks.span(f"{measured(total.have, total.need, met=not total.short)} {left}"),
        ]
    if is_gathered(total, standing.requirements):
        return [*spans, blocks.span(f"{points(standing.balance.combined)} points")]
    return [*spans, blocks.span(f"{goal}'s combined threshold isn't set")]


def _short_of(total: Requirement, requirements: Sequence[Requirement], goal: str) -> str:
    bound = bound_on(requirements)
    if total.unit is Unit.US_CENTS:
        return f"{bound}{figure(total.short, total.unit)} of sold MRR short of {goal}"
    return f"{bound}{points(points_missing(requirements))} to {goal}"


def _outlook(digest: Digest) -> Iterator[Block]:
    """The expected result of the recalibration, and what to do this week."""
    mark = mark_of(digest.recalibration)
    yield blocks.line(blocks.span(f"{mark} Recalibration: {verdict(digest.recalibration)}."))
    yield from to_do(digest.advice, digest.verdict, digest.standing.rules, digest.partner.currency)
