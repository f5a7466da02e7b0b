"""`/recalibration`: when is the next review, what would come out of it, and what came out of the last one?"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from handlers.parsing.readings import readings
from handlers.parsing.words import words_of
from handlers.question import AnswerContext, ParseContext, Question, Reading
from handlers.views.answers import past_recalibration as past_view
from handlers.views.answers import recalibration as view
from handlers.views.parts.blocks import Message
from tiercore.access import Grant, plain
from tiercore.questions.credit_day import Outcome, PastRecalibration, is_result_shown, last_recalibration
from tiercore.questions.recalibration import Recalibration

if TYPE_CHECKING:
    from tiercore.answers import Answers

NEXT, LAST = "next", "last"
_WORDS = {"next": NEXT, "coming": NEXT, "upcoming": NEXT, "last": LAST, "previous": LAST, "past": LAST}


def parse(text: str, _context: ParseContext) -> Sequence[Reading]:
    """`[last or next] [partner]`, in either order; a partner's name may begin or end with such a word."""
    return readings(words_of(text), 1, lambda word: _WORDS.get(plain(word)), lambda request: request or "", None)


async def ask(
    answers: "Answers", grant: Grant, request: str | None, context: AnswerContext
) -> Recalibration | PastRecalibration:
    """The one asked for; else the last one until the next window begins, where it had a tier to review."""
    if request == LAST or (request is None and is_result_shown(context.as_of, answers.program)):
        past = await answers.reports.past_recalibration(grant, context.as_of)
        if request == LAST or past.credit_day.outcome is not Outcome.NOTHING:
            return past
    is_its_day = request == NEXT and context.as_of == last_recalibration(context.as_of, answers.program)
    return await answers.recalibration(grant, context.as_of + timedelta(is_its_day))


def message(answer: Recalibration | PastRecalibration) -> Message:
    """The next recalibration, or the last one."""
    return past_view.message(answer) if isinstance(answer, PastRecalibration) else view.message(answer)


def record(answer: Recalibration | PastRecalibration) -> dict[str, Any]:
    """The same as JSON."""
    return past_view.record(answer) if isinstance(answer, PastRecalibration) else view.record(answer)


QUESTION = Question(
    word="recalibration",
    usage="[last or next] [partner]",
    summary="The next recalibration: what each month of its window reached, and whether you keep your tier",
    examples=(
        ("/recalibration", "your own partner; after a recalibration its result, until the next window begins"),
        ("/recalibration last", "what the last one did, by sampling day"),
        ("/recalibration Partner A", "for a partner you look after"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("recalibration review".split()),
    view=message,
    record=record,
)
