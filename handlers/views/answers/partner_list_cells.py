"""The columns of a portfolio: a head and a cell for each partner."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.formats import count, day, name, points, signed, tier, upper
from handlers.views.parts.partner_state import mark_of, matters, to_do_of, to_go_of
from tiercore.facts.points import as_decimal
from tiercore.portfolio.state import SOON, PartnerState, Show

Cell = Callable[[PartnerState], dict[str, Any]]


def _at_stake(state: PartnerState) -> dict[str, Any]:
    if not state.is_at_risk or state.days_left is None:
        return blocks.text_cell("–")
    stake = [points(state.at_stake)] if state.at_stake else []  # none where it isn't points that are missing
    return blocks.text_cell(", ".join([*stake, f"{count(state.days_left, 'day')} left"]))


def _to_go(state: PartnerState) -> dict[str, Any]:
    return blocks.text_cell(upper(to_go_of(state)))


def _red_on(state: PartnerState) -> dict[str, Any]:
    return blocks.text_cell(day(state.red_on) if state.red_on else "–")


def _expiring(state: PartnerState) -> dict[str, Any]:
    return blocks.text_cell("under correction" if state.expiring is None else points(state.expiring))


def _moved(state: PartnerState) -> dict[str, Any]:
    return blocks.text_cell(signed(state.moved))


def _partner(state: PartnerState) -> dict[str, Any]:
    return blocks.text_cell(name(state.partner.name))


def _tier(state: PartnerState) -> dict[str, Any]:
    return blocks.text_cell(upper(tier(state.credited_tier)))


def _matters(state: PartnerState) -> dict[str, Any]:
    return blocks.text_cell(f"{mark_of(state)} {upper(matters(state))}")


def _beside_to_go(state: PartnerState) -> dict[str, Any]:
    return blocks.text_cell(f"{mark_of(state)} {upper(matters(state, beside_figure=True))}".rstrip())


def _to_do(state: PartnerState) -> dict[str, Any]:
    return blocks.text_cell(to_do_of(state))


def _points(state: PartnerState) -> dict[str, Any]:
    return blocks.number_cell(float(as_decimal(state.combined)), points(state.combined))


_AT_STAKE: tuple[str, Cell] = ("At stake", _at_stake)
_LAST: Mapping[Show, tuple[str, Cell]] = {
    Show.RED_SOON: ("Red on", _red_on),
    Show.EXPIRING: (f"Expire in {SOON} days", _expiring),
    Show.MOVERS: ("In a week", _moved),
}


def columns_of(show: Show) -> Sequence[tuple[str, Cell]]:
    """The heads and cells of a list; where it is about what is missing, that comes first, and is told once."""
    who, rest = (("Partner", _partner), ("Tier", _tier)), (("What to do", _to_do), ("Points", _points))
    if show is Show.CLOSE:
        return (*who, ("To go", _to_go), ("What matters", _beside_to_go), *rest)
    return (*who, ("What matters", _matters), *rest, _LAST.get(show, _AT_STAKE))
