"""The partners of a portfolio, or those of one part of it, as a table whose every row opens a digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts import goal as goal_view
from handlers.views.parts.advice import CANT_TELL, in_one_sentence
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import opener
from handlers.views.parts.doubts import reason_of
from handlers.views.parts.formats import count, day, due, name, points, prose, signed, spoken, tier, upper
from handlers.views.parts.hindsight import moved, summary
from handlers.views.parts.paging import pager, row
from handlers.views.parts.reasons import in_full, left_of, not_met
from handlers.views.parts.requirement import turns_red
from handlers.views.parts.verdict import headline, mark
from tiercore.questions.portfolio import PartnerWeek, Portfolio
from tiercore.questions.portfolio_lines import Outline, PartnerLine
from tiercore.questions.projection import Breach
from tiercore.questions.recalibration import Recalibration, Result
from tiercore.questions.verdict import VerdictKind
from tiercore.rating.hindsight import NO_SHIFT

ROWS = 25  # of a table that a message shows: its text is far below what Slack takes
_ROWS_AT_ONCE = 5


class Part(StrEnum):
    """A part of a portfolio that can be listed; each partner is in at least one."""

    ATTENTION = "attention"
    UNJUDGED = "unjudged"
    CLOSE = "close"
    MOVED = "moved"
    QUIET = "quiet"


LABELS = {
    Part.ATTENTION: "Needs attention",
    Part.UNJUDGED: "Can't be judged",
    Part.CLOSE: "Close to the next tier",
    Part.MOVED: "Moved",
    Part.QUIET: "Quiet",
}


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    """A page of one part of a portfolio; `page` counts from 1."""

    portfolio: Portfolio
    part: Part
    page: int = 1

    @property
    def start(self) -> int:
        """The index of the first row on the page."""
        return (self.page - 1) * ROWS

    @property
    def rows(self) -> Sequence[PartnerWeek]:
        """The rows on the page."""
        return [self.portfolio.week(each) for each in lines_of(self.portfolio, self.part, self.page)]


def lines_of(outline: Outline, part: Part, page: int | None = None) -> Sequence[PartnerLine]:
    """The partners in a part of the portfolio, in its order; of all or, counting from 1, of one page."""
    parts = {
        Part.ATTENTION: outline.at_risk,
        Part.UNJUDGED: outline.unjudged,
        Part.CLOSE: outline.close,
        Part.MOVED: outline.moved,
        Part.QUIET: outline.quiet,
    }
    return parts[part] if page is None else parts[part][(page - 1) * ROWS : page * ROWS]


def message(answer: PortfolioPage) -> Message:
    """One part of the portfolio, a page at a time."""
    everyone = lines_of(answer.portfolio, answer.part)
    title = f"{LABELS[answer.part]}: {count(len(everyone), 'partner')}"
    pages = pager("digest", f"portfolio {answer.part}", "", answer.start, len(answer.rows), len(everyone), ROWS)
    shown = f" · {answer.start + 1} to {answer.start + len(answer.rows)} of {len(everyone)}" if pages else ""
    return Message(
        spoken(f"{title}.", *(f"{_name(each)}: {described(each)}." for each in answer.rows)),
        [
            blocks.header(title),
            *table(LABELS[answer.part], answer.rows, with_points=True),
            *row(*pages),
            blocks.context(f"As of {day(answer.portfolio.as_of)}{shown}"),
        ],
    )


def table(caption: str, weeks: Sequence[PartnerWeek], *, with_points: bool = False) -> list[Block]:
    """A row for each partner: what matters most, the one thing to do, a button that opens its digest, and on demand its
    points and what moved.
    """
    if not weeks:
        return []
    head = ("Partner", "What matters", "What to do", *(["Points"] if with_points else []), "Digest")
    rows = [
        [
            blocks.text_cell(_name(each)),
            blocks.text_cell(f"{mark_of(each)} {upper(described(each))}"),
            blocks.text_cell(to_do_of(each)),
            *([blocks.text_cell(move_of(each))] if with_points else []),
            blocks.action_cell(_opens(each, at)),
        ]
        for at, each in enumerate(weeks)
    ]
    return [blocks.data_table(caption, head, rows, _ROWS_AT_ONCE)]


def described(week: PartnerWeek) -> str:
    """What matters most of a partner: its risk, why it can't be judged, or else its verdict; and its goal."""
    said = headline(week.verdict)
    if week.is_at_risk:
        said = risk(week)
    elif week.is_unjudged:
        said = "; ".join(reason_of(each) for each in week.doubts)
    return f"{said}. {goal_view.line(week.goal).removesuffix('.')}" if week.goal else said


