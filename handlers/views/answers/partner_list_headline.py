"""The first line of a portfolio: how many partners the list that was asked for has (how-tiers-work#portfolio)."""

from collections.abc import Mapping

from handlers.views.parts.formats import count, name, tier
from tiercore.portfolio.state import NO_TIER, SOON, By, Show, StatesPage
from tiercore.questions.portfolio import PartnerWeek

# The mark of a list that isn't about risk, and what is said of one of its partners, and of several.
_HEADLINES: Mapping[Show, tuple[str, str, str]] = {
    Show.CLOSE: ("🎯 ", "is close to the next tier", "are close to the next tier"),
    Show.RED_SOON: ("🟠 ", f"turns red within {SOON} days", f"turn red within {SOON} days"),
    Show.EXPIRING: ("", f"has points that expire within {SOON} days", f"have points that expire within {SOON} days"),
    Show.MOVERS: ("", "gained or lost points within a week", "gained or lost points within a week"),
}


def headline(page: StatesPage, week: PartnerWeek | None) -> str:
    """How many partners the list has; `week` is that of the first one at risk. While some can't be judged, nobody is
    said to be safe.
    """
    all_, at_risk, unjudged = (page.counts[each] for each in (Show.ALL, Show.AT_RISK, Show.UNJUDGED))
    partners = f"{count(all_, 'partner')}{_scope(page)}"
    if all_ and page.of.show in _HEADLINES:
        return _headline_of(page, partners)
    if unjudged and page.of.show is Show.UNJUDGED:
        return f"⚪ {unjudged:,} of {partners} can't be judged"
    if week is not None and at_risk:
        worst, be = name(week.standing.partner.name), "is" if at_risk == 1 else "are"
        mark = "🔴" if week.verdict.is_bad else "🟠"
        first = f", {worst} first" if page.by is not By.POINTS else f", most urgent: {worst}"
        return f"{mark} {at_risk:,} of {partners} {be} at risk{first if at_risk > 1 else f': {worst}'}"
    if unjudged:
        others = "; no risk is known of the others" if unjudged < all_ else ""
        return f"⚪ {unjudged:,} of {partners} can't be judged{others}"
    return f"🟢 {partners}: none at risk" if all_ else f"No partner{_scope(page)}"


def _headline_of(page: StatesPage, partners: str) -> str:
    """How many of the partners a list that isn't about risk has."""
    number, unjudged = page.counts[page.of.show], page.counts[Show.UNJUDGED]
    mark, one, several = _HEADLINES[page.of.show]
    if not number:
        unsure = f"; {unjudged:,} can't be judged" if unjudged else ""
        return f"{'⚪ ' if unjudged else ''}None of {partners} {one}{unsure}"
    who = f": {name(page.rows[0].partner.name)}" if number == 1 and page.rows else ""
    return f"{mark}{number:,} of {partners} {one if number == 1 else several}{who}"


def _scope(page: StatesPage) -> str:
    """Which partners are counted: " in Gold of Carla"."""
    of_tier = f" {'without a tier' if page.of.tier == NO_TIER else f'in {tier(page.of.tier)}'}" if page.of.tier else ""
    return f"{of_tier}{f' of {name(page.of.cam, 40)}' if page.of.cam else ''}"
