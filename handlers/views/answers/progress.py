"""Points over time as a message with a chart or a table, and as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message, Span
from handlers.views.parts.chart import native
from handlers.views.parts.choices import choice, next_button
from handlers.views.parts.consequences import consequences
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import common_record, footing
from handlers.views.parts.formats import (
    day,
    due,
    listed,
    measured,
    name,
    points,
    prose,
    sentences,
    signed,
    spoken,
    tier,
)
from handlers.views.parts.pipeline import if_closed, with_class
from handlers.views.parts.progress_chart import chart_of, table_of
from handlers.views.parts.reasons import have_of_need, labels, not_met
from handlers.views.parts.requirement import label_inside, of_requirement, record_of
from tiercore.facts.points import as_decimal, is_met, shortfall
from tiercore.facts.unknown import NotConfigured
from tiercore.questions.progress import MONTHS_LOOKED_AHEAD, Loss, Point, Progress
from tiercore.questions.requirements import FIGURES, Requirement

NUMBERS = "numbers"


@dataclass(frozen=True, slots=True)
class ProgressAnswer:
    """The progress, and whether to show it as a table of `numbers` instead of a chart."""

    progress: Progress
    numbers: bool = False


def message(answer: ProgressAnswer) -> Message:
    """One screen: what matters first, the points today and later, and a chart or a table of them."""
    progress, chart = answer.progress, chart_of(answer.progress)
    partner_id = progress.partner.partner_id
    title = f"{mark_of(progress)} {name(progress.partner.name)}: {headline(progress)}"
    other = ("Chart", "") if answer.numbers else ("Numbers", NUMBERS)
    noted, said = notes(progress), [*_with_deals(progress), *consequences(progress)]
    ahead = [] if progress.held else [f"looks ahead to {day(progress.until)}"]
    return Message(
        text=spoken(
            f"{title}.",
            _in_short(progress),
            *sentences(said),
            *sentences(noted),
        ),
        blocks=[
            blocks.header(title),
            blocks.rich(*(blocks.line(*spans) for spans in _lines(progress, said))),
            table_of(progress, chart) if answer.numbers else native(chart),
            answer_row(
                "progress",
                partner_id,
                choice(0, other[0], "progress", other[1], partner_id),
                next_button("expiring", partner_id),
            ),
            footing(progress.as_of, progress.rules, noted, *ahead),
        ],
        charts=() if answer.numbers else (chart,),
    )


def mark_of(progress: Progress) -> str:
    """The colour of what matters first: red for a tier at risk, green only where nothing is unknown."""
    if _is_below_credited(progress):
        return "🟠"
    if progress.loss:
        return "🔴" if progress.loss.after else "🟠"
    if progress.held or progress.reached.tier is None or progress.undecided or progress.open or progress.doubtful:
        return "⚪"
    return "🟢"


def headline(progress: Progress) -> str:
    """What matters first: a loss ahead, else how long the tier is safe; without a tier, the change in six months."""
    loss, reached, as_of = progress.loss, tier(progress.reached.tier), progress.as_of
    if _is_below_credited(progress):
        why = f": {said}" if (said := not_met(progress.amiss, as_of)) else ""
        return f"below {tier(progress.credited_tier)} today{why}; {_change(progress)}"
    if loss and loss.after:
        reasons = "; ".join(_reason(each, as_of) for each in loss.causes)
        return f"{tier(loss.tier)} at risk from {due(loss.day, as_of)}: {reasons}"
    if loss:
        below = f"points fall below {tier(loss.tier)}'s combined threshold"
        return f"{below} on {due(loss.day, as_of)}: {have_of_need(loss.requirement)}"
    if progress.held or progress.reached.tier is None:
        return _change(progress)
    if progress.undecided:
        return f"{reached} holds until {day(progress.undecided.day)}; after that it can't be judged"
    if progress.open or progress.doubtful:
        unknown = filter(None, [labels(progress.open), "when some credits expire" if progress.doubtful else ""])
        return f"{reached} holds for {MONTHS_LOOKED_AHEAD} months by the points; not known: {listed([*unknown])}"
    rising = f", {_change(progress)}" if progress.change > 0 else ""
    return f"{reached} is safe for the next {MONTHS_LOOKED_AHEAD} months, based on what's known today{rising}"


def _is_below_credited(progress: Progress) -> bool:
    """Whether the numbers no longer reach the credited tier, as far as the day's rules have it."""
    names = [each.name for each in progress.rules.tiers]
    if progress.credited_tier not in names or progress.reached.undecided:
        return False
    reached = names.index(progress.reached.tier) if progress.reached.tier in names else -1
    return reached < names.index(progress.credited_tier)


def _change(progress: Progress) -> str:
    if progress.change:
        return f"{signed(progress.change)} points in six months"
    return f"as many points as on {day(progress.points[0].day)}"


def _reason(requirement: Requirement, as_of: date) -> str:
    """The figure against what is needed, with its requirement."""
    if requirement.name not in FIGURES:
        return of_requirement(requirement, as_of)
    return f"{label_inside(requirement.name)} {have_of_need(requirement)}"


