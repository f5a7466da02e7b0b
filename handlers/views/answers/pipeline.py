"""The pipeline as a message with a table of open deals, and as JSON."""

from typing import Any

from handlers.views.deals import open_button
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import common_record, footing, product_record
from handlers.views.parts.formats import count, day, due, money, name, points, prose, sentences, spoken, tier
from handlers.views.parts.pipeline import PHRASES
from handlers.views.parts.reasons import in_full, labels
from handlers.views.parts.typed import ENTRY
from tiercore.facts.points import as_decimal
from tiercore.program import Rules
from tiercore.questions.pipeline import CLASSES, Likelihood, OpenDeal, Pipeline, Projection, RatedDeal

SHOWN = 50
NEW = f"{ENTRY}:new:deal"


def message(pipeline: Pipeline) -> Message:
    """One screen: what the deals change, the sums of each class, then a table of the deals by day."""
    said = headline(pipeline)
    table = [_table(pipeline)] if pipeline.deals or pipeline.past else []
    add = blocks.button("Add a deal", NEW, "deal", primary=not table)
    return Message(
        text=spoken(
            f"{name(pipeline.partner.name)}: {said}.", *sentences(_sums(pipeline)), *sentences(_past(pipeline))
        ),
        blocks=[
            blocks.header(f"{name(pipeline.partner.name)}: {said}"),
            blocks.rich(*(blocks.line(blocks.span(each)) for each in [*_sums(pipeline), *_past(pipeline)])),
            *table,
            answer_row("pipeline", pipeline.partner.partner_id, add),
            footing(pipeline.as_of, pipeline.rules, _notes(pipeline)),
        ],
    )


def headline(pipeline: Pipeline) -> str:
    """What the open deals change: the first class with which the next tier is reached, or that none does."""
    if not pipeline.deals:
        return "no open deals to come" if pipeline.past else "no open deals"
    if pipeline.next_tier is None:
        return f"{count(len(pipeline.deals), 'open deal')}; there is no tier above {tier(pipeline.performing.tier)}"
    above, as_of = tier(pipeline.next_tier), pipeline.as_of
    if pipeline.held:
        return f"{count(len(pipeline.deals), 'open deal')}; nothing is projected: expiry {prose(pipeline.held.reason)}"
    if pipeline.reached == as_of:
        return f"{above} is reached today, without any of the {count(len(pipeline.deals), 'open deal')}"
    for each in pipeline.projections:
        if each.count and each.reached and (pipeline.reached is None or each.reached < pipeline.reached):
            return f"with {PHRASES[each.likelihood]} {above} is reached on {due(each.reached, as_of)}"
    if pipeline.reached:
        return f"{above} is reached on {due(pipeline.reached, as_of)}, with or without open deals"
    if pipeline.closest and pipeline.closest.open and not pipeline.closest.missed:
        return f"whether {above} is reached can't be judged: {labels(pipeline.closest.open)}"
    return f"{above} isn't reached by {day(pipeline.until)}, not even with all open deals"


def _sums(pipeline: Pipeline) -> list[str]:
    """A line for each class that counts more deals than the one before it."""
    if not pipeline.deals:
        return ["Deals that aren't closed yet never count as points. They are the dashed part of a projection."]
    found, before = list[str](), 0
    for each in pipeline.projections:
        if each.count > before:
            found.append(_sum(each, pipeline))
        before = each.count
    return [*found, *_no_probability(pipeline), *_closest(pipeline)]


def _sum(projection: Projection, pipeline: Pipeline) -> str:
    deals = f"{count(projection.count, 'deal')}, {points(projection.points)} points"
    said = f"{_class(projection.likelihood, pipeline.rules)}: {deals}"
    if projection.credited and pipeline.next_tier:
        return f"{said}; {tier(pipeline.next_tier)} would be credited on {day(projection.credited)}"
    return said


def _class(likelihood: Likelihood, rules: Rules) -> str:
    match likelihood:
        case Likelihood.SURE:
            return f"Sure ({rules.sure_from}% or more)"
        case Likelihood.LIKELY:
            return f"Sure and likely ({rules.likely_from}% or more)"
    return "All"


def _no_probability(pipeline: Pipeline) -> list[str]:
    unknown = pipeline.without_probability
    if not unknown:
        return []
    has, it = ("has", "it") if unknown == 1 else ("have", "them")
    return [f"{count(unknown, 'deal')} {has} no probability, so only “All” counts {it}."]


