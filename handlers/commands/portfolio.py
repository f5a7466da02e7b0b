"""`/portfolio`: where do all your partners stand, who is at risk, who is close, and how do some of them compare?"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from handlers.parsing.portfolio import FEWEST, MOST, as_request, names_in
from handlers.parsing.words import words_of
from handlers.question import AnswerContext, InvalidInput, ParseContext, Question, Reading
from handlers.views.answers import partner_comparison, partner_list
from handlers.views.answers.partner_comparison import Comparison
from handlers.views.answers.partner_list import ROWS, PartnerList
from handlers.views.parts.blocks import Message
from handlers.views.parts.portfolio_request import PortfolioRequest
from tiercore.access import MANY, PartnerName, Reach, plain
from tiercore.portfolio.state import By, Filter, Show
from tiercore.suggestions import nearest

if TYPE_CHECKING:
    from datetime import date

    from tiercore.answers import Answers

_MAX_UNSURE = 5  # ways to divide the words of which similar names are looked for


def parse(text: str, context: ParseContext) -> Sequence[Reading]:
    """`[at risk, close …] [tier gold] [cam carla] [by points] [page 2]`, in any order, or `compare A B`."""
    try:
        request = as_request(words_of(text), context.tiers)
    except InvalidInput as error:
        return [Reading(None, error, "")]
    return [Reading(None, request, request.typed)]


async def ask(
    answers: "Answers", _grant: None, request: PortfolioRequest, context: AnswerContext
) -> PartnerList | Comparison:
    assert context.reach
    if request.compared:
        return await _compared(answers, context.reach, request, context.as_of)
    if context.brief:
        return await listed(answers, context.reach, request, context.as_of, ROWS)
    found = await listed(answers, context.reach, request, context.as_of, all_rows(context.reach))
    return replace(found, partners=())


def all_rows(reach: Reach) -> int | None:
    """How many rows to ask for to get all of them: of up to MANY partners with their verdicts in full."""
    return len(reach.partners) if len(reach.partners) <= MANY else None


def require_several(reach: Reach) -> None:
    """Raises InvalidInput for someone with one partner: other commands tell all about it."""
    if len(reach.partners) == 1:
        name = reach.partners[0].name
        what = f"/portfolio compares partners, and yours is {name}. Type /tier for where it stands"
        raise InvalidInput(f"{what}, /digest for what matters most.")


async def listed(
    answers: "Answers", reach: Reach, request: PortfolioRequest, as_of: "date", count: int | None
) -> PartnerList:
    """The page that was asked for, `count` rows of it (None: all), with what to do for the first partner at risk.

    Raises InvalidInput for a CAM who looks after none of the partners.
    """
    first = (request.page - 1) * count if count else 0
    page = await answers.reports.states(reach, as_of, request.of, request.by, first, count)
    if request.of.cam and not page.counts[Show.ALL]:
        await _require_cam(answers, reach, request.of.cam, as_of)
    if page.total and not page.rows:  # beyond the last page
        return await listed(answers, reach, replace(request, page=1), as_of, count)
    danger = page
    if (request.of.show, request.by, request.page) != (Show.AT_RISK, By.RISK, 1):
        of = replace(request.of, show=Show.AT_RISK)
        danger = await answers.reports.states(reach, as_of, of, count=1)
    week = None
    if danger.rows:
        worst = reach.only([danger.rows[0].partner.partner_id])
        week = (await answers.reports.portfolio(worst, as_of)).weeks[0]
    return PartnerList(page, request, week, reach.partners if count else ())


async def _require_cam(answers: "Answers", reach: Reach, cam: str, as_of: "date") -> None:
    """Raises InvalidInput where none of the partners has a CAM of this name."""
    everybody = await answers.reports.states(reach, as_of, Filter())
    cams = sorted({each for row in everybody.rows for each in row.cams})
    if any(plain(each) == plain(cam) or plain(each).startswith(f"{plain(cam)} ") for each in cams):
        return
    found = nearest(cam, cams) or nearest(cam, [each.split()[0] for each in cams if each])
    choices = [(f"CAM {found}", f'cam "{found}"')] if found else []
    known = f" CAMs: {', '.join(cams[:5])}." if cams else ""
    raise InvalidInput(f"None of these partners has a CAM called “{cam[:40]}”.{known}", choices)


async def _compared(answers: "Answers", reach: Reach, request: PortfolioRequest, as_of: "date") -> Comparison:
    if len(reach.partners) > MANY:
        partners = await asyncio.to_thread(compared_partners, request, reach)
    else:
        partners = compared_partners(request, reach)
    several = reach.only([each.partner_id for each in partners])
    portfolio = await answers.reports.portfolio(several, as_of)
    page = await answers.reports.states(several, as_of)
    return Comparison(as_of, portfolio, {each.partner.partner_id: each for each in page.rows})


def compared_partners(request: PortfolioRequest, reach: Reach) -> list[PartnerName]:
    """The two to four partners that the words name, each once. Raises InvalidInput."""
    unsure = list[tuple[Sequence[str], str]]()
    for names in names_in(words_of(request.compared)):
        found = [reach.index.named(each) for each in names]
        single = list(dict.fromkeys(each[0] for each in found if len(each) == 1))
        if FEWEST <= len(names) <= MOST and len(single) == len(names):
            return single
        odd = [name for name, each in zip(names, found, strict=True) if len(each) != 1]
        if FEWEST <= len(names) <= MOST and len(odd) == 1:
            unsure.append((names, odd[0]))
    if unsure:
        likely = (each for each in unsure[:_MAX_UNSURE] if _meant_by(each[1], reach))
        raise _did_you_mean(*next(likely, min(unsure, key=lambda each: len(each[1]))), reach)
    raise InvalidInput(
        f"Name {FEWEST} to {MOST} of the partners that you can see, like /portfolio compare “Partner A” “Partner B”."
    )


def _meant_by(text: str, reach: Reach) -> Sequence[PartnerName]:
    """The partners of this name, or else with similar ones."""
    return reach.index.named(text) or reach.index.alike(text)


def _did_you_mean(names: Sequence[str], unsure: str, reach: Reach) -> InvalidInput:
    """One of the names is nobody's, or that of several partners: the same comparison with those it may mean."""
    fitting = list(reach.index.named(unsure))
    what = "Several partners are called" if fitting else "I can't find a partner called"
    choices = []
    for each in _meant_by(unsure, reach)[:3]:
        chosen = [f'"{each.partner_id}"' if name == unsure else f'"{name}"' for name in names]
        choices.append((f"Compare with {each.name} ({each.partner_id})", f"compare {' '.join(chosen)}"))
    return InvalidInput(f"{what} “{unsure[:60]}” among those you can see.", choices)


