"""Parts of the digests: what was corrected, which clients and requirements changed, what expires, what to decide."""

from collections.abc import Iterator
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.causes import happened
from handlers.views.parts.formats import count, day, due, name, points, signed
from handlers.views.parts.hindsight import moved, not_recorded, summary
from handlers.views.parts.hindsight import record as corrections_record
from handlers.views.parts.not_set import one_line, shown
from handlers.views.parts.requirement import MARKS, in_words, label
from tiercore.facts.points import as_decimal
from tiercore.facts.unknown import Unknown
from tiercore.questions.digest import DECISIONS_AHEAD, WEEK, Decision, Digest
from tiercore.questions.requirements import Requirement, State, Unit
from tiercore.rating.credits import Cause
from tiercore.rating.hindsight import NO_SHIFT

SHOWN = 5
_LOST = "▾"  # met, but lower than a week ago: not green
_WAS = {
    State.GREEN: "met",
    State.RED: "not met",
    State.UNKNOWN: "unknown",
    State.NOT_CONFIGURED: "not set",
}


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
    return [said, f"{since}: {points(was.combined)} points as first reported, {points(now.combined)} now."]


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


def changed_clients(digest: Digest) -> Iterator[Block]:
    """The clients whose points changed most, with the causes."""
    clients = digest.changes.clients[:SHOWN]
    if not clients:
        yield blocks.line(blocks.span("No points were gained, expired or lost."))
        return
    more = len(digest.changes.clients) - len(clients)
    yield blocks.bullets(
        blocks.line(
            blocks.bold(f"{signed(each.total.net)}  {name(each.client)}"),
            blocks.span(f": {', '.join(dict.fromkeys(happened(item.cause) for item in each.items))}"),
        )
        for each in clients
    )
    if more:
        yield blocks.line(blocks.italic(f"… and {count(more, 'more client')}: /changes {since_typed(digest)}"))


def requirements(digest: Digest) -> Iterator[str]:
    """Each requirement with its colour, and what changed this week: its colour as it was known then, its points as
    they are known now, because corrections have a line of their own.
    """
    known = {each.name: each for each in digest.before.requirements}
    said = {each.name: each for each in (digest.said or digest.before).requirements}
    for each in shown(digest.standing.requirements):
        change = _weekly_change(digest, each, said.get(each.name), known.get(each.name))
        mark = _LOST if "−" in change and each.state is State.GREEN else MARKS[each.state]
        yield f"{mark} {label(each.name)}: {in_words(each, digest.as_of)}{change}"
    yield from one_line(digest.standing.requirements, digest.standing.target.name)


def _weekly_change(digest: Digest, current: Requirement, said: Requirement | None, known: Requirement | None) -> str:
    if said is None or said.state is not current.state:
        return f" ({_WAS[said.state]} {since_text(digest, 'last week', 'on')})" if said else ""
    if known and current.unit is Unit.POINTS and isinstance(current.have, int) and isinstance(known.have, int):
        change = signed(current.have - known.have)
        return f", {change} {since_text(digest, 'this week', 'since')}" if not change.startswith("±") else ""
    return ""


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
