"""A requirement in a line: its colour with a word, what there is, what is missing, and what that takes in money."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import day, listed, money, name, points, possessive, prose, tier
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, Source, as_decimal
from tiercore.facts.unknown import NotConfigured, Unknown
from tiercore.program import Rules
from tiercore.questions.convert import Way, ways_to_earn
from tiercore.questions.gap import ways_to_meet
from tiercore.questions.requirements import Requirement, State, Unit

MARKS = {State.GREEN: "🟢", State.RED: "🔴", State.UNKNOWN: "⚪", State.NOT_CONFIGURED: "⚫"}
_LABELS = {
    "combined_threshold": "Combined points",
    "sold_minimum": "Sold minimum",
    "sourced_minimum": "Sourced minimum",
    "managed_minimum": "Managed minimum",
    "sold_dollars": "Sold MRR (last 12 months)",
    "managed_dollars": "Managed MRR",
    "median_tool_usage": "Median tool usage",
    "certification": "Certification",
    "customer_dollar_retention": "C$R",
    "gross_revenue_retention": "GRR",
    "membership": "Membership",
    "retention_score": "Retention score",
    "team_certifications": "Certifications in the team",
}


_EXCEEDED = frozenset({"customer_dollar_retention", "gross_revenue_retention"})


def label(name: str) -> str:
    """What people call the requirement."""
    return _LABELS.get(name) or name.replace("_", " ").capitalize()


def label_inside(name: str) -> str:
    """The label within a sentence: "sold MRR (last 12 months)", "C$R"."""
    text = label(name)
    return text if text[1:2] in "$R" else text[:1].lower() + text[1:]


def bound_of(name: str) -> str:
    """What people call the figure that the requirement has to reach: a threshold, a minimum or a target."""
    if name == "combined_threshold":
        return "threshold"
    return "target" if name in _EXCEEDED or name.startswith("retention") else "minimum"


def of_requirement(requirement: Requirement, as_of: date) -> str:
    """The requirement and its state within a sentence: "certification expires on 28 Nov 2022"."""
    if requirement.name.endswith("_invitation"):
        return in_words(requirement, as_of)
    return f"{label_inside(requirement.name)} {in_words(requirement, as_of)}"


def turns_red(tier_name: str | None, requirement: str, when: str, *, raised: bool = False) -> str:
    """That a requirement turns red on a day to come: "Platinum's sold minimum turns red on 21 Sep 2022"; `raised` says
    that the rules are the cause, and not what expires.
    """
    subject = f"{tier(tier_name)}'s {label_inside(requirement)}"
    turn = "turn" if subject.endswith("points") else "turns"
    return f"{subject} {turn} red on {when}{', when the rules raise it' if raised else ''}"


def missed(partner: str, amiss: Sequence[Requirement], credited: str | None, as_of: date) -> list[str]:
    """A line on what the credited tier requires and the numbers no longer reach; none where nothing is missing."""
    reasons = [of_requirement(each, as_of) for each in amiss]
    below = f"🔴 {possessive(name(partner))} numbers are below {tier(credited)} today"
    return [f"{below}: {'; '.join(reasons)}"] if reasons else []


def requirement_line(requirement: Requirement, rules: Rules, currency: str, *, money: bool = True) -> Block:
    """The requirement as a line: mark, label, state with its figures, and the MRR that would earn what is missing."""
    spans = [
        blocks.span(f"{MARKS[requirement.state]} "),
        blocks.bold(label(requirement.name)),
        blocks.span(f": {in_words(requirement)}"),
    ]
    if money and (ways := ways_of(requirement, rules, currency)):
        spans.append(blocks.italic(f"  {equals_sign(rules, currency)} {in_money(ways)}"))
    return blocks.line(*spans)


def equals_sign(rules: Rules, currency: str) -> str:
    """The sign between points and money: "=", or "≈" where the currency's amounts are approximate."""
    return "≈" if rules.is_approximate(currency) else "="


def ways_of(requirement: Requirement, rules: Rules, currency: str) -> list[Way]:
    """The ways to earn what is missing; for the combined threshold, points from any source."""
    if requirement.name == "combined_threshold" and requirement.short:
        return list(ways_to_earn(requirement.short, rules, currency).values())
    return ways_to_meet(requirement, rules, currency)


def in_money(ways: list[Way]) -> str:
    """The ways as a phrase that names equal amounts once: "US$7,500 sourced or assisted, or US$22,500 managed"."""
    return either((money(way.mrr), way.source) for way in ways)


def either(amounts: Iterable[tuple[str, Source]]) -> str:
    """Amounts with their sources as a phrase that names equal amounts once."""
    by_amount: dict[str, list[str]] = {}
    for amount, source in amounts:
        by_amount.setdefault(amount, []).append(source.value)
    return ", or ".join(f"{amount} {' or '.join(sources)}" for amount, sources in by_amount.items())