def _closest(pipeline: Pipeline) -> list[str]:
    """Why the next tier isn't reached: what it lacks on its best day."""
    found = pipeline.closest
    if found is None or not found.missed or pipeline.next_tier is None:
        return []
    why = in_full(found.missed, found.day)
    return [f"🔴 {tier(pipeline.next_tier)} comes closest on {day(found.day)}: {why}."]


def _past(pipeline: Pipeline) -> list[str]:
    if not pipeline.past:
        return []
    are = "is" if len(pipeline.past) == 1 else "are"
    deals = count(len(pipeline.past), "deal")
    return [f"⚠️ {deals} {are} past the expected day and in no projection. Open each, and say what became of it."]


def _table(pipeline: Pipeline) -> Block:
    head = ["Expected", "Client", "Product", "MRR", "Probability", "Points", "Deal"]
    rows = [_row(each.open, pipeline, each) for each in pipeline.deals]
    rows = [*(_row(each, pipeline, None) for each in pipeline.past), *rows]
    return blocks.data_table("Open deals", head, rows[:SHOWN], page_size=min(10, len(rows)))


def _row(each: OpenDeal, pipeline: Pipeline, rated: RatedDeal | None) -> list[dict[str, Any]]:
    deal, when = each.deal, day(each.expected_on)
    probability = "unknown" if deal.probability is None else f"{deal.probability}%"
    if rated is None:
        earned = blocks.text_cell("past its day")
    elif rated.unknown and not rated.points:
        earned = blocks.text_cell("unknown")
    else:
        earned = blocks.number_cell(rated.micropoints / 1_000_000, points(rated.micropoints))
    return [
        blocks.text_cell(f"{when}, past" if rated is None else when),
        blocks.text_cell(f"{name(each.client)}{' (new)' if each.is_new else ''}"),
        blocks.text_cell(f"{name(deal.product_line)}, {deal.motion}"),
        blocks.number_cell(float(deal.mrr.as_decimal()), money(deal.mrr)),
        blocks.text_cell(probability),
        earned,
        blocks.action_cell(open_button(each.deal_id, each.client)),
    ]


def _notes(pipeline: Pipeline) -> list[str]:
    found = ["Open deals are no points: they count in no balance, requirement or alert"]
    if len(pipeline.deals) + len(pipeline.past) > SHOWN:
        found.append(f"the first {SHOWN} deals are shown")
    reasons = dict.fromkeys(each.unknown.reason for each in pipeline.deals if each.unknown)
    return [*found, *(f"{name(reason)}" for reason in reasons), *pipeline.notes]


def record(pipeline: Pipeline) -> dict[str, Any]:
    """The pipeline as JSON; `points` of a deal are what it adds to the more probable ones."""
    return {
        **common_record("pipeline", pipeline.partner, pipeline.as_of, pipeline.rules, _notes(pipeline)),
        "next_tier": pipeline.next_tier,
        "held": pipeline.held.reason if pipeline.held else None,
        "without_deals": _days(pipeline.reached, pipeline.credited),
        "classes": {each.value: _class_record(pipeline.of(each)) for each in CLASSES},
        "deals": [_deal_record(each.open, pipeline, each) for each in pipeline.deals],
        "past_their_day": [_deal_record(each, pipeline, None) for each in pipeline.past],
        "looked_ahead_to": pipeline.until.isoformat(),
    }


def _class_record(projection: Projection) -> dict[str, Any]:
    days = _days(projection.reached, projection.credited)
    return {"deals": projection.count, "points": as_decimal(projection.points), **days}


def _days(reached: Any, credited: Any) -> dict[str, str | None]:
    return {
        "reached_on": reached.isoformat() if reached else None,
        "credited_on": credited.isoformat() if credited else None,
    }


def _deal_record(each: OpenDeal, pipeline: Pipeline, rated: RatedDeal | None) -> dict[str, Any]:
    deal = each.deal
    return {
        "deal_id": deal.deal_id,
        "client": each.client,
        "client_id": deal.client_id,
        **product_record(pipeline.rules, deal.product_line, None, None),
        "motion": deal.motion.value,
        "mrr": deal.mrr.as_decimal(),
        "currency": deal.mrr.currency,
        "expected_on": each.expected_on.isoformat(),
        "probability": deal.probability,
        "class": rated.likelihood.value if rated else None,
        "points": {source.value: as_decimal(earned) for source, earned in rated.points.items()} if rated else None,
        "unknown": rated.unknown.reason if rated and rated.unknown else None,
        "owner": deal.owner,
    }
