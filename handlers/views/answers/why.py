"""The credits behind a figure as a message, and as JSON."""

from datetime import date
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.causes import GOES_ON, LOSES, cause
from handlers.views.parts.choices import ACTION, next_button, value
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import common_record, footing, product_record
from handlers.views.parts.formats import count, day, money, name, points, prose, sentences, spoken, upper
from handlers.views.parts.paging import pager
from handlers.views.parts.typed import mark
from handlers.views.parts.typed import record as typed_record
from tiercore.facts.points import Source, as_decimal
from tiercore.facts.unknown import Unknown
from tiercore.questions.why import FIGURES_OF_POINTS, Reason, Why
from tiercore.rating.credits import Cause, Origin

SHOWN = 8
_HEAD = ("Client", "Points", "From", "MRR × rate", "Expires")
_POINTS = 1
_NOTHING = "–"


def message(answer: Why) -> Message:
    """One screen: the figure, then its credits, largest first."""
    said = headline(answer)
    partner = answer.partner
    shown = f"{answer.start + 1}–{answer.start + len(answer.reasons)} of {_credit_count(answer)}"
    return Message(
        text=spoken(
            f"{name(partner.name)}: {said}.",
            *(_sentence(each, answer.held) for each in answer.reasons),
            *sentences(answer.notes),
        ),
        blocks=[
            blocks.header(f"{name(partner.name)}: {said}"),
            *_reasons(answer),
            answer_row(
                "why", partner.partner_id, _figures(answer), *_pages(answer), next_button("gap", partner.partner_id)
            ),
            footing(answer.as_of, answer.rules, answer.notes, *([shown] if answer.reasons else [])),
        ],
    )


def headline(answer: Why) -> str:
    """The number that matters first."""
    return f"{points(answer.total)} {answer.figure} points from {_credit_count(answer)}"


def _credit_count(answer: Why) -> str:
    """What the figure is made of: so many sales, managed product lines, or credits of both kinds."""
    match answer.figure:
        case "combined":
            return count(answer.count, "credit")
        case "managed":
            return count(answer.count, "managed product line")
    return count(answer.count, "sale")


def _sentence(reason: Reason, held: Unknown | None) -> str:
    return f"{points(reason.credit.micropoints or 0)} {name(reason.client)}, {_fact(reason)}. {_end(reason, held)}."


def _reasons(answer: Why) -> list[Block]:
    if not answer.reasons:
        return [blocks.rich(blocks.line(blocks.span("No points count on this day.")))]
    rules = list(dict.fromkeys(_rule(each) for each in answer.reasons))
    rows = [_row(each, answer, rules.index(_rule(each)) + 1) for each in answer.reasons]
    notes = (blocks.line(blocks.italic(f"[{number}] {rule}")) for number, rule in enumerate(rules, start=1))
    return [blocks.table(_HEAD, [*rows, _total(answer)], right=[_POINTS]), blocks.rich(*notes)]


def _rule(reason: Reason) -> str:
    """Where the credit's rate comes from."""
    market = ", growth market" if reason.growth_market else ""
    rate = f"{count(reason.credit.rate, 'point')} per US$100, {reason.credit.source.value}{market}"
    return f"{rate}, {reason.version} rules: {name(reason.rule.source, 160)} ({reason.rule.confidence.value})"


def _row(reason: Reason, answer: Why, rule: int) -> list[dict[str, Any]]:
    credit = reason.credit
    product = name(answer.rules.product(credit.product_line, credit.edition, credit.account))
    cells = (
        name(reason.client),
        points(credit.micropoints or 0),
        f"{product}: {_fact(reason)}{_deal(reason)}",
        f"{_sum(reason)} [{rule}]{_origin(reason)}",
        f"{_until(reason, answer.held)}{_typed(reason, answer)}",
    )
    return [blocks.text_cell(each) for each in cells]


def _total(answer: Why) -> list[dict[str, Any]]:
    """The last row: the figure, of all its credits, and how much of it is on this page."""
    shown = sum(each.credit.micropoints or 0 for each in answer.reasons)
    here = f"{points(shown)} of them in these rows" if len(answer.reasons) < answer.count else _NOTHING
    cells = (f"Total of {_credit_count(answer)}", points(answer.total), here, _NOTHING, _NOTHING)
    return [blocks.bold_cell(each) for each in cells]


def _typed(reason: Reason, answer: Why) -> str:
    found = mark(answer.typed, reason.credit.entry_id)
    return f". {upper(found)}" if found else ""


def _fact(reason: Reason) -> str:
    credit, since = reason.credit, day(reason.credit.starts_on)
    if credit.source is Source.MANAGED:
        return f"managed since {since}, agreement {name(credit.entry_id, 40)}"
    if credit.opened_by is Cause.PURCHASE:
        return f"{credit.source.value} {cause(credit.opened_by)} on {since}"
    return f"{credit.source.value} {cause(credit.opened_by)} {name(credit.entry_id, 40)} on {since}"


def _sum(reason: Reason) -> str:
    credit = reason.credit
    share = f", shared evenly by {credit.shared_by}" if credit.shared_by > 1 else ""
    return f"{money(credit.mrr)}{_in_usd(reason)} × {credit.rate}{share}"


