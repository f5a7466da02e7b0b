"""The standing as a message, and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from handlers.views.account import change_button
from handlers.views.parts import blocks
from handlers.views.parts.awards import awards_aloud, awards_lines, awards_panel, awards_record
from handlers.views.parts.blocks import Block, Message, Span
from handlers.views.parts.choices import ACTION, WHY_COMBINED, flag_button, next_button, opener, value
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import common_record, footing, not_configured_notes, other_model_notes
from handlers.views.parts.formats import credited, day, due, money, name, points, sentences, spoken, tier, upper
from handlers.views.parts.not_set import is_gathered, one_line, shown, without_repeating
from handlers.views.parts.panel import panels, without_levels
from handlers.views.parts.reasons import bound_on, is_exact, to_go
from handlers.views.parts.requirement import in_words, label, missed, record_of
from handlers.views.parts.total_bar import missing_in_money, total_bars
from tiercore.facts.money import Money
from tiercore.facts.points import as_decimal
from tiercore.questions.requirements import Requirement, State, Unit
from tiercore.questions.standing import Standing
from tiercore.questions.why import AWARDS, RETENTION

WHAT_AWARDS_TAKE = "Awards: entry requirements and which you meet"


def message(standing: Standing) -> Message:
    """One screen: what is missing for the next tier, then points, then a panel for every requirement."""
    partner = standing.partner
    wanted = f"{tier(standing.target.name)} requirements"
    awards = list(awards_lines(standing.awards)) if standing.awards else []
    return Message(
        text=_aloud(standing, awards),
        blocks=[
            blocks.header(f"{name(partner.name)}: {headline(standing)}"),
            blocks.rich(
                *total_bars(standing),
                blocks.line(*_points(standing)),
                blocks.line(blocks.span(_tiers(standing))),
                *(blocks.line(blocks.span(each)) for each in _missed(standing)),
                blocks.line(blocks.bold(wanted)),
            ),
            *panels(_in_panels(standing), standing),
            *(blocks.rich(blocks.line(blocks.span(each))) for each in _unset(standing)),
            *([awards_panel(awards)] if awards else []),
            _controls(standing),
            footing(standing.as_of, standing.rules, _notes(standing), _recalibration(standing)),
        ],
    )


def _aloud(standing: Standing, awards: Sequence[str]) -> str:
    """The whole answer in sentences: what is missing, the tiers, what is not met, what expires too early."""
    unmet = [each for each in shown(standing.requirements) if each.state is not State.GREEN]
    return spoken(
        f"{name(standing.partner.name)}: {headline(standing)}.",
        f"{_tiers(standing)}.",
        *sentences(_missed(standing)),
        *("".join(each["text"] for each in spans) + "." for spans in missing_in_money(standing)),
        *(f"{label(each.name)}: {_with_reason(each, standing)}." for each in unmet),
        *_unset(standing),
        *sentences(_too_early(standing)),
        *awards_aloud(awards),
        f"{upper(_recalibration(standing))}.",
        *sentences(without_repeating(standing.notes, standing.requirements)),
    )


def _with_reason(requirement: Requirement, standing: Standing) -> str:
    return ", ".join(filter(None, [in_words(requirement, standing.as_of), without_levels(requirement, standing)]))


def _too_early(standing: Standing) -> Iterator[str]:
    """What is valid today but not at the recalibration, and what to do about it."""
    valid = {each.name for each in standing.requirements if each.state is State.GREEN}
    for each in standing.lasting:
        if each.name in valid and each.state is State.RED and isinstance(each.have, date):
            when = f"{due(each.have, standing.as_of)}, before the recalibration on {day(standing.next_recalibration)}"
            yield f"{label(each.name)} expires on {when}: renew it"


def _in_panels(standing: Standing) -> list[Requirement]:
    """All requirements except the total, which has its own bar, and what one line says is not set."""
    return [each for each in shown(standing.requirements) if each.name != "combined_threshold"]


def _unset(standing: Standing) -> list[str]:
    return one_line(standing.requirements, standing.target.name)


def _controls(standing: Standing) -> Block:
    """The credits behind the figures, what is missing, the other dashboard, and a figure that doesn't match; which
    dashboard to show first, where this isn't the one that the reader sees first.
    """
    key = standing.partner.partner_id
    other = "dollars" if standing.rules.model == "points" else "points"
    measure = label(standing.rules.retention_measure)
    asked = any(each.name == standing.rules.retention_measure for each in standing.requirements)
    behind = opener(f"Why {measure}?", "why", RETENTION, key, 1, aloud=f"Why {measure}? The clients behind it")
    buttons = [
        opener("Why?", "why", "combined", key, aloud=WHY_COMBINED),
        next_button("gap", key),
        *([behind] if asked else []),
        *([] if standing.awards else [opener("Awards", "why", AWARDS, key, 2, aloud=WHAT_AWARDS_TAKE)]),
        blocks.button(
            "Dollar dashboard" if other == "dollars" else "Points dashboard",
            f"{ACTION}:{other}",
            value("tier", other, key),
        ),
        *(
            []
            if standing.is_usual
            else [change_button(f"Show {standing.rules.model} first", "prefer", standing.rules.model)]
        ),
        flag_button(key),
    ]
    return answer_row("tier", key, *buttons)


def _missed(standing: Standing) -> list[str]:
    """What the credited tier requires and the numbers no longer reach, unless the panels show it."""
    below = standing.target.name != standing.credited_tier
    return missed(standing.partner.name, standing.amiss, standing.credited_tier, standing.as_of) if below else []


def _notes(standing: Standing) -> list[str]:
    return [
        *other_model_notes(standing.as_of, standing.judged_on, standing.rules),
        *without_repeating(standing.notes, standing.requirements),
    ]


def headline(standing: Standing) -> str:
    """The number that matters first."""
    if standing.next_tier is None:
        return f"{tier(standing.credited_tier or standing.performing.tier)}, the highest tier"
    goal = tier(standing.next_tier)
    total = standing.requirements[0]
    if is_gathered(total, standing.requirements):
        held = credited(standing.credited_tier, standing.credited_on)
        return held if total.unit is Unit.US_CENTS else f"{points(standing.balance.combined)} points, {held}"
    if total.short is None:
        unset = "MRR minimums aren't" if total.unit is Unit.US_CENTS else "combined threshold isn't"
        return f"{credited(standing.credited_tier, standing.credited_on)}; {goal}'s {unset} set"
    if total.unit is Unit.US_CENTS:
        missing = [each for each in standing.requirements[:2] if each.short]
        parts = [f"{money(Money(each.short or 0, 'USD'))} of {each.name.split('_')[0]} MRR" for each in missing]
        if not parts:
            return f"no MRR {'' if is_exact(standing.requirements) else 'known to be '}missing for {goal}"
        return f"{bound_on(standing.requirements)}{' and '.join(parts)} short of {goal}"
    return to_go(standing.requirements, goal)


def _points(standing: Standing) -> list[Span]:
    balance = standing.balance
    return [
        blocks.bold(f"Sold {points(balance.sold)}"),
        blocks.span(f" (sourced {points(balance.sourced)}, assisted {points(balance.assisted)})  +  "),
        blocks.bold(f"managed {points(balance.managed)}"),
        blocks.span("  =  "),
        blocks.bold(f"combined {points(balance.combined)}"),
    ]


def _tiers(standing: Standing) -> str:
    since = f" since {day(standing.credited_on)}" if standing.credited_on else ""
    held = tier(standing.credited_tier) if standing.credited_on else "not on file"
    said = f"Credited tier: {held}{since}"
    reached, undecided = standing.performing.tier, standing.performing.undecided
    if reached is None and undecided:
        return f"{said} · performing tier: unknown"
    return f"{said} · performing tier: {tier(reached)}{' at least' if undecided else ''}"


def _recalibration(standing: Standing) -> str:
    return f"next recalibration: {due(standing.next_recalibration, standing.as_of)}"


def record(standing: Standing) -> dict[str, Any]:
    """The standing as JSON."""
    balance = standing.balance
    notes = [*standing.notes, *not_configured_notes(standing.requirements)]
    return {
        **common_record("tier", standing.partner, standing.as_of, standing.rules, notes),
        "model": standing.rules.model,
        "judged_on": standing.judged_on.isoformat(),
        "credited_tier": standing.credited_tier,
        "performing_tier": standing.performing.tier,
        "next_tier": standing.next_tier,
        "points": {
            "sold": as_decimal(balance.sold),
            "sourced": as_decimal(balance.sourced),
            "assisted": as_decimal(balance.assisted),
            "managed": as_decimal(balance.managed),
            "combined": as_decimal(balance.combined),
        },
        "requirements": [record_of(each, standing.rules, standing.partner.currency) for each in standing.requirements],
        "amiss": [record_of(each, standing.rules, standing.partner.currency) for each in standing.amiss],
        "next_recalibration": standing.next_recalibration.isoformat(),
        "awards": _awards_record(standing),
    }


def _awards_record(standing: Standing) -> dict[str, Any] | None:
    """Whether the partner can enter for the awards; None in an answer without that detail."""
    if standing.awards is None:
        return None
    return awards_record(standing.awards, standing.rules, standing.partner.currency)
