"""A partner's line in a portfolio by whole numbers alone, for nearly all partners (digests-and-alerts#needs-attention).

Each rule is that of a question, which the docstring names; a test compares the two on random partners and programs.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from tiercore.facts.months import months_after
from tiercore.facts.points import HUNDREDTH, hundredths
from tiercore.portfolio.plain_partner import LAPSED, Amounts, PlainJudge, PlainPartner, Unplain, combined_of
from tiercore.portfolio.plain_rules import TOTAL, PlainDay, PlainRules, PlainTier
from tiercore.portfolio.plain_turns import Turn, turn_of
from tiercore.portfolio.state import PartnerState
from tiercore.questions.portfolio import CLOSE_PERCENT
from tiercore.questions.recalibration import Result
from tiercore.questions.verdict import VerdictKind


def state_of_plain(rules: PlainRules, partner: PlainPartner) -> PartnerState | None:
    """The partner's line, without its verdict in full; None where the questions have to say."""
    try:
        return _state(PlainJudge(rules, partner))
    except Unplain:
        return None


def _state(judge: PlainJudge) -> PartnerState:
    rules, partner, today = judge.rules, judge.partner, judge.rules.today
    held = judge.held(today)
    turn = turn_of(judge, held) if held else None
    amiss = _amiss(held, judge.amounts, judge.shared) if held else _NOTHING
    result, by = recalibration_by_numbers(judge)
    is_bad = result in (Result.FALLS, Result.AT_RISK)
    kind, tier, day = _verdict(judge, result, is_below=bool(amiss.names))
    target = judge.above(today, judge.rank)
    if judge.is_unsure and not _is_missed_all_the_same(judge, target):
        raise Unplain
    if target and target.is_unset:
        raise Unplain
    missing = _missing(target, judge.amounts) if target else None
    is_at_risk = is_bad or bool(amiss.names) or turn is not None
    if not is_bad and is_at_risk:
        by = _to_do(judge, amiss, turn) or today.day
    return PartnerState(
        partner=partner.partner,
        credited_tier=partner.tier,
        performing_tier=today.tiers[judge.rank].name if judge.rank >= 0 else None,
        is_decided=True,
        combined=judge.amounts[3],
        next_tier=target.name if target else None,
        missing=missing,
        is_close=target is not None and missing is not None and _is_close(target, missing),
        kind=kind,
        tier=tier,
        day=date.fromordinal(day),
        is_at_risk=is_at_risk,
        at_stake=judge.amounts[3] if is_bad else _at_stake(judge, held, turn) if held and turn else amiss.missing,
        days_left=max(1, by - today.day) if is_at_risk else None,
        red_on=date.fromordinal(turn.day) if turn else None,
        red=turn.names if turn else (),
        expiring=judge.at(rules.until.toordinal())[LAPSED] - judge.lapsed,
        moved=judge.amounts[3] - combined_of(judge.at(rules.since.toordinal())),
        cams=partner.cams,
    )


def _is_missed_all_the_same(judge: PlainJudge, target: PlainTier | None) -> bool:
    """Whether it is known of a partner without a tier that it reaches none, whatever else isn't known of it."""
    if target is None or judge.on(judge.rules.climb).rank >= 0:
        return False
    return any(judge.amounts[each.at] < each.enough for each in target.figures)


def _is_close(target: PlainTier, missing: int) -> bool:
    return missing * 100 <= target.figures[0].need * CLOSE_PERCENT


def _at_stake(judge: PlainJudge, held: PlainTier, turn: Turn) -> int:
    """What is missing of the figures that are red, and of those that turn red as of the day on which they do."""
    turned = {each.at for each in held.figures if each.name in turn.names}
    sourced, sold, managed, combined = (
        later if at in turned else now for at, (now, later) in enumerate(zip(judge.amounts, turn.amounts, strict=True))
    )
    return _missing(held, (sourced, sold, managed, combined))


class _Amiss(NamedTuple):
    """The requirements of a tier that are red: their names, how many points don't decide, and what points miss."""

    names: tuple[str, ...]
    others: int
    missing: int


_NOTHING = _Amiss((), 0, 0)


def _amiss(tier: PlainTier, amounts: Amounts, shared: tuple[str, ...]) -> _Amiss:
    red = tuple([each.name for each in tier.figures if amounts[each.at] < each.enough])
    return _Amiss(red + shared, len(shared), _missing(tier, amounts) if red else 0) if red or shared else _NOTHING