def in_words(requirement: Requirement, as_of: date | None = None) -> str:
    """State, have and need: "met, 270 of 270", "225 short (420 of 645)".

    For a requirement as it will be on a later day, pass today as `as_of`: what expires after it "expires", and has not
    "expired".
    """
    if requirement.unit is Unit.DAY:
        return _day_words(requirement, as_of)
    have, need = requirement.have, requirement.need
    if isinstance(need, NotConfigured):
        return _not_set(requirement, need)
    needs = needed(requirement)
    if isinstance(have, Unknown):
        return f"unknown: {prose(have.reason)} (needs {needs})"
    current = figure(have, requirement.unit)
    counted = requirement.unit in (Unit.POINTS, Unit.US_CENTS)
    if requirement.state is State.GREEN:
        return f"met, {current} of {needs}" if counted else f"met, {current} (needs {needs})"
    missing = how_much(requirement)
    against = f"{current} of {needs}" if counted else f"{current}, needs {needs}"
    if requirement.state is State.UNKNOWN:
        return f"unknown: at most {missing} short ({against}), some credits could not be rated"
    return f"{missing} short ({against})"


def needed(requirement: Requirement) -> str:
    """What is required: "270", "above 85%"."""
    return ("above " if requirement.name in _EXCEEDED else "") + figure(requirement.need, requirement.unit)


def _not_set(requirement: Requirement, need: NotConfigured) -> str:
    """What there is for a requirement without a target: "95.18%; no Platinum target set"."""
    path, known = need.name.split("."), known_of(requirement)
    of_tier = f"{tier(path[1])} " if len(path) > 1 and path[0] in ("thresholds", "retention", "tiers") else ""
    return f"{f'{known}; ' if known else ''}no {of_tier}{bound_of(requirement.name)} set"


def known_of(requirement: Requirement) -> str:
    """What there is, or why that is unknown; "" where there is neither."""
    have = requirement.have
    if have is None:
        return ""
    return prose(have.reason) if isinstance(have, Unknown) else figure(have, requirement.unit)


def _day_words(requirement: Requirement, as_of: date | None) -> str:
    have = requirement.have
    if isinstance(have, Unknown):
        return f"unknown: {prose(have.reason)}"
    if requirement.name.endswith("_invitation"):
        if not isinstance(have, date):
            return "no Elite invitation on file"
        return f"{'met, invited' if requirement.state is State.GREEN else 'missing: invitation begins'} on {day(have)}"
    assert isinstance(have, date)
    if requirement.state is State.GREEN:
        return f"met, valid until {day(have)}"
    return f"expires on {day(have)}" if as_of and have >= as_of else f"expired on {day(have)}"


def figure(value: object, unit: Unit) -> str:
    """A figure in its unit; percentages with up to two decimals, as they are compared: "95.18%"."""
    if not isinstance(value, int):
        return "–"
    if unit is Unit.US_CENTS:
        return money(Money(value, "USD"))
    return f"{points(value)}%" if unit is Unit.PERCENT else points(value)


def how_much(requirement: Requirement) -> str:
    """What is missing, in its unit; percentages differ by percentage points: "1.42 percentage points"."""
    if requirement.unit is Unit.PERCENT and isinstance(requirement.short, int):
        said = points(requirement.short)
        return f"{said} percentage point{'' if said == '1' else 's'}"
    return figure(requirement.short, requirement.unit)


def record_of(requirement: Requirement, rules: Rules, currency: str) -> dict[str, Any]:
    """The requirement as JSON: figures as decimal strings, days as ISO dates, None for what is not known."""
    return {
        "name": requirement.name,
        "have": _plain(requirement.have, requirement.unit),
        "need": _plain(requirement.need, requirement.unit),
        "short": _plain(requirement.short, requirement.unit),
        "state": requirement.state.value,
        "unit": requirement.unit.value,
        "ways": {each.source.value: way_record(each) for each in ways_of(requirement, rules, currency)},
    }


def _plain(value: object, unit: Unit) -> str | None:
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, int):
        return None
    return as_decimal(value * (MICRO // 100) if unit is Unit.US_CENTS else value)


def way_record(way: Way) -> dict[str, Any]:
    """A way to earn points as JSON: the MRR that it takes, and the MRR in growth markets."""
    return {
        "mrr": way.mrr.as_decimal(),
        "currency": way.mrr.currency,
        "points_per_100_usd": way.rate,
        "growth_market_mrr": way.growth_market_mrr.as_decimal(),
        "growth_market_points_per_100_usd": way.growth_market_rate,
    }


def growth_market_note(ways: dict[Source, Way]) -> str:
    """A note on the higher rates of clients in growth markets."""
    parts = [f"{way.growth_market_rate} {way.source.value} instead of {way.rate}" for way in ways.values()]
    return f"Clients in growth markets earn more points per US$100 of MRR: {listed(parts)}"