def mark_of(week: PartnerWeek) -> str:
    """The mark of what matters most of a partner."""
    if week.is_at_risk and not week.verdict.is_bad:
        return "🟠"
    return "⚪" if week.is_unjudged else mark(week.verdict)


def risk(week: PartnerWeek) -> str:
    """What endangers the tier; where it is kept, what turns red first."""
    verdict = week.verdict
    if verdict.is_bad or verdict.kind is VerdictKind.BELOW:
        return headline(verdict)
    standing, as_of = week.standing, week.standing.as_of
    said = "; ".join(_turn(each, as_of) for each in week.turns)
    if standing.amiss:
        said = f"below {tier(standing.credited_tier)} today, {in_full(standing.amiss, as_of)}"
    return "; ".join(filter(None, [said, _review(week.recalibration)]))


def _review(review: Recalibration) -> str:
    """The result of the recalibration, with what causes a fall; "" where that isn't known."""
    credited, when = tier(review.credited_tier), day(review.day)
    if review.result in (Result.FALLS, Result.AT_RISK):
        falls = f"falls to {tier(review.outcome)}" if review.result is Result.FALLS else "at risk"
        return f"{credited} {falls} on {when}: {not_met(review.causes, review.as_of, how_far=True)}"
    is_kept = review.result in (Result.KEEPS, Result.PROTECTED) and not review.open
    return f"{credited} is kept on {when}" if is_kept else ""


def _turn(breach: Breach, as_of: date) -> str:
    """Which figure turns red, when, and what is left: "Gold's sold minimum turns red on 5 Sep 2022: 75 of 90"."""
    turn = turns_red(breach.tier, breach.requirement.name, due(breach.day, as_of), raised=breach.is_raised)
    return f"{turn}: {left_of(breach.requirement, as_of)}"


def act_of(week: PartnerWeek) -> str:
    """The one thing to do, with whatever else it takes to keep a tier in danger, without its stop; "" for nothing."""
    standing = week.standing
    return in_one_sentence(week.act, week.verdict, standing.rules, standing.partner.currency)


def to_do_of(week: PartnerWeek) -> str:
    """What to do, in a table's cell."""
    is_known = not week.doubts and week.verdict.kind is not VerdictKind.UNKNOWN
    return act_of(week) or ("Nothing urgent" if is_known else CANT_TELL)


def move_of(week: PartnerWeek) -> str:
    """What came or went, what was corrected and why, and the points now: "+5, now 420"."""
    hindsight = week.hindsight.at_since if week.hindsight else NO_SHIFT
    corrections = week.hindsight.corrections if week.hindsight and hindsight != NO_SHIFT else ()
    because = summary([each for each in corrections if each.at_since != NO_SHIFT])
    corrected = f", {moved(hindsight)} corrected in hindsight" if hindsight != NO_SHIFT else ""
    change = signed(week.change)
    now = (
        f"{'no change' if change.startswith('±') else change}{corrected}, now {points(week.standing.balance.combined)}"
    )
    return f"{now} ({prose(because)})" if because else now


def _opens(week: PartnerWeek, at: int) -> dict[str, Any]:
    partner = week.standing.partner
    return opener("Open", "digest", "", partner.partner_id, at, aloud=f"Open {name(partner.name)}")


def _name(week: PartnerWeek) -> str:
    return name(week.standing.partner.name)
