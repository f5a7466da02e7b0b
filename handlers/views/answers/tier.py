"""The standing as a message, and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.views.account import change_button
from handlers.views.parts import blocks
from handlers.views.parts.at_stake import Section, sections_of
from handlers.views.parts.awards import awards_aloud, awards_lines, awards_panel, awards_record
from handlers.views.parts.blocks import Block, Message, Span
from handlers.views.parts.choices import ACTION, WHY_COMBINED, flag_button, next_button, opener, value
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import common_record, footing, not_configured_notes, other_model_notes
from handlers.views.parts.formats import day, due, name, points, sentences, spoken, tier, upper
from handlers.views.parts.next_tier import performing, to_next_tier
from handlers.views.parts.not_set import one_line, shown, without_repeating
from handlers.views.parts.panel import panels, without_levels
from handlers.views.parts.requirement import in_words, label, missed, record_of
from handlers.views.parts.total_bar import missing_in_money, total_bars
from handlers.views.parts.verdict import headline as verdict_headline
from handlers.views.parts.verdict import lines, mark
from handlers.views.parts.verdict import record_of as record_of_verdict
from tiercore.facts.points import as_decimal
from tiercore.questions.requirements import Requirement, State
from tiercore.questions.standing import Standing
from tiercore.questions.why import AWARDS, RETENTION

WHAT_AWARDS_TAKE = "Awards: entry requirements and which you meet"


def message(standing: Standing) -> Message:
    """One screen: what matters most, then points, then a panel for every requirement, of a tier at stake first."""
    said = _said(standing)
    awards = list(awards_lines(standing.awards)) if standing.awards else []
    return Message(
        text=_aloud(standing, said, awards),
        blocks=[
            blocks.header(said.title),
            *_first(said, standing),
            *(block for each in said.sections[1:] for block in _next(each, standing)),
            *([awards_panel(awards)] if awards else []),
            _controls(standing),
            footing(standing.as_of, standing.rules, _notes(standing), said.recalibration),
        ],
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """What is both shown and read aloud."""

    title: str
    sections: list[Section]
    keeps: list[str]
    tiers: str
    missed: list[str]
    recalibration: str


def _said(standing: Standing) -> _Said:
    sections = sections_of(standing)
    keeps = lines(standing.verdict) if standing.verdict else []
    recalibration = f"next recalibration: {due(standing.next_recalibration, standing.as_of)}"
    return _Said(title(standing), sections, keeps, _tiers(standing), _missed(standing, sections), recalibration)


def title(standing: Standing) -> str:
    """The partner with the verdict and its mark; with what is missing by another model than the day's."""
    said = f"{name(standing.partner.name)}: {headline(standing)}"
    return f"{mark(standing.verdict)} {said}" if standing.verdict else said


def _first(said: _Said, standing: Standing) -> list[Block]:
    """What keeps the tier, the totals as bars, points and tiers, and a panel for each requirement."""
    section = said.sections[0]
    bars = total_bars(section.requirements, section.tier, standing)
    keeps, numbers = ([blocks.line(blocks.span(each)) for each in texts] for texts in (said.keeps, _numbers(said)))
    top = [*keeps, *bars, blocks.line(*_points(standing)), *numbers, _heading(section)]
    return [blocks.rich(*top), *_panels(section, standing)]


def _next(section: Section, standing: Standing) -> list[Block]:
    """The tier that comes after one at stake, in the same way, with what is missing for it."""
    bars = total_bars(section.requirements, section.tier, standing)
    heading = blocks.line(blocks.bold(f"{tier(section.tier)} requirements: {to_next_tier(standing)}"))
    return [blocks.rich(heading, *bars), *_panels(section, standing)]


def _heading(section: Section) -> Block:
    by = f", by {day(section.by)}" if section.by else ""
    return blocks.line(blocks.bold(f"{tier(section.tier)} requirements{by}"))


def _panels(section: Section, standing: Standing) -> list[Block]:
    """A panel for each requirement but the total, which is a bar, and a line for those that aren't set."""
    in_panels = [each for each in shown(section.requirements) if each.name != "combined_threshold"]
    unset = one_line(section.requirements, section.tier)
    return [*panels(in_panels, standing), *(blocks.rich(blocks.line(blocks.span(each))) for each in unset)]


def _numbers(said: _Said) -> list[str]:
    """The tiers, and what the credited tier misses if its panels aren't shown."""
    return [said.tiers, *said.missed]


def _aloud(standing: Standing, said: _Said, awards: Sequence[str]) -> str:
    """The whole answer in sentences: what matters most, the tiers, what is not met, what expires too early."""
    sections = said.sections
    wanted = [each for section in sections for each in section.requirements]
    unmet = [
        f"{label(each.name)}{f' of {tier(section.tier)}' if len(sections) > 1 else ''}: {_with_reason(each, standing)}."
        for section in sections
        for each in shown(section.requirements)
        if each.state is not State.GREEN
    ]
    money_too = [spans for section in sections for spans in missing_in_money(section.requirements, standing)]
    return spoken(
        f"{said.title}.",
        *said.keeps,
        f"{said.tiers}.",
        *sentences(said.missed),
        *([f"{upper(to_next_tier(standing))}."] if len(sections) > 1 else []),
        *("".join(each["text"] for each in spans) + "." for spans in money_too),
        *unmet,
        *(each for section in sections for each in one_line(section.requirements, section.tier)),
        *sentences(_too_early(standing)),
        *awards_aloud(awards),
        f"{upper(said.recalibration)}.",
        *sentences(without_repeating(standing.notes, wanted)),
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


def _missed(standing: Standing, sections: Sequence[Section]) -> list[str]:
    """What the credited tier requires and the numbers no longer reach, unless the panels show it."""
    if any(each.tier == standing.credited_tier for each in sections):
        return []
    return missed(standing.partner.name, standing.amiss, standing.credited_tier, standing.as_of)


def _notes(standing: Standing) -> list[str]:
    return [
        *other_model_notes(standing.as_of, standing.judged_on, standing.rules),
        *without_repeating(standing.notes, standing.requirements),
    ]


def headline(standing: Standing) -> str:
    """What matters most; by another model than the day's, what is missing for the next tier."""
    return verdict_headline(standing.verdict) if standing.verdict else to_next_tier(standing)


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
    return f"{said} · performing tier: {performing(standing)}"


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
        "verdict": record_of_verdict(standing.verdict) if standing.verdict else None,
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
