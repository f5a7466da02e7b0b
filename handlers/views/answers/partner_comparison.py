"""Two to four partners side by side, as a message and as JSON."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.views.answers.partner_list import WORD, record_of
from handlers.views.answers.portfolio_rows import described, mark_of, move_of, to_do_of
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import choice, opener
from handlers.views.parts.controls import control_row, share
from handlers.views.parts.formats import count, day, listed, name, points, prose, spoken, tier, upper
from tiercore.portfolio.state import SOON, PartnerState
from tiercore.questions.portfolio import PartnerWeek, Portfolio


@dataclass(frozen=True, slots=True)
class Comparison:
    """The weeks of some partners, in the order in which they were named, and their lines in a portfolio by ID."""

    as_of: date
    portfolio: Portfolio
    states: Mapping[str, PartnerState]

    @property
    def weeks(self) -> Sequence[PartnerWeek]:
        """The partners' weeks."""
        return self.portfolio.weeks


def message(found: Comparison) -> Message:
    """A column for each partner: what matters, tiers, points, what expires, what moved and what to do."""
    title, names = headline(found), [_name(each) for each in found.weeks]
    rows = [
        [blocks.text_cell(label), *(blocks.text_cell(cell(each, found)) for each in found.weeks)]
        for label, cell in _ROWS
    ]
    opened = [
        opener(f"Open {_name(each)}", "tier", "", each.standing.partner.partner_id, at)
        for at, each in enumerate(found.weeks)
    ]
    aloud = [f"{_name(each)}: {described(each)}." for each in found.weeks]
    return Message(
        spoken(f"{title}.", *aloud),
        [
            blocks.header(title),
            blocks.table(["Partner", *names], rows),
            blocks.actions(*opened),
            control_row(choice(0, "All partners", WORD, "", ""), share()),
            blocks.context(f"As of {day(found.as_of)}", *map(prose, found.portfolio.notes[:1])),
        ],
    )


def headline(found: Comparison) -> str:
    """Who needs attention first, or that nobody does as far as that is known."""
    portfolio, number = found.portfolio, count(len(found.weeks), "partner")
    if portfolio.at_risk:
        worst = portfolio.week(portfolio.at_risk[0])
        return f"{mark_of(worst)} {_name(worst)} needs attention first, of {number}"
    if portfolio.unjudged:
        unsure = listed([name(each.name) for each in portfolio.unjudged])
        return f"⚪ {unsure} can't be judged, of {number}"
    return f"🟢 None of {number} is at risk"


def _name(week: PartnerWeek) -> str:
    return name(week.standing.partner.name)


Cell = Callable[[PartnerWeek, Comparison], str]


def _performing(week: PartnerWeek, _found: Comparison) -> str:
    performing = week.standing.performing
    return "Can't tell" if performing.undecided else upper(tier(performing.tier))


def _missing(week: PartnerWeek, _found: Comparison) -> str:
    above = week.standing.next_tier
    if above is None:
        return "Holds the highest tier"
    if not week.missing:
        return f"{tier(above)}: unknown" if week.missing is None else f"Enough points for {tier(above)}"
    return f"{points(week.missing)} to {tier(above)}"


def _expiring(week: PartnerWeek, found: Comparison) -> str:
    state = found.states[week.standing.partner.partner_id]
    return "under correction" if state.expiring is None else points(state.expiring)


_ROWS: tuple[tuple[str, Cell], ...] = (
    ("What matters", lambda week, _: f"{mark_of(week)} {upper(described(week))}"),
    ("What to do", lambda week, _: to_do_of(week)),
    ("Credited tier", lambda week, _: upper(tier(week.standing.credited_tier))),
    ("Numbers reach", _performing),
    ("Combined points", lambda week, _: points(week.standing.balance.combined)),
    ("Sold", lambda week, _: points(week.standing.balance.sold)),
    ("Managed", lambda week, _: points(week.standing.balance.managed)),
    ("To the next tier", _missing),
    (f"Expire in {SOON} days", _expiring),
    ("In a week", lambda week, _: move_of(week)),
)


def record(found: Comparison) -> dict[str, Any]:
    """The comparison as JSON: a line for each partner, with what to do."""
    lines = [record_of(found.states[each.partner_id]) for each in found.weeks]
    return {"question": WORD, "as_of": found.as_of.isoformat(), "compared": lines, "notes": list(found.portfolio.notes)}