def _in_usd(reason: Reason) -> str:
    """What an amount that isn't in US$ is by the program's table: " ≈ US$1,000 (€88 = US$100)"."""
    found = reason.in_us_dollars
    return f" ≈ {money(found.amount)} ({money(found.per_100_usd)} = US$100)" if found else ""


def _deal(reason: Reason) -> str:
    """What deal-based credit says about the credit (how-tiers-work#deal-based)."""
    if reason.credit.opened_by is Cause.NET_UPSELL:
        return ". Net: what the line paid before is taken off"
    bought = reason.credit.opened_by is Cause.PURCHASE
    return ". Credited to the partner of the latest shared deal on this line" * bought


def _origin(reason: Reason) -> str:
    """Which day's rate an upsell keeps where no deal began its line, and what that can't tell."""
    credit, kept = reason.credit, day(reason.credit.rated_on)
    if credit.origin in (None, Origin.DEAL):
        return ""
    if credit.origin is Origin.OWN_DAY:
        return ". No earlier sale or level of this line is on file: an older line may have another rate" * reason.older
    if credit.origin is Origin.DEAL_BASED:
        return ". At the rate of its own day: another partner sold the line first"
    since = f". At the rate of {kept}: the line has paid since then"
    return since + ", the first level on file; an older line may have another rate" * reason.older


def _end(reason: Reason, held: Unknown | None) -> str:
    credit = reason.credit
    doubt = held.reason if held else credit.doubt
    if doubt:
        return f"Expiry unknown: {prose(doubt)}"
    if credit.lapses_on is None:
        return "Counts as long as the agreement and the subscription last"
    if credit.closed_by is Cause.SALE_EXPIRED:
        return f"Expires on {day(credit.lapses_on)}, 12 months after the sale"
    closing = f": {cause(credit.closed_by)}" if credit.closed_by else ""
    if credit.closed_by in LOSES:
        return f"Lost on {day(credit.lapses_on)}{closing}"
    if credit.closed_by is Cause.RULE_CHANGED:
        return f"Re-rated on {day(credit.lapses_on)}{closing}"
    if credit.closed_by in GOES_ON:
        return f"Continues with other points from {day(credit.lapses_on)}{closing}"
    return f"Expires on {day(credit.lapses_on)}{closing}"


def _until(reason: Reason, held: Unknown | None) -> str:
    """The day of the expiry, with its cause where that isn't the sale's age; or else in words when the points end."""
    credit = reason.credit
    if held or credit.doubt:
        return _end(reason, held)
    if credit.lapses_on is None:
        return "while agreement and subscription last"
    if credit.closed_by is Cause.SALE_EXPIRED:
        return day(credit.lapses_on)
    return _end(reason, held).removeprefix("Expires on ")


def _figures(answer: Why) -> dict[str, Any]:
    """A menu of the figures, the one shown chosen."""
    options = [(each.capitalize(), value("why", each, answer.partner.partner_id)) for each in FIGURES_OF_POINTS]
    shown = value("why", answer.figure, answer.partner.partner_id)
    return blocks.select("Figure", f"{ACTION}:figure", options, shown)


def _pages(answer: Why) -> list[dict[str, Any]]:
    shown = len(answer.reasons)
    return pager("why", answer.figure, answer.partner.partner_id, answer.start, shown, answer.count, SHOWN)


def record(answer: Why) -> dict[str, Any]:
    """The credits behind the figure as JSON."""
    return {
        **common_record("why", answer.partner, answer.as_of, answer.rules, answer.notes),
        "figure": answer.figure,
        "total": as_decimal(answer.total),
        "count": answer.count,
        "credits": [
            _reason_record(each, answer) | typed_record(answer.typed, each.credit.entry_id) for each in answer.reasons
        ],
    }


def _reason_record(reason: Reason, answer: Why) -> dict[str, Any]:
    credit = reason.credit
    doubt = answer.held.reason if answer.held else credit.doubt
    return {
        "client": reason.client,
        **product_record(answer.rules, credit.product_line, credit.edition, credit.account),
        "source": credit.source.value,
        "entry": credit.entry_id,
        "opened_by": credit.opened_by.value,
        "points": as_decimal(credit.micropoints or 0),
        "mrr": credit.mrr.as_decimal(),
        "currency": credit.mrr.currency,
        "mrr_in_usd": reason.in_us_dollars.amount.as_decimal() if reason.in_us_dollars else None,
        "per_100_usd": reason.in_us_dollars.per_100_usd.as_decimal() if reason.in_us_dollars else None,
        "points_per_100_usd": credit.rate,
        "growth_market": reason.growth_market,
        "rated_on": credit.rated_on.isoformat(),
        "origin": credit.origin.value if credit.origin else None,
        "older_line_may_have_another_rate": reason.older,
        "shared_by": credit.shared_by,
        "since": credit.starts_on.isoformat(),
        "lapses_on": credit.lapses_on.isoformat() if credit.lapses_on and not doubt else None,
        "expiry_unknown": doubt,
        "rule": {
            "version": reason.version,
            "since": None if reason.rule.since == date.min else reason.rule.since.isoformat(),
            "source": reason.rule.source,
            "confidence": reason.rule.confidence.value,
        },
    }
