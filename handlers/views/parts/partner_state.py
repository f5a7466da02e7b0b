"""A partner's line in a portfolio in words: its mark, and what matters most of it."""

from handlers.views.parts import verdict
from handlers.views.parts.advice import CANT_TELL, in_one_sentence
from handlers.views.parts.doubts import reason_of
from handlers.views.parts.formats import day, listed, points, tier
from handlers.views.parts.requirement import label_inside
from tiercore.portfolio.state import PartnerState
from tiercore.questions.verdict import VerdictKind

_BAD = frozenset({VerdictKind.DANGER, VerdictKind.BELOW})

# What a verdict says, without its causes: in lists of so many partners that those aren't read.
_IN_SHORT = {
    VerdictKind.DANGER: "{tier} at risk on {day}",
    VerdictKind.BELOW: "{tier} kept on {day}, but its numbers are too low today",
    VerdictKind.RISES: "{tier} will be credited on {day}",
    VerdictKind.UNKNOWN: "can't tell whether {tier} is credited on {day}",
    VerdictKind.FALLING: "{tier} kept on {day}, but its numbers will be too low",
    VerdictKind.GAIN: "the numbers don't reach {tier} by {day}",
    VerdictKind.NOTHING: "{tier} is kept on {day}; it's the highest tier",
}


def mark_of(state: PartnerState) -> str:
    """The mark of what matters most of a partner."""
    if state.is_at_risk and state.kind not in _BAD:
        return "🟠"
    return "⚪" if state.is_unjudged else verdict.mark_of_kind(state.kind)


def matters(state: PartnerState, *, beside_figure: bool = False) -> str:
    """What endangers the credited tier, why it can't be judged, or else its verdict; with `beside_figure`, without what
    is missing for the next tier.
    """
    if state.is_at_risk and state.kind not in _BAD and state.red_on:
        turns = f"{listed([label_inside(each) for each in state.red])} {'turns' if len(state.red) == 1 else 'turn'} red"
        return f"{tier(state.credited_tier)}: {turns} on {day(state.red_on)}"
    if state.is_unjudged:
        return "; ".join(reason_of(each) for each in state.doubts)
    if state.verdict is not None:
        return verdict.beside_figure(state.verdict) if beside_figure else verdict.headline(state.verdict)
    return _IN_SHORT[state.kind].format(tier=tier(state.tier), day=day(state.day))


def to_go_of(state: PartnerState) -> str:
    """What is missing for the next tier by the day that decides, and today where that is another figure; "–" where it
    isn't known.
    """
    if state.missing is None:
        return "–"
    goal = tier(state.next_tier)
    climbs = state.verdict if state.kind is VerdictKind.GAIN else None
    if climbs is None or climbs.tier != state.next_tier:
        return f"{points(state.missing)} points to {goal} today" if state.missing else f"enough for {goal} today"
    today = points(state.missing)
    is_other = not climbs.missing or today != points(climbs.missing)
    return f"{verdict.to_earn(climbs)}{f' ({today} today)' if is_other else ''}"


def act_of(state: PartnerState) -> str:
    """The one thing to do, with whatever else it takes to keep a tier in danger, without its stop; "" for nothing."""
    if state.verdict is None or state.rules is None:
        return ""
    return in_one_sentence(state.act, state.verdict, state.rules, state.currency)


def to_do_of(state: PartnerState) -> str:
    """What to do, in a table's cell."""
    is_known = not state.doubts and state.kind is not VerdictKind.UNKNOWN
    return act_of(state) or ("–" if is_known else CANT_TELL)
