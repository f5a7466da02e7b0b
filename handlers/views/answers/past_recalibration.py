"""The last recalibration as a message, and as JSON: what it did, by sampling day."""

from collections.abc import Iterator
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.chart import native
from handlers.views.parts.choices import choice, next_button
from handlers.views.parts.controls import answer_row
from handlers.views.parts.credit_day import chart_of, details, headline, in_a_sentence, mark_of, table_of
from handlers.views.parts.footer import common_record, footing
from handlers.views.parts.formats import day, name, prose, sentences, spoken, tier
from handlers.views.parts.sampling_days import reached_on
from tiercore.facts.unknown import Unknown
from tiercore.questions.credit_day import PastRecalibration
from tiercore.questions.judging import Reached
from tiercore.questions.recalibration import Recalibration, Result, Sample

_RESULTS = {
    Result.KEEPS: "was kept",
    Result.PROTECTED: "was protected",
    Result.FALLS: "was lost",
    Result.AT_RISK: "was at risk",
    Result.UNKNOWN: "couldn't be judged",
}


def message(answer: PastRecalibration) -> Message:
    """One screen: the result and what decided, each sampling day, and what was known then where it differs."""
    found, review = answer.credit_day, answer.credit_day.recalibration
    title = f"{name(found.partner.name)}: {headline(found)}"
    said, corrected = [*details(found), *_on_file(answer)], list(_corrected(answer))
    chart = chart_of(review) if review and found.held else None
    lines = [blocks.line(blocks.span(each)) for each in (*said, *corrected)]
    sampled = [table_of(review)] if review and found.held else []
    return Message(
        text=spoken(
            f"{title}.",
            *said,
            *corrected,
            *([in_a_sentence(review)] if review and found.held else []),
            *sentences(found.notes),
        ),
        blocks=[
            blocks.header(f"{mark_of(found)} {title}"),
            *([blocks.rich(*lines)] if lines else []),
            *sampled,
            *([native(chart)] if chart else []),
            answer_row(
                "recalibration",
                found.partner.partner_id,
                choice(1, "Next recalibration", "recalibration", "next", found.partner.partner_id),
                next_button("gap", found.partner.partner_id),
            ),
            footing(answer.as_of, found.rules, found.notes),
        ],
        charts=(chart,) if chart else (),
    )


def _on_file(answer: PastRecalibration) -> Iterator[str]:
    """That the program's own word isn't on file, where the numbers say that the tier changed."""
    found = answer.credit_day
    if not found.on_file and found.tier != found.held:
        yield f"The credited tier on file is still {tier(found.held)}."


def _corrected(answer: PastRecalibration) -> Iterator[str]:
    """How what is known today differs from what was known on the day; nothing where it doesn't."""
    then, now = answer.known_then, answer.credit_day.recalibration
    if then is None or now is None:
        return
    on = day(now.day)
    if isinstance(then, Unknown):
        yield f"What was known on {on} isn't on record: {prose(then.reason)}."
        return
    if (then.result, then.outcome) != (now.result, now.outcome):
        yield f"By what was known on {on}, {tier(then.credited_tier)} {_RESULTS[then.result]}."
    changed = [
        f"{day(each.day)} ({reached_on(was, then)} then)"
        for was, each in zip(then.samples, now.samples, strict=True)
        if (was.reached, was.enough) != (each.reached, each.enough)
    ]
    if changed:
        yield f"Corrected since: {'; '.join(changed)}."
    else:
        yield "Points of its sampling days were corrected since, which changed no result: /changes shows the imports."


def record(answer: PastRecalibration) -> dict[str, Any]:
    """The past recalibration as JSON; `known_then` is None where nothing was corrected since."""
    found, review = answer.credit_day, answer.credit_day.recalibration
    then = answer.known_then
    return {
        **common_record("recalibration", found.partner, answer.as_of, found.rules, found.notes),
        "recalibration": found.day.isoformat(),
        "is_past": True,
        "window_begins": review.begins.isoformat() if review else None,
        "credited_tier": found.held,
        "result": found.outcome.value,
        "outcome": found.tier,
        "by_numbers": None if isinstance(found.by_numbers, Unknown) else found.by_numbers,
        "on_file": {"tier": found.on_file.tier, "on": found.on_file.day.isoformat()} if found.on_file else None,
        "causes": [each.name for each in review.causes] if review else [],
        "samples": [_sample(each) for each in review.samples] if review else [],
        "known_then": _then(then),
    }


def _sample(sample: Sample) -> dict[str, Any]:
    reached = sample.reached
    return {
        "day": sample.day.isoformat(),
        "reached": reached.tier if isinstance(reached, Reached) else None,
        "enough": sample.enough,
        "unknown": reached.reason if isinstance(reached, Unknown) else None,
    }


def _then(then: Recalibration | Unknown | None) -> dict[str, Any] | None:
    if then is None:
        return None
    if isinstance(then, Unknown):
        return {"unknown": then.reason}
    return {"result": then.result.value, "outcome": then.outcome, "samples": [_sample(each) for each in then.samples]}
