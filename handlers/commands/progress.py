"""`/progress`: how have our points developed, and where are they going if nothing is added?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handlers.parsing.readings import readings
from handlers.parsing.words import words_of
from handlers.question import AnswerContext, ParseContext, Question, Reading
from handlers.views.answers import progress as view
from handlers.views.answers.progress import ProgressAnswer
from tiercore.access import Grant, plain

if TYPE_CHECKING:
    from tiercore.answers import Answers


_NUMBERS = frozenset({"number", "numbers", "figure", "figures", "table"})


def parse(text: str, _context: ParseContext) -> Sequence[Reading]:
    """`[numbers] [partner]`, in either order; a partner's name may begin or end with such a word."""
    return readings(words_of(text), 1, as_numbers, as_typed, default=False)


def as_numbers(text: str) -> bool | None:
    """True where the word asks for the numbers, None for anything else."""
    return True if plain(text) in _NUMBERS else None


def as_typed(numbers: bool) -> str:
    """The request as it would be typed again."""
    return view.NUMBERS if numbers else ""


async def ask(answers: "Answers", grant: Grant, request: bool, context: AnswerContext) -> ProgressAnswer:
    return ProgressAnswer(await answers.progress(grant, context.as_of), numbers=request)


QUESTION = Question(
    word="progress",
    usage="[numbers] [partner]",
    summary="Your points over time: six months back, three ahead, and what puts your tier at risk first",
    examples=(
        ("/progress", "the chart: sold, managed and combined points, and the next tier's threshold"),
        ("/progress numbers", "the same as a table"),
        ('/progress "Partner A"', "for a partner you look after"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("chart points trend history developed".split()),
    view=view.message,
    record=view.record,
)
