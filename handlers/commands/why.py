"""`/why`: what is this figure made of?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handlers.parsing.words import Word, as_page, joined, words_of
from handlers.question import AnswerContext, ParseContext, Question, Reading
from handlers.views.answers import why as view
from handlers.views.answers import why_awards as awards_view
from handlers.views.answers import why_retention as retention_view
from handlers.views.parts.blocks import Message
from tiercore.access import Grant, plain
from tiercore.questions.standing import Standing
from tiercore.questions.why import AWARDS, FIGURES_OF_POINTS, RETENTION, Why
from tiercore.questions.why_retention import RetentionWhy

if TYPE_CHECKING:
    from tiercore.answers import Answers


_FIGURES = {
    **{figure: figure for figure in FIGURES_OF_POINTS},
    **dict.fromkeys(("retention", "c r", "cr", "grr"), RETENTION),  # "C$R" without its sign
    **dict.fromkeys(("awards", "award"), AWARDS),
}


@dataclass(frozen=True, slots=True)
class WhyRequest:
    """The figure to explain; `page` counts from 1."""

    figure: str = "combined"
    page: int = 1

    @property
    def words(self) -> str:
        """The request as it would be typed."""
        return self.figure if self.page == 1 else f"{self.figure} page {self.page}"


def parse(text: str, _context: ParseContext) -> Sequence[Reading]:
    """`[figure] [page 2] [partner]`, the figure first or last; other words name the partner."""
    words, page = words_of(text), 1
    for at in range(len(words)):
        found, size = as_page(words[at:])
        if found:
            words, page = words[:at] + words[at + size :], found
            break
    whole = Reading(joined(words), WhyRequest("combined", page), "" if page == 1 else f"page {page}")
    for at in dict.fromkeys((0, len(words) - 1)):
        if words and (figure := _figure(words[at])):
            rest = words[:at] + words[at + 1 :]
            request = WhyRequest(figure, page)
            return [Reading(joined(rest), request, request.words), whole][: 1 + bool(rest)]
    return [whole]


def _figure(word: Word) -> str | None:
    return None if word.quoted else _FIGURES.get(plain(word.text))


Answer = Why | RetentionWhy | Standing


async def ask(answers: "Answers", grant: Grant, request: WhyRequest, context: AnswerContext) -> Answer:
    start, limit = context.rows(request.page, view.SHOWN)
    if request.figure == AWARDS:
        return await answers.standing_in_detail(grant, context.as_of)
    answer: Why | RetentionWhy
    if request.figure == RETENTION:
        answer = await answers.why_retention(grant, start, limit, context.as_of)
    else:
        answer = await answers.why(grant, request.figure, start, limit, context.as_of)
    context.require_page(request.page, view.SHOWN, answer.count, request.figure)
    return answer


def _message(answer: Answer) -> Message:
    match answer:
        case RetentionWhy():
            return retention_view.message(answer)
        case Standing():
            return awards_view.message(answer)
    return view.message(answer)


def _record(answer: Answer) -> dict[str, Any]:
    match answer:
        case RetentionWhy():
            return retention_view.record(answer)
        case Standing():
            return awards_view.record(answer)
    return view.record(answer)


QUESTION = Question(
    word="why",
    usage="[figure] [partner]",
    summary="The sales and agreements behind a figure, each with its rate, the rule's source and the day it expires",
    examples=(
        ("/why", "your combined points, credit by credit"),
        ("/why sold", "one figure: combined, sold, sourced, assisted, managed"),
        ("/why retention", "the clients whose MRR makes up the difference of C$R or GRR to 100%"),
        ("/why awards", "entry requirements of the awards, and which you meet"),
        ('/why managed "Partner A"', "for a partner you look after"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("points made explain".split()),
    view=_message,
    record=_record,
)
