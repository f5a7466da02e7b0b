"""Choosing, ordering and counting the partners of a portfolio (digests-and-alerts#several-partners)."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from math import lcm
from typing import Any

from tiercore.access import plain
from tiercore.facts.points import hundredths
from tiercore.portfolio.state import NO_TIER, By, Filter, PartnerState, Show, StatesPage

_SHOWN: Mapping[Show, Callable[[PartnerState], Any]] = {
    Show.ALL: lambda _: True,
    Show.AT_RISK: lambda each: each.is_at_risk,
    Show.CLOSE: lambda each: each.is_close,
    Show.RED_SOON: lambda each: each.red_on is not None,
    Show.EXPIRING: lambda each: bool(each.expiring),
    Show.MOVERS: lambda each: bool(hundredths(abs(each.moved))),
    Show.UNJUDGED: lambda each: each.is_unjudged,
}


def page_of(
    states: Sequence[PartnerState],
    as_of: date,
    tiers: Sequence[str],
    of: Filter,
    by: By,
    first: int = 0,
    count: int | None = None,
) -> StatesPage:
    """A page of the partners that pass the filter, in order; all of them without a `count`. `tiers` are the program's,
    lowest first.
    """
    found = [each for each in states if _has_tier(each, of.tier) and _has_cam(each, of.cam)]
    shown = [each for each in found if _SHOWN[of.show](each)]
    shown.sort(key=_by_risk(shown) if by is By.RISK else _ORDERS[by])
    last = len(shown) if count is None else first + count
    return StatesPage(
        as_of=as_of,
        of=of,
        by=by,
        first=first,
        rows=tuple(shown[first:last]),
        total=len(shown),
        partners=len(states),
        counts={show: sum(1 for _ in filter(is_shown, found)) for show, is_shown in _SHOWN.items()},
        mix=_mix(shown, tiers),
    )


def _has_tier(state: PartnerState, tier: str | None) -> bool:
    return tier is None or (state.credited_tier or NO_TIER) == tier


def _has_cam(state: PartnerState, cam: str | None) -> bool:
    """Whether one of the partner's CAMs is called so: by name or its first words."""
    return cam is None or bool(cams_called(cam, state.cams))


def cams_called(text: str, cams: Iterable[str]) -> list[str]:
    """Those of the CAMs who are called so: by name or its first words."""
    words = plain(text)
    return [each for each in cams if (name := plain(each)) == words or name.startswith(f"{words} ")]


def _by_risk(states: Iterable[PartnerState]) -> Callable[[PartnerState], tuple[Any, ...]]:
    """The order by points at stake for each day left, compared as whole numbers: for as many days as all have in
    common.
    """
    days = lcm(*{each.days_left for each in states if each.days_left})

    def key(state: PartnerState) -> tuple[Any, ...]:
        if not state.is_at_risk or state.days_left is None:
            return (1, 0, 0, state.partner.name, state.partner.partner_id)
        urgency = state.at_stake * (days // state.days_left)
        return (0, -urgency, state.days_left, state.partner.name, state.partner.partner_id)

    return key


def _by_days(state: PartnerState) -> tuple[Any, ...]:
    left = state.days_left if state.is_at_risk else None
    return (left is None, left or 0, -state.at_stake, state.partner.name, state.partner.partner_id)


def _by_points(state: PartnerState) -> tuple[Any, ...]:
    return (-state.combined, state.partner.name, state.partner.partner_id)


_ORDERS: Mapping[By, Callable[[PartnerState], tuple[Any, ...]]] = {
    By.DAYS: _by_days,
    By.POINTS: _by_points,
}


def _mix(states: Iterable[PartnerState], tiers: Sequence[str]) -> tuple[tuple[str | None, int], ...]:
    held = Counter(each.credited_tier for each in states)
    named = [*reversed(tiers), *sorted(name for name in held if name is not None and name not in tiers), None]
    return tuple((name, held[name]) for name in named if held[name])
