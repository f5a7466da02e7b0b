"""The digest of one partner as a message, and as JSON: what matters most, what to do, what moved, and the chart."""

from typing import Any

from handlers.views.answers import digest_halves
from handlers.views.answers.digest_items import (
    change_text,
    changed_clients,
    corrected,
    corrected_record,
    corrected_texts,
    since_text,
)
from handlers.views.parts import blocks
from handlers.views.parts import goal as goal_view
from handlers.views.parts.advice import in_a_sentence, to_do
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.chart import native
from handlers.views.parts.choices import WHY_COMBINED, opener
from handlers.views.parts.controls import answer_row
from handlers.views.parts.doubts import reason_of
from handlers.views.parts.footer import common_record, footing
from handlers.views.parts.formats import count, day, name, points, sentences, spoken, tier, upper
from handlers.views.parts.not_set import without_repeating
from handlers.views.parts.progress_chart import chart_of
from handlers.views.parts.schedule import schedule_button, subscription_notes
from handlers.views.parts.verdict import headline, mark, record_of
from tiercore.facts.points import as_decimal
from tiercore.questions.digest import SPANS, Digest
from tiercore.questions.verdict import VerdictKind


def message(digest: Digest, *, beside: bool = False, stop: str = "") -> Message:
    """One screen: what matters most, what to do by when, and what moved; the rest opens in windows.

    A subscription's digest without news is one line. With `beside`, the reader gets the progress digest too, so the
    expiry digest leaves out what that one says. `stop` is the command that ends a subscription's digest, "" for a
    digest that someone asked for.
    """
    match digest.topic:
        case "expiry":
            return digest_halves.expiry_list(digest, stop, beside=beside)
        case "progress":
            return digest_halves.progress(digest, stop)
        case _ if stop and not digest.has_news:
            return _one_line(digest, stop)
    return _whole(digest, stop)


def _whole(digest: Digest, stop: str) -> Message:
    chart, moved = chart_of(digest.progress), _moved(digest)
    rules, currency = digest.standing.rules, digest.partner.currency
    return Message(
        text=spoken(
            f"{_title(digest)}.",
            *(f"{each}." for each in in_sentences(digest)),
            f"{moved}.",
            *corrected_texts(digest),
            *sentences(_not_judged(digest)),
            *goal_of(digest),
            *sentences(digest.standing.notes),
        ),
        blocks=[
            blocks.header(_title(digest)),
            blocks.rich(
                *(to_do(digest.advice, digest.verdict, rules, currency) or _nothing_to_do(digest)),
                *(blocks.line(blocks.span(each)) for each in (*_not_judged(digest), *goal_of(digest))),
                blocks.line(blocks.bold("What moved"), blocks.span(f"  {moved}")),
                *corrected(digest),
                *(changed_clients(digest) if digest.changes.clients else ()),
            ),
            native(chart),
            *_end(digest, stop),
        ],
        charts=(chart,),
    )


def _one_line(digest: Digest, stop: str) -> Message:
    """That nothing moved and nothing is to be done, with how safe the tier is; the rest opens in a window."""
    said = f"{name(digest.partner.name)}: nothing moved and nothing to do {_span(digest)}: {_safe(digest)}"
    row = blocks.actions(
        opener("Show all", "digest", "", digest.partner.partner_id, aloud="Show all: the whole digest"),
        schedule_button(stop),
    )
    notes = [*digest.standing.notes, *subscription_notes(stop)]
    text = spoken(f"{said}.", *goal_of(digest), *sentences(digest.standing.notes))
    paragraphs = (f"{mark(digest.verdict)} {said}.", *goal_of(digest))
    shown = blocks.rich(*(blocks.line(blocks.span(each)) for each in paragraphs))
    return Message(text, [shown, row, footing(digest.as_of, digest.standing.rules, notes)])


def _safe(digest: Digest) -> str:
    """How long the credited tier is safe, and without one what is missing for the first."""
    if digest.standing.credited_tier is None:
        return headline(digest.verdict)
    return f"{tier(digest.standing.credited_tier)} is safe until {day(digest.recalibration.day)}"


def _title(digest: Digest) -> str:
    return f"{mark(digest.verdict)} {name(digest.partner.name)}: {headline(digest.verdict)}"


def in_sentences(digest: Digest) -> list[str]:
    """What to do, a sentence each without its stop."""
    rules, currency = digest.standing.rules, digest.partner.currency
    return [in_a_sentence(each, digest.verdict, rules, currency) for each in digest.advice]


def _nothing_to_do(digest: Digest) -> list[Block]:
    return [blocks.line(blocks.bold(f"Nothing to do {_span(digest)}."))]


def _span(digest: Digest) -> str:
    return since_text(digest, "this week", "since")


def _moved(digest: Digest) -> str:
    """The points, what came or went, and what was corrected: "420 points, +5 this week"."""
    return f"{points(digest.standing.balance.combined)} points, {change_text(digest)}"


def _not_judged(digest: Digest) -> list[str]:
    """Why the tier can't be judged, where the title doesn't say it."""
    if digest.verdict.kind is VerdictKind.UNKNOWN:
        return []
    return [f"⚪ {upper(reason_of(each))}" for each in digest.doubts]


def goal_of(digest: Digest) -> list[str]:
    """How it stands with the goal that was kept, in a sentence; nothing without one."""
    return [goal_view.line(digest.goal)] if digest.goal else []


def _end(digest: Digest, stop: str) -> list[Block]:
    """What opens in windows: the requirements, what expires and what to decide, and the credits."""
    key, decisions = digest.partner.partner_id, len(digest.decisions)
    ahead = f"Expiring, {count(decisions, 'decision')}" if decisions else "Expiring"
    controls = answer_row(
        "digest",
        key,
        opener("Requirements", "tier", "", key, 0, aloud="Requirements: each, and how far it is met"),
        opener(ahead, "digest", "expiry", key, 1, aloud=f"{ahead}: what expires by client, and what to decide"),
        opener("Why?", "why", "combined", key, 2, aloud=WHY_COMBINED),
        schedule_button(stop),
    )
    notes = [*without_repeating(digest.standing.notes, digest.standing.requirements), *subscription_notes(stop)]
    return [controls, footing(digest.as_of, digest.standing.rules, notes)]


def record(digest: Digest) -> dict[str, Any]:
    """The digest as JSON."""
    standing = digest.standing
    return {
        **common_record("digest", digest.partner, digest.as_of, standing.rules, standing.notes),
        "topic": digest.topic,
        "verdict": record_of(digest.verdict),
        "has_news": digest.has_news,
        "points": as_decimal(standing.balance.combined),
        **corrected_record(digest),
        "credited_tier": standing.credited_tier,
        "next_tier": standing.next_tier,
        "recalibration": {"on": digest.recalibration.day.isoformat(), "verdict": digest.recalibration.result.value},
        "lapsing": {
            str(days): None if digest.expiry.held else as_decimal(digest.lapsing_within(days)) for days in SPANS
        },
        "decisions": [
            {
                "client": each.client,
                "what": each.what,
                "kind": "agreement" if each.is_agreement else "subscription",
                "on": each.day.isoformat(),
                "decide_by": each.by.isoformat(),
            }
            for each in digest.decisions
        ],
        "to_do": [
            {"what": said, "kind": each.action.value, "by": each.by.isoformat()}
            for each, said in zip(digest.advice, in_sentences(digest), strict=True)
        ],
        "goal": goal_view.record(digest.goal),
    }
