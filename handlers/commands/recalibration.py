"""`/recalibration`: when is the next review, and what would come out of it?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handlers.parsing.words import joined, words_of
from handlers.question import AnswerContext, ParseContext, Question, Reading
from handlers.views.answers import recalibration as view
from tiercore.access import Grant
from tiercore.questions.recalibration import Recalibration

if TYPE_CHECKING:
    from tiercore.answers import Answers


def parse(text: str, _context: ParseContext) -> Sequence[Reading]:
    """`[partner]`"""
    return [Reading(joined(words_of(text)), None, "")]


async def ask(answers: "Answers", grant: Grant, _request: object, context: AnswerContext) -> Recalibration:
    return await answers.recalibration(grant, context.as_of)


QUESTION = Question(
    word="recalibration",
    usage="[partner]",
    summary="The next recalibration: what each month of its window reached, and whether you keep your tier",
    examples=(
        ("/recalibration", "your own partner"),
        ("/recalibration Partner A", "for a partner you look after"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("recalibration review".split()),
    view=view.message,
    record=view.record,
)