def _in_short(progress: Progress) -> str:
    """The figures in a sentence, for notifications and screen readers."""
    first, now, last = progress.points[0], progress.today, progress.points[-1]
    said = f"{points(now.combined)} combined points today, {points(first.combined)} on {day(first.day)}"
    return f"{said}." if progress.held else f"{said}, {points(last.combined)} projected for {day(last.day)}."


def _lines(progress: Progress, said: Sequence[str]) -> list[list[Span]]:
    """Today's points, the progress to the target, the projection, and what is `said` of deals and of a loss."""
    now = progress.today
    total = f" = {points(now.sold)} sold + {points(now.managed)} managed; {_moved(progress)}"
    lines = [[blocks.bold(f"{points(now.combined)} points today"), blocks.span(total)]]
    if isinstance(progress.threshold, int):
        lines.append(_to_target(now, progress.threshold, progress.target))
    return [*lines, _projected(progress), *([blocks.span(each)] for each in said)]


def _with_deals(progress: Progress) -> list[str]:
    """What open deals would make of the points on the next recalibration day; nothing without any."""
    said = if_closed(progress.pipeline) if progress.pipeline else ""
    return [said] if said else []


def _moved(progress: Progress) -> str:
    """The change since the first point, or that there are as many points as then, whatever was in between."""
    then = day(progress.points[0].day)
    return f"{signed(progress.change)} since {then}" if progress.change else f"as many as on {then}"


def _projected(progress: Progress) -> list[Span]:
    if progress.held:
        return [blocks.span(f"⚪ No projection until this is corrected: expiry {prose(progress.held.reason)}")]
    last, said = progress.points[-1], f": {points(progress.lapsing)} expire"
    if progress.beginning > 0:
        said += f", {points(progress.beginning)} already on file start later"
    return [blocks.bold(f"{points(last.combined)} points projected for {day(last.day)}"), blocks.span(said)]


def _to_target(now: Point, need: int, target: str) -> list[Span]:
    met = is_met(now.combined, need)
    return [
        blocks.span(
            f"{measured(now.combined, need, met=met)} of the {points(need)} points that {tier(target)} needs: "
        ),
        blocks.bold("met" if met else f"{points(shortfall(now.combined, need))} to go"),
    ]


def notes(progress: Progress) -> list[str]:
    """Notes on the lines of the chart, and on those that are missing."""
    texts, target = list(progress.notes), tier(progress.target)
    if progress.rules.model == "points" and isinstance(progress.threshold, NotConfigured):
        texts.append(f"no line for {target}: {progress.threshold.reason}")
    if progress.points_from > progress.as_of:
        texts.append(f"points decide from {day(progress.points_from)}; until then the tier follows MRR")
    later = progress.later_thresholds
    if progress.pipeline and progress.pipeline.deals and not progress.pipeline.held:
        texts.append("open deals are no points; /pipeline has them one by one")
    return texts + [f"{target} needs {points(need)} from {day(since)}" for since, need in later]


def record(answer: ProgressAnswer) -> dict[str, Any]:
    """Points over time as JSON; `falls.on` is the first day on which the tier is lost."""
    progress = answer.progress
    threshold = as_decimal(progress.threshold) if isinstance(progress.threshold, int) else None
    return {
        **common_record("progress", progress.partner, progress.as_of, progress.rules, notes(progress)),
        "credited_tier": progress.credited_tier,
        "performing_tier": progress.reached.tier,
        "target": progress.target,
        "points": [
            {
                "day": each.day.isoformat(),
                "sold": as_decimal(each.sold),
                "managed": as_decimal(each.managed),
                "combined": as_decimal(each.combined),
                "threshold": threshold,
                "projected": each.projected,
            }
            for each in progress.points
        ],
        "six_months": as_decimal(progress.change),
        "held": progress.held.reason if progress.held else None,
        "lapsing": None if progress.held else as_decimal(progress.lapsing),
        "beginning": None if progress.held else as_decimal(progress.beginning),
        "falls": _loss_record(progress.loss, progress),
        "looked_ahead_to": progress.until.isoformat(),
        "not_judged_from": progress.undecided.day.isoformat() if progress.undecided else None,
        "not_judged": list(progress.unjudged),
        "not_known": [each.name for each in progress.open],
        "pipeline": _pipeline_record(progress),
    }


def _pipeline_record(progress: Progress) -> dict[str, list[dict[str, str]]]:
    """The combined points of the days ahead with open deals, by class; empty without any."""
    pipeline, ahead = progress.pipeline, [each for each in progress.points if each.projected]
    if pipeline is None or not pipeline.deals:
        return {}
    return {
        each.likelihood.value: [
            {"day": point.day.isoformat(), "combined": as_decimal(with_class(each, point.combined, point.day))}
            for point in ahead
        ]
        for each in pipeline.projections
    }


def _loss_record(loss: Loss | None, progress: Progress) -> dict[str, Any] | None:
    if loss is None:
        return None
    reason = record_of(loss.requirement, progress.rules, progress.partner.currency)
    return {
        "tier": loss.tier,
        "on": loss.day.isoformat(),
        "performing": loss.after is not None,
        "to": loss.after.tier if loss.after else None,
        "requirement": {key: reason[key] for key in ("name", "have", "need", "short", "unit")},
        "because_of": [each.name for each in loss.causes],
    }
