"""All the partners that a CAM looks after, the most urgent first, as one message, and as JSON."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from handlers.views.answers.portfolio_rows import (
    LABELS,
    ROWS,
    Part,
    PortfolioPage,
    act_of,
    lines_of,
    mark_of,
    move_of,
    risk,
    table,
)
from handlers.views.parts import blocks
from handlers.views.parts import goal as goal_view
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import OPEN, value
from handlers.views.parts.controls import control_row, share
from handlers.views.parts.doubts import TO_SET, reason_of
from handlers.views.parts.formats import count, day, listed, name, prose, sentences, spoken, tier, upper
from handlers.views.parts.partner_menu import question_menu
from handlers.views.parts.reasons import not_met, to_go
from handlers.views.parts.schedule import schedule_button, subscription_notes
from handlers.views.parts.verdict import record_of
from tiercore.access import PartnerName
from tiercore.facts.points import as_decimal
from tiercore.questions.digest import WEEK
from tiercore.questions.doubts import THRESHOLDS
from tiercore.questions.portfolio import PartnerWeek, Portfolio
from tiercore.questions.portfolio_lines import Outline, PartnerLine

SHOWN = 5


def message(portfolio: Portfolio, *, stop: str = "") -> Message:
    """One screen: the partners that need attention with the one thing to do for each, who can't be judged, who is close
    to the next tier and what moved. Every row opens its partner's digest, and menus lead to all the others.

    `stop` is the command that ends a subscription's digest, "" for a digest that someone asked for.
    """
    title, others = headline(portfolio), " · ".join(_others(portfolio))
    beside = others if portfolio.at_risk else ""
    at_risk = [portfolio.week(each) for each in portfolio.at_risk[:ROWS]]
    close, goals, moved = (_weeks(portfolio, each) for each in _sections(portfolio))
    parts = [
        *_unjudged(portfolio),
        *_section("Close to the next tier", len(portfolio.close), close, _near),
        *_section("Goals", len(portfolio.goals), goals, _goal),
        *_section(_moved_title(portfolio), len(portfolio.moved), moved, move_of),
    ]
    ranked = ["Ranked by points at stake for each day left"] if len(portfolio.at_risk) > 1 else []
    notes = [f"As of {day(portfolio.as_of)}", *ranked, *subscription_notes(stop)]
    aloud = [_attention_aloud(each) for each in at_risk[:SHOWN]]
    aloud += [f"Can't be judged: {each}." for each in _reasons(portfolio)]
    aloud += [f"{_name(each)}: {_near(each)}." for each in close]
    aloud += [f"{_name(each)}: {_goal(each)}." for each in goals]
    aloud += [f"{_name(each)}: {move_of(each)} points." for each in moved]
    return Message(
        spoken(f"{title}.", *([f"{beside}."] if beside else []), *aloud),
        [
            blocks.header(title),
            *([blocks.rich(blocks.line(blocks.span(beside)))] if beside else []),
            *table("Needs attention", at_risk),
            *([blocks.rich(*parts)] if parts else []),
            control_row(*_menus(portfolio), schedule_button(stop), share()),
            blocks.context(*notes, *(upper(prose(each)) for each in portfolio.notes[:1])),
        ],
    )


def shown(outline: Outline) -> list[PartnerLine]:
    """The partners that the message shows in full."""
    listed_first = (each[:SHOWN] for each in _sections(outline))
    return [*outline.at_risk[:ROWS], *chain.from_iterable(listed_first)]


def _sections(outline: Outline) -> tuple[Sequence[PartnerLine], ...]:
    return outline.close, outline.goals, outline.moved


def _weeks(portfolio: Portfolio, lines: Sequence[PartnerLine]) -> list[PartnerWeek]:
    return [portfolio.week(each) for each in lines[:SHOWN]]


def _attention_aloud(week: PartnerWeek) -> str:
    """A partner's risk and the one thing to do about it, in sentences."""
    return spoken(f"{_name(week)}: {risk(week)}.", *sentences([act_of(week)] if week.act else []))


def _menus(portfolio: Portfolio) -> Iterator[dict[str, Any]]:
    """Menus that open any partner, and any part of the portfolio with all its partners."""
    if not portfolio.lines:
        return
    partners = [PartnerName(each.partner_id, each.name) for each in portfolio.lines]
    yield question_menu("Open a partner", "digest", "", partners)
    lists = [(part, len(lines_of(portfolio, part))) for part in Part]
    shown = [(f"{LABELS[part]} ({size})", value("digest", f"portfolio {part}", "")) for part, size in lists if size]
    yield blocks.select("Show all", f"{OPEN}:digest:lists", shown)


def headline(portfolio: Portfolio) -> str:
    """How many partners need attention and who is first, or how many can't be judged.

    While some can't be judged, nobody is said to need no attention: none is known to.
    """
    number = count(len(portfolio.lines), "partner")
    if not portfolio.at_risk:
        return f"{number}: {', '.join(_others(portfolio)) if portfolio.unjudged else 'none needs attention'}"
    first, need = portfolio.week(portfolio.at_risk[0]), "needs" if len(portfolio.at_risk) == 1 else "need"
    return f"{mark_of(first)} {len(portfolio.at_risk)} of {number} {need} attention, {_name(first)} first"


