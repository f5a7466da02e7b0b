"""All the partners of a reach, or those asked for, the most urgent first: a page as a message, and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers.views.account import change_button
from handlers.views.answers import portfolio_rows
from handlers.views.answers.partner_list_cells import columns_of
from handlers.views.answers.partner_list_headline import headline
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.chart import native
from handlers.views.parts.choices import ACTION, opener, value
from handlers.views.parts.controls import control_row, share
from handlers.views.parts.formats import day, name, prose, spoken, upper
from handlers.views.parts.paging import pager, row
from handlers.views.parts.partner_menu import question_menu
from handlers.views.parts.partner_state import act_of, matters
from handlers.views.parts.portfolio_request import PortfolioRequest
from handlers.views.parts.tier_mix import chart_of, mix_in_words
from tiercore.access import PartnerName
from tiercore.facts.points import as_decimal
from tiercore.portfolio.state import SOON, By, PartnerState, Show, StatesPage
from tiercore.questions.portfolio import PartnerWeek

WORD = "portfolio"
CSV = "csv"
ROWS = 20
_ROWS_AT_ONCE = 5
LABELS: Mapping[Show, str] = {
    Show.ALL: "All partners",
    Show.AT_RISK: "At risk",
    Show.CLOSE: "Close to the next tier",
    Show.RED_SOON: f"Red in {SOON} days",
    Show.EXPIRING: f"Points expiring in {SOON} days",
    Show.MOVERS: "Moved in a week",
    Show.UNJUDGED: "Can't be judged",
}
_ORDERS = {By.RISK: "by points at stake for each day left", By.POINTS: "by points", By.DAYS: "by days left"}


@dataclass(frozen=True, slots=True)
class PartnerList:
    """A page of a portfolio and the request for it. `week` is that of the first partner at risk, which says what to do;
    `partners` are all those in reach, to choose one from.
    """

    page: StatesPage
    request: PortfolioRequest
    week: PartnerWeek | None = None
    partners: Sequence[PartnerName] = ()


def message(result: PartnerList) -> Message:
    """One screen: the verdict over all of them, what to do first, a row for each partner with a button that opens it, a
    chart of the tiers, and menus that show others.
    """
    page = result.page
    title, first, beside = headline(page, result.week), _first(result), " · ".join(_others(page))
    chart = chart_of(page) if page.first == 0 and page.total > 1 else None
    shown = f"{page.first + 1:,} to {page.first + len(page.rows):,} of {page.total:,}"
    listed = [f"{LABELS[page.of.show]}: {shown}, {_ORDERS[page.by]}"] if page.rows else []
    notes = [f"As of {day(page.as_of)}", *listed]
    label = "First" if page.by is not By.POINTS else "Most urgent"  # or else the list begins with another
    lines = [blocks.line(blocks.bold(f"{label}: "), blocks.span(first))] if first else []
    lines += [blocks.line(blocks.span(beside))] if beside else []
    aloud = [f"{name(each.partner.name)}: {matters(each)}." for each in page.rows]
    return Message(
        spoken(f"{title}.", *([f"{label}: {first}"] if first else []), *([f"{beside}."] if beside else []), *aloud),
        [
            blocks.header(title),
            *([blocks.rich(*lines)] if lines else []),
            *_table(page),
            *([native(chart)] if chart else []),
            control_row(*_controls(result)),
            *row(*pager(WORD, result.request.words, "", page.first, len(page.rows), page.total, ROWS)),
            blocks.context(*notes, *([mix_in_words(page)] if chart else []), *map(prose, page.notes)),
        ],
        (chart,) if chart else (),
    )


def _first(result: PartnerList) -> str:
    """What to do first, for the partner that is most urgent, where the list is about risk."""
    if result.week is None or result.page.of.show not in (Show.ALL, Show.AT_RISK):
        return ""
    act = portfolio_rows.act_of(result.week)
    return f"{name(result.week.standing.partner.name)}: {prose(act)}." if act else ""


def _others(page: StatesPage) -> Iterator[str]:
    """How many the other lists have; those at risk are counted in the headline of a list that is about risk."""
    risk = () if page.of.show in (Show.ALL, Show.AT_RISK) else (Show.AT_RISK,)
    listed = (*risk, Show.RED_SOON, Show.CLOSE, Show.EXPIRING, Show.MOVERS, Show.UNJUDGED)
    yield from (
        f"{LABELS[show]}: {page.counts[show]:,}" for show in listed if page.counts[show] and show is not page.of.show
    )


def _table(page: StatesPage) -> list[Block]:
    if not page.rows:
        return [blocks.rich(blocks.line(blocks.span(f"{LABELS[page.of.show]}: nobody.")))]
    columns = columns_of(page.of.show)
    rows = [
        [*(cell(each) for _, cell in columns), blocks.action_cell(_opens(each, at))]
        for at, each in enumerate(page.rows)
    ]
    head = [*(label for label, _ in columns), "Standing"]
    return [blocks.data_table(LABELS[page.of.show], head, rows, _ROWS_AT_ONCE)]


def _opens(state: PartnerState, at: int) -> dict[str, Any]:
    aloud = f"Open {name(state.partner.name)}"
    return opener("Open", "tier", "", state.partner.partner_id, at, aloud=aloud)


def _controls(result: PartnerList) -> Iterator[dict[str, Any]]:
    """Menus of the other lists and orders, the search for a partner, and the file with all rows."""
    page, request = result.page, replace(result.request, page=1)
    lists = [
        (f"{LABELS[show]} ({page.counts[show]:,})", replace(request, of=replace(request.of, show=show)))
        for show in Show
        if page.counts[show] or show is page.of.show
    ]
    yield from _menu("Show", "show", lists, request)
    if page.total > 1:
        yield from _menu("Sort", "sort", [(upper(_ORDERS[by]), replace(request, by=by)) for by in By], request)
    if result.partners:
        yield question_menu("Open a partner", "tier", "", result.partners)
    if page.total:
        yield change_button(
            "CSV", CSV, request.words or Show.ALL.value, aloud=f"Send me all {page.total:,} rows as a CSV file"
        )
    yield share()


def _menu(
    placeholder: str, action: str, requests: Sequence[tuple[str, PortfolioRequest]], chosen: PortfolioRequest
) -> Iterator[dict[str, Any]]:
    """A menu of requests; none where a CAM's name makes one of them too long for an option."""
    options = [(label, value(WORD, each.words, "")) for label, each in requests]
    if all(len(held) <= blocks.OPTION_VALUE_LIMIT for _, held in options):
        yield blocks.select(placeholder, f"{ACTION}:{action}", options, value(WORD, chosen.words, ""))