def _missing(tier: PlainTier, amounts: Amounts) -> int:
    """Micropoints to earn overall: the total's shortfall, or the sum of the minimums' if that is larger."""
    total = minimums = 0
    for name, at, need, enough in tier.figures:
        if amounts[at] >= enough:
            continue
        short = hundredths(need) - hundredths(amounts[at])
        if name == TOTAL:
            total = short
        else:
            minimums += short
    return max(total, minimums) * HUNDREDTH


def recalibration_by_numbers(judge: PlainJudge) -> tuple[Result, int]:
    """What the recalibration does to the credited tier and, where it is in danger, the last day of the first thing to
    do about it.
    """
    rules, partner = judge.rules, judge.partner
    if partner.tier is None:
        return Result.UNTIERED, 0
    enough = [judge.on(day).rank >= _rank_of(day, partner.tier) for day in rules.samples]
    red = [(name, until) for name, until in judge.lasting(rules.ends) if until < rules.ends.day]
    if _is_protected(judge):
        return Result.PROTECTED, 0
    if not red and any(enough):
        return Result.KEEPS, 0
    return (Result.AT_RISK if red else Result.FALLS), min(_last_days(judge, enough, red), default=rules.ends.day)


def _rank_of(day: PlainDay, tier: str) -> int:
    rank = day.ranks.get(tier)
    if rank is None or not day.tiers[rank].is_plain:
        raise Unplain
    return rank


def _is_protected(judge: PlainJudge) -> bool:
    partner, ends = judge.partner, judge.rules.ends
    assert partner.tier is not None
    assert partner.credited_on is not None
    if partner.tier_before and ends.ranks.get(partner.tier_before, -1) > ends.ranks.get(partner.tier, -1):
        return False  # it was lost, not gained
    protected_until = months_after(partner.credited_on, judge.rules.protection_months)
    return ends.day < protected_until.toordinal()


def _last_days(judge: PlainJudge, enough: Sequence[bool], red: Sequence[tuple[str, int]]) -> Iterator[int]:
    """The last days on which to do what keeps the tier: see questions.saving."""
    rules, today, best, best_amiss = judge.rules, judge.rules.today.day, None, _NOTHING
    if not any(enough):
        coming = [(day, _amiss_on(judge, day)) for day in rules.samples if day.day >= today]
        if not coming:
            raise Unplain
        best, best_amiss = min(coming, key=lambda each: (each[1].others, each[1].missing, -each[0].day))
    for name, until in red:
        needed_on = best.day if best and name in best_amiss.names else rules.ends.day
        yield min(until if until >= today else needed_on, needed_on)
    if best and set(best_amiss.names) - {name for name, _ in red}:
        yield best.day


def _amiss_on(judge: PlainJudge, day: PlainDay) -> _Amiss:
    held = judge.held(day)
    assert held is not None
    then = judge.on(day)
    return _amiss(held, then.amounts, then.shared)


def _verdict(judge: PlainJudge, result: Result, *, is_below: bool) -> tuple[VerdictKind, str | None, int]:
    """The kind of verdict, the tier and the day that it is about: see questions.verdict."""
    rules, credited = judge.rules, judge.partner.tier
    about = credited, rules.ends.day
    if result in (Result.FALLS, Result.AT_RISK):
        return VerdictKind.DANGER, *about
    if is_below and result is not Result.UNTIERED:
        return VerdictKind.BELOW, *about
    climb = rules.climb
    rank = judge.on(climb).rank
    if rank > climb.ranks.get(credited or "", -1):
        kind = VerdictKind.RISES if judge.partner.credited_on else VerdictKind.UNKNOWN  # which one is held isn't known
        return kind, climb.tiers[rank].name, climb.day
    if credited is not None and any(
        day.day > rules.today.day and judge.on(day).rank < _rank_of(day, credited) for day in rules.samples
    ):
        return VerdictKind.FALLING, *about
    above = judge.above(climb, rank)
    if above is None:
        return VerdictKind.NOTHING, *about
    if above.is_unset:
        raise Unplain
    return VerdictKind.GAIN, above.name, climb.day


def _to_do(judge: PlainJudge, amiss: _Amiss, turn: Turn | None) -> int | None:
    """The last day of the first thing to do for a tier that isn't in danger: see questions.advice. Raises Unplain where
    that takes the names of clients.
    """
    ends, today = judge.rules.ends.day, judge.rules.today.day
    for _, until in judge.lasting(judge.rules.ends):
        if until < ends:
            return max(today, until)
    if turn and not amiss.missing:
        raise Unplain
    return ends if amiss.missing else None
