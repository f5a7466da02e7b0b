"""Why a partner can't be judged, in words that are the same for all partners that share the reason."""

from handlers.views.parts.formats import listed, prose, tier
from handlers.views.parts.requirement import bound_of, label_inside
from tiercore.questions.doubts import EXPIRY, RULES, SAMPLES, THRESHOLDS, UNRATED, Doubt

TO_SET = "An admin sets thresholds with /tier setup."


def reason_of(doubt: Doubt) -> str:
    """The reason: "no threshold is set for Gold", "C$R unknown: no subscription data"."""
    if doubt.subject == THRESHOLDS:
        return _unset(doubt)
    reason = prose(doubt.reason)
    if doubt.subject == EXPIRY:
        return f"expiry {reason}"
    return reason if doubt.subject in (RULES, SAMPLES, UNRATED) else f"{label_inside(doubt.subject)} unknown: {reason}"


def _unset(doubt: Doubt) -> str:
    if doubt.is_whole:
        return f"no threshold is set for {tier(doubt.tier)}"
    figures = [_figure(each) for each in doubt.unset]
    return f"{tier(doubt.tier)}'s {listed(figures)} {'is' if len(figures) == 1 else 'are'} not set"


def _figure(requirement: str) -> str:
    if requirement.endswith("_minimum"):
        return label_inside(requirement)
    total = "combined" if requirement == "combined_threshold" else label_inside(requirement)
    return f"{total} {bound_of(requirement)}"
