"""Parts of the digests: what was corrected in hindsight, what expires by client, and which decisions are coming up."""

from collections.abc import Iterator
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import day, due, name, points, signed
from handlers.views.parts.hindsight import moved, not_recorded, summary
from handlers.views.parts.hindsight import record as corrections_record
from tiercore.facts.points import as_decimal
from tiercore.facts.unknown import Unknown
from tiercore.questions.digest import DECISIONS_AHEAD, WEEK, Decision, Digest
from tiercore.rating.credits import Cause
from tiercore.rating.hindsight import NO_SHIFT

SHOWN = 5


def change_text(digest: Digest) -> str:
    """What came or went, and what was corrected: "+5 this week, +30 corrected in hindsight"."""
    change, shift = signed(digest.change), digest.changes.hindsight.at_since
    said = f"{'no change' if change.startswith('±') else change} {since_text(digest, 'this week', 'since')}"
    return said if shift == NO_SHIFT else f"{said}, {moved(shift)} corrected in hindsight"


def since_text(digest: Digest, week: str, preposition: str) -> str:
    """The time that the digest is about: a `week`, or "since 5 Sep 2022" where the one before was not a week ago."""
    return week if digest.changes.days == WEEK else f"{preposition} {day(digest.changes.since)}"


def since_typed(digest: Digest) -> str:
    """The same as one types it after /changes."""
    return f"{WEEK} days" if digest.changes.days == WEEK else digest.changes.since.isoformat()


def corrected(digest: Digest) -> Iterator[Block]:
    """What was corrected of the day of the digest before: what that one said, this, and what came and went add up."""
    if digest.changes.hindsight.at_since != NO_SHIFT:
        title, *rest = corrected_texts(digest)
        yield blocks.line(blocks.bold(title), *(blocks.span(f" {each}") for each in rest))


def corrected_texts(digest: Digest) -> list[str]:
    """The same in sentences; none where nothing was corrected."""
    hindsight, since = digest.changes.hindsight, day(digest.changes.since)
    if hindsight.at_since == NO_SHIFT:
        return []
    found = [each for each in hindsight.corrections if each.at_since != NO_SHIFT]
    reasons = summary(found)
    said = f"Corrected in hindsight: {moved(hindsight.at_since)}{f', {reasons}' if reasons else ''}."
    now, was = digest.before.balance, digest.changes.known_before
    if isinstance(was, Unknown):
        return [said, f"{not_recorded(hindsight, digest.changes.since, now)}; now it is {points(now.combined)}."]
    return [said, f"{since} was known as {points(was.combined)} points, and is now known as {points(now.combined)}."]


def corrected_record(digest: Digest) -> dict[str, Any]:
    """What was known, what was corrected and what changed, as JSON: the three add up to the points."""
    was, hindsight = digest.changes.known_before, digest.changes.hindsight
    return {
        "since": digest.changes.since.isoformat(),
        "known_before": None if isinstance(was, Unknown) else as_decimal(was.combined),
        "corrected": as_decimal(digest.corrected),
        "change": as_decimal(digest.change),
        "micropoints": {
            "known_before": None if isinstance(was, Unknown) else was.combined,
            "corrected": digest.corrected,
            "change": digest.change,
            "points": digest.standing.balance.combined,
        },
        "corrections": corrections_record(hindsight),
    }


def expiring_by_client(digest: Digest) -> Iterator[Block]:
    """What expires in the digest's span, by day and client; nothing where nothing expires."""
    items = digest.expiry.items[: 2 * SHOWN]
    if not items:
        return
    yield blocks.line(blocks.bold("Expiring by client"))
    yield blocks.bullets(
        blocks.line(
            blocks.bold(f"{day(each.lapses_on)}  −{points(each.micropoints)}"),
            blocks.span(f"  {name(each.client)}{', agreement ends' if each.cause is Cause.AGREEMENT_ENDED else ''}"),
        )
        for each in items
    )
    if (more := len(digest.expiry.items) - len(items)) > 0:
        yield blocks.line(blocks.italic(f"… and {more:,} more: /expiring"))


def coming_decisions(digest: Digest) -> Iterator[Block]:
    """Agreements that end and subscriptions that renew, each with the day to decide by; nothing for none."""
    shown = digest.decisions[:SHOWN]
    if not shown:
        return
    yield blocks.line(blocks.bold(f"Decisions in the next {DECISIONS_AHEAD} days"))
    deadlines = ("now" if each.by == digest.as_of else f"by {due(each.by, digest.as_of)}" for each in shown)
    lines = zip(deadlines, shown, strict=True)
    yield blocks.bullets(
        blocks.line(blocks.bold(when), blocks.span(f"  {decision_text(each)}")) for when, each in lines
    )
    if (more := len(digest.decisions) - len(shown)) > 0:
        yield blocks.line(blocks.italic(f"… and {more:,} later"))


def decision_text(decision: Decision) -> str:
    """The client, and what ends or renews on which day: "Initech: agreement ends on 5 Sep 2022"."""
    what = "agreement ends" if decision.is_agreement else f"{name(decision.what)} renews"
    return f"{name(decision.client)}: {what} on {day(decision.day)}"
