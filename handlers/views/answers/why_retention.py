"""The clients behind C$R or GRR as a message, and as JSON."""

from typing import Any

from dateutil.relativedelta import relativedelta

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import next_button
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import common_record, footing, product_record
from handlers.views.parts.formats import count, day, money, name, prose, sentences, spoken
from handlers.views.parts.paging import pager
from handlers.views.parts.requirement import figure, label
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, as_decimal, hundredths
from tiercore.facts.unknown import Unknown
from tiercore.program import Rules
from tiercore.questions.requirements import Unit
from tiercore.questions.why import RETENTION
from tiercore.questions.why_retention import ClientLoss, RetentionWhy

SHOWN = 8
_COUNTS = {
    "churn_only": "Only cancelled product lines count, not downgrades or upsells",
    "gross": "Downgrades and cancellations count, upsells don't",
    "net": "Downgrades, cancellations, upsells and new product lines of the same clients count",
}


def message(answer: RetentionWhy) -> Message:
    """One screen: the figure, then the product lines that make up its difference to 100 %, largest part first."""
    said = headline(answer)
    partner = answer.partner
    shown = f"{answer.start + 1}–{answer.start + len(answer.losses)} of {count(answer.count, 'change')}"
    return Message(
        text=spoken(
            f"{name(partner.name)}: {said}.",
            *(f"{_said(each, answer.rules)}." for each in answer.losses),
            *sentences(answer.notes),
        ),
        blocks=[
            blocks.header(f"{name(partner.name)}: {said}"),
            blocks.rich(blocks.line(blocks.span(f"{_COUNTS[answer.rules.retention_counts]}. {_sum(answer)}"))),
            *_losses(answer),
            answer_row("why", partner.partner_id, *_pages(answer), next_button("clients", partner.partner_id)),
            footing(answer.as_of, answer.rules, answer.notes, *([shown] if len(answer.losses) < answer.count else [])),
        ],
    )


def headline(answer: RetentionWhy) -> str:
    """The number that matters first."""
    measure = label(answer.rules.retention_measure)
    if isinstance(answer.figure, Unknown):
        return f"{measure} unknown: {prose(answer.figure.reason)}"
    shown = f"{measure} {_percent(answer.figure)}"
    if not answer.count:
        return f"{shown}, nothing lost"
    missing = 100 * MICRO - answer.figure
    what = f"{_percent(missing)} lost" if missing >= 0 else f"{_percent(-missing)} gained"
    return f"{shown}, {what} through {count(answer.clients, 'client')}"


def _sum(answer: RetentionWhy) -> str:
    """The sum that the lines add up to, and the months it is about."""
    months = f"12 months from {day(answer.since)}"
    if isinstance(answer.figure, Unknown) or not answer.count:
        return f"Counted: {months}."
    difference = hundredths(100 * MICRO) - hundredths(answer.figure)
    sign = "−" if difference >= 0 else "+"
    part = _percent(abs(difference) * (MICRO // 100))
    return f"100% {sign} {part} = {_percent(answer.figure)} over {months}."


def _losses(answer: RetentionWhy) -> list[Block]:
    if not answer.losses:
        return []
    lines = (
        blocks.line(blocks.bold(f"{_part(each)}  {name(each.client)}"), blocks.span(f", {_fact(each, answer.rules)}"))
        for each in answer.losses
    )
    return [blocks.rich(blocks.bullets(lines))]


def _said(loss: ClientLoss, rules: Rules) -> str:
    return f"{_part(loss)} {name(loss.client)}, {_fact(loss, rules)}"


def _part(loss: ClientLoss) -> str:
    """What the line takes off or adds: "−40%", "+3.25%"."""
    return f"{'+' if loss.loss.percent < 0 else '−'}{_percent(abs(loss.loss.percent))}"


def _fact(loss: ClientLoss, rules: Rules) -> str:
    line = loss.loss.line
    base = money(Money(loss.loss.base_cents, "USD"))
    was = f"{money(line.before)} a month" if line.before else "new"
    until = loss.month + relativedelta(months=1)
    product = rules.product(line.product_line, line.edition, line.account)
    when = f"between {day(loss.month)} and {day(until)}"
    return f"{name(product)}: {was}, {_change(line.before, line.after)} {when}, of {base} MRR"


def _change(before: Money | None, after: Money | None) -> str:
    """What happened to a line in a month, which is known from its first day to the next month's."""
    if after is None:
        return "cancelled"
    if before is None or before.currency != after.currency:
        return f"{'added' if before is None else 'changed'} at {money(after)} a month"
    return f"{'cut' if after.minor < before.minor else 'raised'} to {money(after)}"


def _percent(micro: int) -> str:
    return figure(micro, Unit.PERCENT)


def _pages(answer: RetentionWhy) -> list[dict[str, Any]]:
    key = answer.partner.partner_id
    return pager("why", RETENTION, key, answer.start, len(answer.losses), answer.count, SHOWN)


def record(answer: RetentionWhy) -> dict[str, Any]:
    """The lines behind the figure as JSON: percentages as decimal strings that add up to 100 with the figure."""
    known = None if isinstance(answer.figure, Unknown) else answer.figure
    return {
        **common_record("why", answer.partner, answer.as_of, answer.rules, answer.notes),
        "figure": RETENTION,
        "measure": answer.rules.retention_measure,
        "counts": answer.rules.retention_counts,
        "unit": "percent",
        "total": None if known is None else as_decimal(known),
        "unknown": answer.figure.reason if isinstance(answer.figure, Unknown) else None,
        "since": answer.since.isoformat(),
        "count": answer.count,
        "losses": [_loss_record(each, answer.rules) for each in answer.losses],
    }


def _loss_record(loss: ClientLoss, rules: Rules) -> dict[str, Any]:
    line = loss.loss.line
    return {
        "client_id": line.client_id,
        "client": loss.client,
        **product_record(rules, line.product_line, line.edition, line.account or None),
        "month": loss.month.isoformat()[:7],
        "percent": as_decimal(loss.loss.percent),
        "mrr_before": line.before.as_decimal() if line.before else "0",
        "currency_before": line.before.currency if line.before else None,
        "mrr_after": line.after.as_decimal() if line.after else "0",
        "currency_after": line.after.currency if line.after else None,
        "base_usd": Money(loss.loss.base_cents, "USD").as_decimal(),
    }
