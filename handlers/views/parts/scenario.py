"""The steps of a scenario in words, what each of them adds or takes, and what it assumes."""

from collections.abc import Sequence
from datetime import date

from handlers.views.parts.formats import day, money, name, points, possessive, signed
from tiercore.scenarios.outcome import Difference, Effect
from tiercore.scenarios.ranges import Missing, Range
from tiercore.scenarios.steps import (
    NEW_CLIENT,
    Downgrade,
    EndAgreement,
    ExtendAgreement,
    Lose,
    RenewCertification,
    Sell,
)
from tiercore.scenarios.wishes import Assumed, Assumption


def step_in_words(effect: Effect, found: Difference) -> str:
    """What happens: "Sell $7,500 of MRR, sourced, to Acme on 20 Sep 2022"."""
    match effect.step:
        case Sell() as step:
            line = name(step.product_line)
            client = _buyer(step, found)
            what = f"{money(step.mrr)} of {line} MRR, {step.motion.value}"
            return f"Sell {what}, to {client} on {day(step.sold_on)}"
        case Lose() as step:
            return f"Lose {_client(step.client_id, found)} on {day(step.on)}"
        case Downgrade() as step:
            line, client = name(step.product_line), possessive(_client(step.client_id, found))
            if not step.mrr.minor:
                return f"Lose {client} {line} on {day(step.on)}"
            return f"Change {client} {line} to {money(step.mrr)} of MRR on {day(step.on)}"
        case EndAgreement() as step:
            return f"End the agreement with {_client(step.client_id, found)}: its last day is {day(step.ends_on)}"
        case ExtendAgreement() as step:
            until = f"until {day(step.ends_on)}" if step.ends_on else "without an end"
            verb = "Extend" if effect.entries else "Keep"
            return f"{verb} the agreement with {_client(step.client_id, found)} {until}"
        case RenewCertification() as step:
            later = f" on {day(step.valid_from)}, valid" if step.valid_from > found.as_of else ""
            return f"Renew {name(step.certification)}{later} until {day(step.valid_until)}"


def effect_in_words(effect: Effect) -> str:
    """The points that the step adds or takes: "+225 sourced, +75 managed points"."""
    parts = [(effect.sourced, "sourced"), (effect.assisted, "assisted"), (effect.managed, "managed")]
    moved = [f"{signed(value)} {kind}" for value, kind in parts if value]
    return f"{', '.join(moved)} points" if moved else "no points change"


def rate_in_words(effect: Effect) -> str:
    """Why a sale earns at another rate than a new line would; "" where it doesn't."""
    kept = effect.kept_rate
    if kept is None:
        return ""
    return f"the line dates from {day(kept.since)} and keeps {kept.rate} per US$100; a new line earns {kept.new_line}"


def assumed_in_words(assumed: Sequence[Assumption]) -> str:
    """What was left out, so is assumed: "assumed: Marketing Hub, net-new, today"; "" for nothing."""
    return f"assumed: {', '.join(_assumed(each) for each in assumed)}" if assumed else ""


def _assumed(assumption: Assumption) -> str:
    value = assumption.value
    match assumption.what:
        case Assumed.CLIENT:
            return f"a new client in your country ({value})"
        case Assumed.DAY:
            return "today"
        case Assumed.DAY_OF_MONTH if isinstance(value, date):
            return f"on {day(value)}"
        case Assumed.OPEN_END:
            return "no end"
        case Assumed.UNTIL if isinstance(value, date):
            return f"valid until {day(value)}"
        case Assumed.DEAL_TYPE:
            return str(value).replace("_", "-")
    return name(str(value))


def range_in_words(found: Range, names: dict[str, str]) -> str:
    """What the data can't tell, with its range."""
    client = name(names.get(found.client_id, found.client_id))
    if found.missing is Missing.MANAGED:
        most = f"0 to {points(found.most)} managed points more"
        return f"{client} has no subscription data, so its managed points aren't known: the sale brings {most}."
    line = f"{possessive(client)} {name(found.product_line or '')}".strip()
    if found.missing is Missing.CURRENCY:
        most = f"0 to {points(found.most)} managed points more"
        return f"{line} pays in another currency, so the amounts don't add up: the sale brings {most}; none is counted."
    if found.missing is Missing.EXPIRY:
        why = "the line pays in another currency than the sale"
        return f"{line}: when {points(found.most)} of its sold points expire isn't known with the sale, as {why}."
    return (
        f"{line} has no subscription data: 0 to {points(found.most)} of its sold points may be lost; none is counted."
    )


def _buyer(step: Sell, found: Difference) -> str:
    return name(step.new_client.name) if step.new_client else _client(step.client_id, found)


def _client(client_id: str, found: Difference) -> str:
    return "a new client" if client_id == NEW_CLIENT else name(found.names.get(client_id, client_id))