def record(result: PartnerList) -> dict[str, Any]:
    """The list as JSON: points as decimal strings, days as ISO dates; what isn't known is null."""
    page = result.page
    return {
        "question": WORD,
        "as_of": page.as_of.isoformat(),
        "shown": page.of.show.value,
        "tier": page.of.tier,
        "cam": page.of.cam,
        "by": page.by.value,
        "counts": {show.value: page.counts[show] for show in Show},
        "tiers": [{"tier": held, "partners": number} for held, number in page.mix],
        "first": _record_of_first(result.week),
        "partners": [record_of(each) for each in page.rows],
        "notes": list(page.notes),
    }


def _record_of_first(week: PartnerWeek | None) -> dict[str, Any] | None:
    if week is None:
        return None
    return {"id": week.standing.partner.partner_id, "to_do": portfolio_rows.act_of(week) or None}


def record_of(state: PartnerState) -> dict[str, Any]:
    """A partner's line as JSON; `at_risk` is null where it can't be judged."""
    return {
        "id": state.partner.partner_id,
        "name": state.partner.name,
        "credited_tier": state.credited_tier,
        "performing_tier": state.performing_tier if state.is_decided else None,
        "points": as_decimal(state.combined),
        "next_tier": state.next_tier,
        "missing": None if state.missing is None else as_decimal(state.missing),
        "close": state.is_close,
        "verdict": {"kind": state.kind.value, "tier": state.tier, "day": state.day.isoformat()},
        "to_do": act_of(state) or None,
        "at_risk": None if state.is_unjudged else state.is_at_risk,
        "at_stake": as_decimal(state.at_stake),
        "days_left": state.days_left,
        "red_on": state.red_on.isoformat() if state.red_on else None,
        "red": list(state.red),
        "expiring": None if state.expiring is None else as_decimal(state.expiring),
        "moved": as_decimal(state.moved),
        "not_judged": [matters(state)] if state.is_unjudged else [],
        "cams": list(state.cams),
    }
