"""What a tier requires and turns red within the days ahead, by whole numbers (digests-and-alerts#needs-attention)."""

from collections.abc import Iterator
from typing import NamedTuple

from tiercore.portfolio.plain_partner import Amounts, PlainJudge, Unplain
from tiercore.portfolio.plain_rules import PlainTier


class Turn(NamedTuple):
    """What turns red first: the day, the names, and the amounts of the day."""

    day: int
    names: tuple[str, ...]
    amounts: Amounts


class _Ahead(NamedTuple):
    day: int
    amounts: Amounts
    tools_twice: int | None


def turn_of(judge: PlainJudge, tier: PlainTier) -> Turn | None:
    """What the credited tier requires, is met today, and turns red first: see questions.portfolio.turns_of."""
    if not may_turn_red(judge, tier):
        return None
    ahead, green = list(_ahead(judge)), [each for each in tier.figures if judge.amounts[each.at] >= each.enough]
    is_performing = judge.rank == judge.rules.today.ranks[tier.name]  # or else only its figures turn red
    lost = _first_lost(judge, ahead) if is_performing else None
    low = next((each for each in ahead if any(each.amounts[one.at] < one.enough for one in green)), None)
    days = [each for each in (lost, low and low.day) if each]
    if not days:
        return None
    first = min(days)
    amounts = next((each.amounts for each in reversed(ahead) if each.day <= first), judge.amounts)
    names = [each.name for each in green if amounts[each.at] < each.enough]
    if is_performing:
        names += _shared_on(judge, ahead, first)
    return Turn(first, tuple(names), amounts)


def may_turn_red(judge: PlainJudge, tier: PlainTier) -> bool:
    """Whether something that the tier requires is met today and may not be within the days ahead."""
    today, until = judge.rules.today.day, judge.rules.until.toordinal()
    if any(today <= last < until for _, last in judge.lasting(judge.rules.today)):
        return True
    need = judge.rules.today.tools_twice
    for each in _ahead(judge):
        if need is not None and each.tools_twice is not None and each.tools_twice < need:
            return True
        if any(each.amounts[one.at] < one.enough <= judge.amounts[one.at] for one in tier.figures):
            return True
    return False


def figures_red_ahead(judge: PlainJudge, tier: PlainTier) -> set[str]:
    """The tier's figures that are red on one of the days ahead, by name: see questions.signals."""
    ahead = list(_ahead(judge))
    return {name for name, at, _, enough in tier.figures if any(each.amounts[at] < enough for each in ahead)}


def shared_red_ahead(judge: PlainJudge) -> set[str]:
    """What every tier requires and is red on one of the days ahead."""
    ahead = list(_ahead(judge))
    return {name for day in _days_ahead(judge, ahead) for name in _shared_on(judge, ahead, day)}


def _ahead(judge: PlainJudge) -> Iterator[_Ahead]:
    """The days ahead on which the figures change."""
    for _, day, sourced, assisted, managed, tools_twice, unrated, _, _ in judge.partner.ahead:
        if unrated:
            raise Unplain
        sold = sourced + assisted
        yield _Ahead(day, (sourced, sold, managed, sold + managed), tools_twice)


def _first_lost(judge: PlainJudge, ahead: list[_Ahead]) -> int | None:
    """The first day ahead on which something that every tier requires is red."""
    return next((day for day in _days_ahead(judge, ahead) if _shared_on(judge, ahead, day)), None)


def _days_ahead(judge: PlainJudge, ahead: list[_Ahead]) -> list[int]:
    """The days ahead from which on something else counts, ascending."""
    today, until = judge.rules.today.day, judge.rules.until.toordinal()
    days = {each.day for each in ahead} | {last + 1 for _, last in judge.partner.certified}
    if judge.partner.member_until is not None:
        days.add(judge.partner.member_until + 1)
    return sorted(day for day in days if today < day <= until)


def _shared_on(judge: PlainJudge, ahead: list[_Ahead], day: int) -> list[str]:
    """What every tier requires and is red on a day ahead."""
    need = judge.rules.today.tools_twice
    then = next((each.tools_twice for each in reversed(ahead) if each.day <= day), judge.tools_twice)
    if need is not None and then is None:
        raise Unplain
    found = ["median_tool_usage"] if need is not None and then is not None and then < need else []
    if judge.rules.today.certification and judge.certified_until(day) < day:
        found.append("certification")
    if judge.rules.today.membership and (judge.partner.member_until or 0) < day:
        found.append("membership")
    return found
