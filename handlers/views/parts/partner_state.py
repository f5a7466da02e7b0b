"""A partner's line in a portfolio in words: its mark, and what matters most of it."""

from handlers.views.parts.doubts import reason_of
from handlers.views.parts.formats import day, listed, tier
from handlers.views.parts.requirement import label_inside
from handlers.views.parts.verdict import headline, mark
from tiercore.portfolio.state import PartnerState
from tiercore.questions.verdict import VerdictKind

_BAD = frozenset({VerdictKind.DANGER, VerdictKind.BELOW})


def mark_of(state: PartnerState) -> str:
    """The mark of what matters most of a partner."""
    if state.is_at_risk and state.kind not in _BAD:
        return "🟠"
    return "⚪" if state.is_unjudged or state.verdict is None else mark(state.verdict)


def matters(state: PartnerState) -> str:
    """What endangers the credited tier, why it can't be judged, or else its verdict."""
    if state.is_at_risk and state.kind not in _BAD and state.red_on:
        turns = f"{listed([label_inside(each) for each in state.red])} {'turns' if len(state.red) == 1 else 'turn'} red"
        return f"{tier(state.credited_tier)}: {turns} on {day(state.red_on)}"
    if state.is_unjudged:
        return "; ".join(reason_of(each) for each in state.doubts)
    if state.verdict is not None:
        return headline(state.verdict)
    return f"{state.kind.value} on {day(state.day)}"
