"""`/portfolio`: where do all your partners stand, who is at risk, who is close, and how do some of them compare?"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from handlers.commands.compared_partners import compared_partners
from handlers.granting import similar
from handlers.parsing.portfolio import as_request
from handlers.parsing.words import words_of
from handlers.question import AnswerContext, InvalidInput, ParseContext, Question, Reading, require_page
from handlers.views.answers import partner_comparison, partner_list
from handlers.views.answers.partner_comparison import Comparison
from handlers.views.answers.partner_list import ROWS, PartnerList
from handlers.views.parts.blocks import Message
from handlers.views.parts.formats import count
from handlers.views.parts.portfolio_request import PortfolioRequest, Unclear
from tiercore.access import MANY, Reach, plain
from tiercore.portfolio.selecting import cams_called
from tiercore.portfolio.state import By, Show
from tiercore.suggestions import nearest

if TYPE_CHECKING:
    from datetime import date

    from tiercore.answers import Answers


_NAMED = 4  # CAMs in a message, each with a button


def parse(text: str, context: ParseContext) -> Sequence[Reading]:
    """`[at risk, close …] [tier gold] [cam carla] [by points] [page 2]`, in any order, or `compare A B`."""
    try:
        request = as_request(words_of(text), context.tiers)
    except InvalidInput as error:
        return [Reading(None, error, "")]
    return [Reading(None, request, request.typed, request.unclear.text if request.unclear else None)]


async def ask(
    answers: "Answers", _grant: None, request: PortfolioRequest, context: AnswerContext
) -> PartnerList | Comparison:
    assert context.reach
    if request.compared:
        return await _compared(answers, context.reach, request, context.as_of)
    request = await resolved(answers, context.reach, request)
    if context.brief:
        return await listed(answers, context.reach, request, context.as_of, ROWS)
    return await listed(answers, context.reach, request, context.as_of, None)


def require_several(reach: Reach) -> None:
    """Raises InvalidInput for someone with one partner: other commands tell all about it."""
    if len(reach.partners) == 1:
        name = reach.partners[0].name
        what = f"/portfolio compares partners, and yours is {name}. Type /tier for where it stands"
        raise InvalidInput(f"{what}, /digest for what matters most.")


async def resolved(answers: "Answers", reach: Reach, request: PortfolioRequest) -> PortfolioRequest:
    """The request with the CAM whom it names. Raises InvalidInput for one who looks after none of the partners, and for
    words that name nobody.
    """
    unclear, cam = request.unclear, request.of.cam
    if not unclear and not cam:
        return request
    cams = await answers.reports.cams(reach)
    text = unclear.text if unclear else cam or ""
    for words in (text, f"cam {text}"):  # one may be on file as "CAM North"
        if called := cams_called(words, cams):
            return replace(request, of=replace(request.of, cam=_as_written(words, called)), unclear=None)
    raise await _no_such_cam(answers, reach, text, cams, unclear)


def _as_written(text: str, called: Sequence[str]) -> str:
    """The name of the only CAM, or the first words that several have in common, as they are on file."""
    written = " ".join(called[0].split()[: len(text.split())])
    return called[0] if len(called) == 1 else written if plain(written) == plain(text) else text


async def _no_such_cam(
    answers: "Answers", reach: Reach, text: str, cams: Sequence[str], unclear: Unclear | None
) -> InvalidInput:
    """The text isn't a CAM's name: who or what it may mean."""
    known = f" CAMs: {', '.join(cams[:_NAMED])}." if cams else ""
    every = [_by_cam(each) for each in cams[:_NAMED]]
    if plain(text) == "cam":
        return InvalidInput(f"Which CAM's partners?{known}", every)
    ccs = await answers.reports.ccs(reach)
    if called := cams_called(text, ccs):
        who, number = called[0], count(ccs[called[0]], "partner")
        return InvalidInput(f"{who} is a CC, of {number}, and lists are by CAM.{known}", every)
    found = nearest(text, cams) or nearest(text, [each.split()[0] for each in cams])
    choices = [_by_cam(found)] if found else []
    if not unclear:
        return InvalidInput(f"None of these partners has a CAM called “{text[:40]}”.{known}", choices)
    if named := reach.index.named(text):
        return InvalidInput(unclear.message, (), named)
    partners = await similar(reach, text)
    if choices or unclear.choices or partners:
        return InvalidInput(unclear.message, unclear.choices or choices, partners)
    return InvalidInput(unclear.message, [(f"/{QUESTION.word} {unclear.rest}".strip(), unclear.rest)])


def _by_cam(cam: str) -> tuple[str, str]:
    return f"CAM {cam}", f'cam "{cam}"'


async def listed(
    answers: "Answers", reach: Reach, request: PortfolioRequest, as_of: "date", count: int | None
) -> PartnerList:
    """The page that was asked for, `count` rows of it (None: all), with what to do for the first partner at risk."""
    first = (request.page - 1) * count if count else 0
    page = await answers.reports.states(reach, as_of, request.of, request.by, first, count)
    if count:
        require_page(request.page, count, page.total, request.words)
    danger = page
    if not (request.page == 1 and _begins_with_risk(request)):
        of, by = replace(request.of, show=Show.AT_RISK), By.DAYS if request.by is By.DAYS else By.RISK
        danger = await answers.reports.states(reach, as_of, of, by, count=1)
    week = None
    if danger.rows and danger.rows[0].is_at_risk:
        worst = reach.only([danger.rows[0].partner.partner_id])
        week = (await answers.reports.portfolio(worst, as_of)).weeks[0]
    return PartnerList(page, request, week, reach.partners if count else ())


def _begins_with_risk(request: PortfolioRequest) -> bool:
    """Whether the first of the list is the first of those at risk, where one is."""
    return request.of.show in (Show.ALL, Show.AT_RISK) and request.by is not By.POINTS


async def _compared(answers: "Answers", reach: Reach, request: PortfolioRequest, as_of: "date") -> Comparison:
    if len(reach.partners) > MANY:
        partners = await asyncio.to_thread(compared_partners, request.compared, reach)
    else:
        partners = compared_partners(request.compared, reach)
    several = reach.only([each.partner_id for each in partners])
    portfolio = await answers.reports.portfolio(several, as_of)
    page = await answers.reports.states(several, as_of)
    return Comparison(as_of, portfolio, {each.partner.partner_id: each for each in page.rows})


def message(result: PartnerList | Comparison) -> Message:
    """The list, or some partners side by side."""
    return partner_comparison.message(result) if isinstance(result, Comparison) else partner_list.message(result)


def record(result: PartnerList | Comparison) -> dict[str, Any]:
    """The same as JSON."""
    return partner_comparison.record(result) if isinstance(result, Comparison) else partner_list.record(result)


QUESTION = Question(
    word="portfolio",
    usage="[at risk, close, red in 30 days, expiring, movers, unjudged] [tier] [CAM] [by points], or compare A B",
    summary="All the partners you look after: who is at risk, who is close, what to do first",
    examples=(
        ("/portfolio", "all of them, the most urgent first"),
        ("/portfolio at risk", "or close, red in 30 days, expiring, movers"),
        ("/portfolio unjudged", "of which no risk is known, but one can't be ruled out"),
        ("/portfolio tier gold by points", "one tier; sorted by points, risk or days"),
        ("/portfolio close carla", "the partners of one CAM, by name or its first words"),
        ('/portfolio compare "Partner A" "Rheinbogen Digital"', "two to four partners side by side"),
    ),
    also=(("The CSV button", "all rows as a file, in a direct message to you"),),
    parse=parse,
    ask=ask,
    view=message,
    record=record,
    by_reach=True,
    for_program=True,
    about_all=lambda _: True,
    require=require_several,
    needs_partner=False,
    keeps=frozenset("by at in all to with and can t be".split()),
    says=frozenset(("portfolio", "partners")),
)