def message(result: PartnerList | Comparison) -> Message:
    """The list, or some partners side by side."""
    return partner_comparison.message(result) if isinstance(result, Comparison) else partner_list.message(result)


def record(result: PartnerList | Comparison) -> dict[str, Any]:
    """The same as JSON."""
    return partner_comparison.record(result) if isinstance(result, Comparison) else partner_list.record(result)


QUESTION = Question(
    word="portfolio",
    usage="[at risk, close, red in 30 days, expiring or movers] [tier] [cam]",
    summary="All the partners you look after: who is at risk, who is close, what to do first",
    examples=(
        ("/portfolio", "all of them, the most urgent first"),
        ("/portfolio at risk", "or close, red in 30 days, expiring, movers"),
        ("/portfolio tier gold by points", "one tier; sorted by points, risk or days"),
        ("/portfolio close cam carla", "the partners of one CAM"),
        ('/portfolio compare "Partner A" "Rheinbogen Digital"', "two to four partners side by side"),
    ),
    parse=parse,
    ask=ask,
    view=message,
    record=record,
    by_reach=True,
    about_all=lambda _: True,
    require=require_several,
    needs_partner=False,
    keeps=frozenset("by at in all to with and can t be".split()),
    says=frozenset(("portfolio", "partners")),
)
