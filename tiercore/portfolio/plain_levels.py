"""How serious each of a partner's signals is, by whole numbers alone (digests-and-alerts#alerts)."""

from collections.abc import Container, Iterable, Iterator
from datetime import date

from tiercore.portfolio.plain_partner import PlainJudge, PlainPartner, Unplain
from tiercore.portfolio.plain_rules import TOTAL, Figure, PlainRules, PlainTier
from tiercore.portfolio.plain_state import recalibration_by_numbers
from tiercore.portfolio.plain_turns import figures_red_ahead, may_turn_red, shared_red_ahead
from tiercore.questions.recalibration import Result
from tiercore.questions.signals import REACHED, RECALIBRATION, RECALIBRATION_DAYS, Level

Levels = dict[str, Level | None]


def levels_of_plain(rules: PlainRules, partner: PlainPartner) -> Levels | None:
    """The level of each signal watched for the partner, by name: see questions.signals. None where the questions have
    to say, as of a signal that is red soon, or of a goal.
    """
    if partner.has_goal:
        return None
    try:
        judge = PlainJudge(rules, partner)
        levels = dict(_levels(judge))
        return None if judge.is_unsure else levels
    except Unplain:
        return None


def _levels(judge: PlainJudge) -> Iterator[tuple[str, Level | None]]:
    today, credited = judge.rules.today, judge.partner.tier
    if held := judge.held(today):
        yield from _of_held(judge, held)
    if above := judge.above(today, -1):
        yield from _of_minimums(judge, above)
    ends = judge.rules.ends.day
    if ends - today.day <= RECALIBRATION_DAYS:
        result, _ = recalibration_by_numbers(judge)
        is_red = result in (Result.FALLS, Result.AT_RISK)
        yield f"{RECALIBRATION}.{date.fromordinal(ends)}", Level.RED if is_red else Level.GREEN
    for rank in range(today.ranks.get(credited or "", -1) + 1, len(today.tiers)):
        yield f"{REACHED}.{today.tiers[rank].name}", Level.RED if rank <= judge.rank else Level.GREEN


def _of_held(judge: PlainJudge, tier: PlainTier) -> Iterator[tuple[str, Level | None]]:
    """Everything that the credited tier requires."""
    today, tools = judge.rules.today, "median_tool_usage"
    later = shared_red_ahead(judge) if may_turn_red(judge, tier) else ()
    yield from _of_figures(judge, tier, tier.figures)
    yield f"{tier.name}.{tools}", None if today.tools_twice is None else _level(tools, judge.shared, later)
    for name, _ in judge.lasting(today):
        yield f"{tier.name}.{name}", _level(name, judge.shared, later)
    for name in tier.untargeted:
        yield f"{tier.name}.{name}", None


def _of_minimums(judge: PlainJudge, tier: PlainTier) -> Iterator[tuple[str, Level | None]]:
    """The minimums of the tier above."""
    if tier.is_unset:
        raise Unplain
    yield from _of_figures(judge, tier, [each for each in tier.figures if each.name != TOTAL])


def _of_figures(judge: PlainJudge, tier: PlainTier, figures: Iterable[Figure]) -> Iterator[tuple[str, Level | None]]:
    later = figures_red_ahead(judge, tier) if judge.partner.ahead else ()
    for name, at, _, enough in figures:
        yield f"{tier.name}.{name}", _level(name, (name,) if judge.amounts[at] < enough else (), later)


def _level(name: str, red: Container[str], later: Container[str]) -> Level:
    """The level of what is met or not today and on the days ahead."""
    if name in red:
        return Level.RED
    return Level.SOON if name in later else Level.GREEN
