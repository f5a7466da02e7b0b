"""What expires as a message, and as JSON."""

from datetime import date
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.causes import ending
from handlers.views.parts.choices import next_button
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import common_record, footing, not_set, product_record
from handlers.views.parts.formats import count, day, due, month, name, points, prose, sentences, spoken, tier
from handlers.views.parts.reasons import have_of_need, in_full
from handlers.views.parts.requirement import MARKS, turns_red
from tiercore.facts.points import Source, as_decimal
from tiercore.program import Rules
from tiercore.questions.expiry import Expiry, Lapse, UnknownExpiry
from tiercore.questions.requirements import State

SHOWN = 12


def message(expiry: Expiry) -> Message:
    """One screen: how many points, what that does to minimums and tier, then each expiry, soonest first."""
    said = headline(expiry)
    return Message(
        text=_aloud(expiry),
        blocks=[
            blocks.header(f"{name(expiry.partner.name)}: {said}"),
            blocks.rich(*_consequences(expiry), *_months(expiry), *_items(expiry), *_unknown(expiry)),
            answer_row(
                "expiring",
                expiry.partner.partner_id,
                next_button("clients", expiry.partner.partner_id),
                next_button("recalibration", expiry.partner.partner_id),
            ),
            footing(expiry.as_of, expiry.rules, _notes(expiry), f"up to {day(expiry.until)}"),
        ],
    )


def _aloud(expiry: Expiry) -> str:
    """The whole answer in sentences: how many points, what that does, and each expiry, soonest first."""
    items = [f"{day(e.lapses_on)}: {points(e.micropoints)}, {name(e.client)}." for e in expiry.items]
    unknown = f"Expiry unknown for {count(len(expiry.unknown), 'product line')}." if expiry.unknown else ""
    said = sentences([*consequences(expiry), *([] if expiry.held else not_judged(expiry))])
    return spoken(f"{name(expiry.partner.name)}: {headline(expiry)}.", *said, unknown, *items, *sentences(expiry.notes))


def headline(expiry: Expiry) -> str:
    """The number that matters first."""
    within = count(expiry.days, "day")
    if expiry.held:
        return f"expiry {prose(expiry.held.reason)}"
    if not expiry.lapses:
        return f"no points known to expire within {within}"
    return f"{points(expiry.total)} points expire within {within}"


def consequences(expiry: Expiry) -> list[str]:
    """What the expiry does: the performing tier that falls and why, and each minimum that turns red: soonest first."""
    said = list[tuple[date, str]]()
    if fall := expiry.fall:
        what = f"Performing tier falls from {tier(fall.before)} to {tier(fall.after.tier)}"
        why = in_full(fall.causes, expiry.as_of)
        said.append((fall.day, f"{what} on {due(fall.day, expiry.as_of)}{f': {why}' if why else ''}."))
    for breach in expiry.breaches:
        turn = turns_red(breach.tier, breach.requirement.name, due(breach.day, expiry.as_of), raised=breach.is_raised)
        said.append((breach.day, f"{turn}: {have_of_need(breach.requirement)}."))
    return [text for _, text in sorted(said, key=lambda each: each[0])]


def not_judged(expiry: Expiry) -> list[str]:
    """What can't be said about minimums and tier, and why: figures that aren't set, now or later, or are unknown. Each
    has its mark.
    """
    said = [f"{MARKS[State.NOT_CONFIGURED]} {not_set(expiry.unjudged)}"] if expiry.unjudged else []
    later = expiry.undecided
    if later and (later.day > expiry.as_of or not (said or expiry.open)):
        said.append(
            f"{MARKS[State.UNKNOWN]} Can't be judged from {due(later.day, expiry.as_of)}: {prose(later.reason)}"
        )
    if expiry.open:
        said.append(f"{MARKS[State.UNKNOWN]} Can't be judged today: {in_full(expiry.open, expiry.as_of)}")
    return said


def _consequences(expiry: Expiry) -> list[Block]:
    if expiry.held:
        return [blocks.line(blocks.span("⚪ No expiry figures are shown until this is corrected."))]
    said = [f"🔴 {each}" for each in consequences(expiry)]
    said += [f"{each}." for each in not_judged(expiry)]
    if not (expiry.breaches or expiry.fall or not_judged(expiry) or expiry.unknown):
        holds = ", and the performing tier holds" if expiry.reached.tier else ""
        mark = "🟢 " if _reaches_credited(expiry) else ""
        said.append(f"{mark}Every minimum that is met today stays met{holds}.")
    return [blocks.line(blocks.span(each)) for each in said]