def _others(portfolio: Portfolio) -> Iterator[str]:
    """How many partners can't be judged, are close to the next tier, or have changed, and how many are quiet."""
    unjudged, close, moved = len(portfolio.unjudged), len(portfolio.close), len(portfolio.moved)
    if unjudged:
        why = f": {count(portfolio.unset, 'threshold')} not set" if portfolio.unset else ""
        yield f"{unjudged} can't be judged{why}"
    if close:
        known = "" if all(each.is_close_known for each in portfolio.lines) else "known to be "
        yield f"{close} {known}close to the next tier"
    if moved:
        yield f"{moved} moved"
    if portfolio.quiet:
        yield f"{len(portfolio.quiet)} quiet"


def _section(
    title: str, total: int, weeks: Sequence[PartnerWeek], describe: Callable[[PartnerWeek], str]
) -> list[Block]:
    """The first weeks of a part that has so many in `total`."""
    if not weeks:
        return []
    lines = [blocks.line(blocks.bold(_name(each)), blocks.span(f": {describe(each)}")) for each in weeks]
    found = [blocks.line(blocks.bold(f"{title} ({total})")), blocks.bullets(lines)]
    more = [blocks.line(blocks.italic(f"… and {total - SHOWN} more under Show all"))] if total > SHOWN else []
    return [*found, *more]


def _unjudged(portfolio: Portfolio) -> Iterator[Block]:
    """The partners that can't be judged: a line per reason, with how many and who."""
    if not portfolio.unjudged:
        return
    yield blocks.line(blocks.bold(f"⚪ Can't be judged ({len(portfolio.unjudged)})"))
    yield blocks.bullets(blocks.line(blocks.span(each)) for each in _reasons(portfolio))
    if any(doubt.subject == THRESHOLDS for doubt, _ in portfolio.by_doubt):
        yield blocks.line(blocks.italic(TO_SET))


def _reasons(portfolio: Portfolio) -> list[str]:
    """A reason per line, with the number of its partners and some of their names."""
    lines = []
    for doubt, unjudged in portfolio.by_doubt[:SHOWN]:
        names = [name(each.name) for each in unjudged[:SHOWN]]
        more = [f"{len(unjudged) - SHOWN} more"] if len(unjudged) > SHOWN else []
        lines.append(f"{upper(reason_of(doubt))} ({len(unjudged)}): {listed([*names, *more])}")
    rest = len(portfolio.by_doubt) - SHOWN
    return [*lines, f"{count(rest, 'more reason')}: open a partner"] if rest > 0 else lines


def _near(week: PartnerWeek) -> str:
    standing = week.standing
    said = to_go(standing.requirements, tier(standing.next_tier))
    return said if week.missing or not standing.amiss else f"{said}, but {not_met(standing.amiss, standing.as_of)}"


def _goal(week: PartnerWeek) -> str:
    return goal_view.line(week.goal).removesuffix(".") if week.goal else ""


def _moved_title(portfolio: Portfolio) -> str:
    since = portfolio.since
    is_week = since is None or (portfolio.as_of - since).days == WEEK
    return "Moved this week" if since is None or is_week else f"Moved since {day(since)}"


def _name(week: PartnerWeek) -> str:
    return name(week.standing.partner.name)


def record(portfolio: Portfolio) -> dict[str, Any]:
    """The portfolio as JSON; `at_risk` and `close` are null where they can't be judged."""
    return {
        "question": "digest",
        "topic": "portfolio",
        "as_of": portfolio.as_of.isoformat(),
        "since": portfolio.since.isoformat() if portfolio.since else None,
        "partners": [_record(each) for each in portfolio.weeks],
    }


def record_of_page(answer: PortfolioPage) -> dict[str, Any]:
    """A page of one part of the portfolio as JSON."""
    partners = [_record(each) for each in answer.rows]
    return {**record(answer.portfolio), "part": answer.part.value, "page": answer.page, "partners": partners}


def _record(week: PartnerWeek) -> dict[str, Any]:
    return {
        "id": week.partner_id,
        "name": week.standing.partner.name,
        "points": as_decimal(week.standing.balance.combined),
        "change": as_decimal(week.change),
        "corrected": as_decimal(week.corrected),
        "credited_tier": week.standing.credited_tier,
        "verdict": record_of(week.verdict),
        "at_risk": None if week.is_unjudged else week.is_at_risk,
        "not_judged": [reason_of(doubt) for doubt in week.doubts],
        "to_do": _to_do(week),
        "goal": goal_view.record(week.goal),
        "quiet": week.line.is_quiet,
        "close": week.is_close if week.is_close or week.is_close_known else None,
    }


def _to_do(week: PartnerWeek) -> dict[str, Any] | None:
    """The one thing to do as JSON, with what ranks the partner: points at stake for each day that is left."""
    if week.act is None:
        return None
    ranked = {"at_stake": as_decimal(week.at_stake), "days_left": week.days_left}
    return {"what": act_of(week), "kind": week.act.action.value, "by": week.act.by.isoformat(), **ranked}
