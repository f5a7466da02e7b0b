"""The gap as JSON."""

from collections.abc import Sequence
from typing import Any

from handlers.views.parts import verdict
from handlers.views.parts.footer import common_record, not_configured_notes, product_record
from handlers.views.parts.requirement import record_of, way_record
from tiercore.facts.points import Source, as_decimal
from tiercore.program import Rules
from tiercore.questions.convert import Way, ways_to_earn
from tiercore.questions.gap import Gap, Part, exactness_of, points_missing
from tiercore.questions.gap_on import GapOn
from tiercore.rating.netting import Change
from tiercore.rating.timeline import Balance


def record(gap: GapOn) -> dict[str, Any]:
    """The gap as JSON: requirements and remainder as of the day `by`, and what changes until then."""
    then = gap.then
    held = [f"expiry: {gap.held.reason}"] if gap.held else []
    notes = [*held, *then.notes, *not_configured_notes(then.requirements)]
    return {
        **common_record("gap", gap.partner, gap.as_of, gap.rules, notes),
        "danger": verdict.headline(gap.danger) if gap.danger else None,
        "by": gap.by.isoformat(),
        "tier": then.tier.name,
        "requirements": [record_of(each, then.rates, gap.partner.currency) for each in then.requirements],
        "climb": _climb(gap.climb),
        "remainder": _remainder(then),
        "to_earn": _to_earn(then),
        "today": {**_balance(gap.balance), "met": gap.is_met_today},
        "expiring": None if gap.held else _changes(gap.expiring, gap.rules),
        "starting": None if gap.held else _changes(gap.starting, gap.rules),
        "pipeline": {
            each.likelihood.value: {"points": as_decimal(each.micropoints), "missing": as_decimal(each.missing)}
            for each in gap.pipeline
        },
    }


def _climb(climb: GapOn | None) -> dict[str, Any] | None:
    """The next tier, where the gap is about the held one."""
    if climb is None:
        return None
    return {"tier": climb.then.tier.name, "by": climb.by.isoformat(), "to_earn": _to_earn(climb.then)}


def _balance(balance: Balance) -> dict[str, Any]:
    return {
        **{each.value: as_decimal(getattr(balance, each.value)) for each in Source},
        "combined": as_decimal(balance.combined),
    }


def _remainder(gap: Gap) -> dict[str, Any]:
    remainder = None if gap.remainder is None else as_decimal(gap.remainder)
    return {
        "points": remainder,
        **{f"only_{source.value}": _only(remainder, gap.ways.get(source), gap) for source in Source},
    }


def _only(remainder: str | None, way: Way | None, gap: Gap) -> dict[str, Any]:
    if way is None:
        return {"points": remainder, "mrr": None, "currency": gap.partner.currency}
    return {"points": remainder, **way_record(way)}


def _to_earn(gap: Gap) -> dict[str, Any]:
    """The points to earn in all, and their parts; None in the dollar models, whose targets aren't points."""
    if gap.rules.model == "dollars":
        return {"points": None, "exactness": None, "parts": []}
    return {
        "points": as_decimal(points_missing(gap.requirements)),
        "exactness": exactness_of(gap.requirements).value,
        "parts": [_part(each, gap) for each in gap.parts],
    }


def _part(part: Part, gap: Gap) -> dict[str, Any]:
    ways = ways_to_earn(part.micropoints, gap.rates, gap.partner.currency)
    return {
        "requirement": part.requirement,
        "sources": [each.value for each in part.sources],
        "points": as_decimal(part.micropoints),
        "ways": {each.value: way_record(ways[each]) for each in part.sources},
    }


def _changes(changes: Sequence[Change], rules: Rules) -> dict[str, Any]:
    return {
        "points": as_decimal(abs(sum(each.micropoints for each in changes))),
        "items": [_change(each, rules) for each in changes],
    }


def _change(change: Change, rules: Rules) -> dict[str, Any]:
    return {
        "client_id": change.client_id,
        "client": change.client,
        **product_record(rules, change.product_line, change.edition, change.account),
        "source": change.source.value,
        "points": as_decimal(abs(change.micropoints)),
        "day": change.day.isoformat(),
        "cause": change.cause.value,
    }