def _reaches_credited(expiry: Expiry) -> bool:
    """Whether the performing tier is at least the credited one; without either there is nothing to call good."""
    names = [each.name for each in expiry.rules.tiers]
    reached, credited = expiry.reached.tier, expiry.credited_tier
    return reached in names and (credited not in names or names.index(reached) >= names.index(credited))


def _months(expiry: Expiry) -> list[Block]:
    if len(expiry.months) < 2:
        return []
    parts = [f"{month(each.month)} {points(each.micropoints)}" for each in expiry.months]
    return [blocks.line(blocks.bold("Per month: "), blocks.span(" · ".join(parts)))]


def _items(expiry: Expiry) -> list[Block]:
    if not expiry.items:
        return []
    shown = expiry.items[:SHOWN]
    lines = [blocks.bullets(_item(each, expiry.rules) for each in shown)]
    if expiry.lapses > len(shown):
        more = f"{expiry.lapses - len(shown):,} more"
        lines.append(blocks.line(blocks.italic(f"… and {more} later, included in the total")))
    return lines


def _item(lapse: Lapse, rules: Rules) -> Block:
    kind = "managed" if lapse.source is Source.MANAGED else f"{lapse.source.value} sale"
    return blocks.line(
        blocks.bold(f"{day(lapse.lapses_on)}  −{points(lapse.micropoints)}"),
        blocks.span(
            f"  {name(lapse.client)}, {name(rules.product(lapse.product_line, lapse.edition, lapse.account))}: "
        ),
        blocks.span(f"{kind}, {ending(lapse.cause)}"),
    )


def _unknown(expiry: Expiry) -> list[Block]:
    if not expiry.unknown:
        return []
    shown = expiry.unknown[:SHOWN]
    lines = (
        blocks.line(blocks.span(f"⚪ {name(each.client)}, {_product(each, expiry)}: {prose(each.reason)}"))
        for each in shown
    )
    title = f"Expiry unknown for {count(len(expiry.unknown), 'product line')}, not in any total:"
    return [blocks.line(blocks.bold(title)), blocks.bullets(lines)]


def _product(unknown: UnknownExpiry, expiry: Expiry) -> str:
    return name(expiry.rules.product(unknown.product_line, unknown.edition, unknown.account))


def _notes(expiry: Expiry) -> list[str]:
    return ["Dates show the first day the points no longer count", *expiry.notes]


def record(expiry: Expiry) -> dict[str, Any]:
    """What expires as JSON; `lapses_on` is the first day without the points."""
    return {
        **common_record("expiring", expiry.partner, expiry.as_of, expiry.rules, expiry.notes),
        "days": expiry.days,
        "held": expiry.held.reason if expiry.held else None,
        "total": None if expiry.held else as_decimal(expiry.total),
        "months": [{"month": f"{each.month:%Y-%m}", "points": as_decimal(each.micropoints)} for each in expiry.months],
        "items": [
            {
                "client": each.client,
                **product_record(expiry.rules, each.product_line, each.edition, each.account),
                "source": each.source.value,
                "points": as_decimal(each.micropoints),
                "lapses_on": each.lapses_on.isoformat(),
                "cause": each.cause.value,
            }
            for each in expiry.items
        ],
        "turns_red": [
            {
                "tier": each.tier,
                "requirement": each.requirement.name,
                "on": each.day.isoformat(),
                "raised": each.is_raised,
            }
            for each in expiry.breaches
        ],
        "tier_falls": _fall_record(expiry),
        "not_judged": list(expiry.unjudged),
        "not_judged_from": expiry.undecided.day.isoformat() if expiry.undecided else None,
        "not_known": [each.name for each in expiry.open],
        "unknown": [
            {
                "client": each.client,
                **product_record(expiry.rules, each.product_line, each.edition, each.account),
                "reason": each.reason,
            }
            for each in expiry.unknown
        ],
    }


def _fall_record(expiry: Expiry) -> dict[str, Any] | None:
    fall = expiry.fall
    if fall is None:
        return None
    causes = [each.name for each in fall.causes]
    return {"from": fall.before, "to": fall.after.tier, "on": fall.day.isoformat(), "because_of": causes}
