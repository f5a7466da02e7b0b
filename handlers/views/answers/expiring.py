"""What lapses as a message, and as JSON."""

from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.causes import cause
from handlers.views.parts.choices import tabs
from handlers.views.parts.footer import common_record, footing
from handlers.views.parts.formats import count, day, month, name, points, quiet, tier
from handlers.views.parts.requirement import figure, label_inside
from tiercore.facts.points import Source, as_decimal
from tiercore.questions.expiry import Expiry, Lapse

SHOWN = 12


def message(expiry: Expiry) -> Message:
    """One screen: how much, what it does to minimums and tier, then what lapses, soonest first."""
    said = headline(expiry)
    return Message(
        text=f"{quiet(expiry.partner.name)}: {said}. {' '.join(consequences(expiry))}".strip(),
        blocks=[
            blocks.header(f"{name(expiry.partner.name)}: {said}"),
            blocks.rich(*_consequences(expiry), *_months(expiry), *_items(expiry), *_unknown(expiry)),
            footing(expiry.as_of, expiry.rules, _notes(expiry), f"up to {day(expiry.until)}"),
            tabs("expiring", expiry.partner.partner_id),
        ],
    )


def headline(expiry: Expiry) -> str:
    """The number that matters first."""
    within = count(expiry.days, "day")
    if expiry.held:
        return f"what lapses within {within} is {expiry.held.reason}"
    if not expiry.lapses:
        return f"nothing known lapses within {within}"
    return f"{points(expiry.total)} points lapse within {within}"


def consequences(expiry: Expiry) -> list[str]:
    """What the lapses do: the performing tier lost, and each minimum that turns red, with its day."""
    said = []
    if expiry.fall:
        after = f"{tier(expiry.fall.after.tier)}"
        said.append(f"Performing tier falls from {tier(expiry.fall.before)} to {after} on {day(expiry.fall.day)}.")
    for breach in expiry.breaches:
        left = f"{figure(breach.requirement.have, breach.requirement.unit)} of "
        left += figure(breach.requirement.need, breach.requirement.unit)
        said.append(
            f"{tier(breach.tier)}'s {label_inside(breach.requirement.name)} turns red on {day(breach.day)}: {left}."
        )
    return said


def _consequences(expiry: Expiry) -> list[Block]:
    if expiry.held:
        return [blocks.line(blocks.span("⚪ Blank until it is put right: no figure of it is shown."))]
    said = [f"🔴 {each}" for each in consequences(expiry)]
    if expiry.unjudged:
        said.append(f"⚫ Not configured, so not judged: {', '.join(expiry.unjudged)}")
    if not (expiry.breaches or expiry.fall or expiry.unjudged or expiry.unknown):
        said.append("🟢 No figure that is met today turns red, and the performing tier holds.")
    return [blocks.line(blocks.span(each)) for each in said]


def _months(expiry: Expiry) -> list[Block]:
    if len(expiry.months) < 2:
        return []
    parts = [f"{month(each.month)} {points(each.micropoints)}" for each in expiry.months]
    return [blocks.line(blocks.bold("Per month: "), blocks.span(" · ".join(parts)))]


def _items(expiry: Expiry) -> list[Block]:
    if not expiry.items:
        return []
    shown = expiry.items[:SHOWN]
    lines = [blocks.bullets(_item(each) for each in shown)]
    if expiry.lapses > len(shown):
        more = count(expiry.lapses - len(shown), "later lapse")
        lines.append(blocks.line(blocks.italic(f"… and {more}; all are in the total")))
    return lines


def _item(lapse: Lapse) -> Block:
    kind = "managed" if lapse.source is Source.MANAGED else f"{lapse.source.value} sale"
    return blocks.line(
        blocks.bold(f"{day(lapse.lapses_on)}  −{points(lapse.micropoints)}"),
        blocks.span(f"  {name(lapse.client)}, {name(lapse.product_line)} – "),
        blocks.span(f"{kind}: {cause(lapse.cause)}"),
    )


def _unknown(expiry: Expiry) -> list[Block]:
    if not expiry.unknown:
        return []
    shown = expiry.unknown[:SHOWN]
    lines = (blocks.line(blocks.span(f"⚪ {name(u.client)}, {name(u.product_line)}: {u.reason}")) for u in shown)
    title = f"Expiry unknown for {count(len(expiry.unknown), 'product line')}, in no total:"
    return [blocks.line(blocks.bold(title)), blocks.bullets(lines)]


def _notes(expiry: Expiry) -> list[str]:
    return ["A day is the first without the points", *expiry.notes]


def record(expiry: Expiry) -> dict[str, Any]:
    """What lapses as JSON; `lapses_on` is the first day without the points."""
    return {
        **common_record("expiring", expiry.partner, expiry.as_of, expiry.rules, expiry.notes),
        "days": expiry.days,
        "held": expiry.held.reason if expiry.held else None,
        "total": None if expiry.held else as_decimal(expiry.total),
        "months": [{"month": f"{each.month:%Y-%m}", "points": as_decimal(each.micropoints)} for each in expiry.months],
        "items": [
            {
                "client": each.client,
                "product_line": each.product_line,
                "source": each.source.value,
                "points": as_decimal(each.micropoints),
                "lapses_on": each.lapses_on.isoformat(),
                "cause": each.cause.value,
            }
            for each in expiry.items
        ],
        "turns_red": [
            {"tier": each.tier, "requirement": each.requirement.name, "on": each.day.isoformat()}
            for each in expiry.breaches
        ],
        "tier_falls": _fall_record(expiry),
        "not_judged": list(expiry.unjudged),
        "unknown": [
            {"client": each.client, "product_line": each.product_line, "reason": each.reason} for each in expiry.unknown
        ],
    }


def _fall_record(expiry: Expiry) -> dict[str, Any] | None:
    fall = expiry.fall
    return {"from": fall.before, "to": fall.after.tier, "on": fall.day.isoformat()} if fall else None
