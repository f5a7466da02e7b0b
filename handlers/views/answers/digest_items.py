"""The lists of the expiry digest: what expires by client, and which decisions are coming up."""

from collections.abc import Iterator

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import day, due, name, points
from tiercore.questions.digest import DECISIONS_AHEAD, Decision, Digest
from tiercore.rating.credits import Cause

SHOWN = 5


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
