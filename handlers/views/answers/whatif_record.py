"""A what-if as JSON: the standing before and after, as /tier gives it, and what changes."""

from typing import Any

from handlers.views.answers.tier import record as standing_record
from handlers.views.answers.whatif import Answered, headline
from handlers.views.parts.footer import common_record
from handlers.views.parts.scenario import assumed_in_words, range_in_words, step_in_words
from tiercore.facts.points import as_decimal
from tiercore.facts.unknown import Unknown
from tiercore.scenarios.outcome import Difference, Effect, Outlook
from tiercore.scenarios.steps import Downgrade, Sell, Step, client_of
from tiercore.scenarios.wishes import Assumption


def record(answered: Answered) -> dict[str, Any]:
    """The difference as JSON."""
    found, assumed = answered.found.difference, answered.found.assumed
    after = found.after.standing
    return {
        **common_record("whatif", found.partner, found.as_of, after.rules, [*after.notes, *_ranges(found)]),
        "day": found.day.isoformat(),
        "headline": headline(found),
        "consequence": _consequence(found),
        "before": standing_record(found.before.standing),
        "after": standing_record(after),
        "changes": [_change(each, said, found) for each, said in zip(found.effects, assumed, strict=True)],
        "projection": {"before": _projection(found.before), "after": _projection(found.after)},
    }


def _consequence(found: Difference) -> dict[str, Any]:
    consequence = found.consequence
    margin, missing = consequence.margin, consequence.missing
    return {
        "kind": consequence.kind.value,
        "tier": consequence.tier,
        "day": consequence.day.isoformat(),
        "margin": None if margin is None else as_decimal(margin),
        "missing": None if missing is None else as_decimal(missing),
        "causes": [each.name for each in consequence.causes],
    }


def _change(effect: Effect, assumed: tuple[Assumption, ...], found: Difference) -> dict[str, Any]:
    """One step: what it is, and the points that it adds or takes."""
    step = effect.step
    priced = step if isinstance(step, Sell | Downgrade) else None
    return {
        "step": step_in_words(effect, found),
        "client": _client(step, found),
        "product_line": priced.product_line if priced else None,
        "source": step.motion.value if isinstance(step, Sell) else None,
        "mrr": priced.mrr.as_decimal() if priced else None,
        "currency": priced.mrr.currency if priced else None,
        "points": {
            "sourced": as_decimal(effect.sourced),
            "assisted": as_decimal(effect.assisted),
            "managed": as_decimal(effect.managed),
            "combined": as_decimal(effect.points),
        },
        "assumed": assumed_in_words(assumed).removeprefix("assumed: ") or None,
    }


def _client(step: Step, found: Difference) -> dict[str, str | None] | None:
    """The client; a new one has a name alone, and None is one without a name, or no client."""
    if isinstance(step, Sell) and step.new_client:
        return {"id": None, "name": step.new_client.name}
    client_id = client_of(step)
    return {"id": client_id, "name": found.names.get(client_id)} if client_id else None


def _ranges(found: Difference) -> list[str]:
    return [range_in_words(each, found.names) for each in found.ranges]


def _projection(outlook: Outlook) -> list[dict[str, str]] | None:
    """Combined points of the day and of the next twelve month ends; None while expiry is under correction."""
    if isinstance(outlook.combined, Unknown):
        return None
    return [{"day": day.isoformat(), "combined": as_decimal(points)} for day, points in outlook.combined]
