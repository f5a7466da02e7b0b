"""`/pipeline`: which deals aren't closed yet, and what would they change?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handlers.parsing.readings import readings
from handlers.parsing.words import words_of
from handlers.question import AnswerContext, ParseContext, Question, Reading
from handlers.views.answers import pipeline as view
from tiercore.access import Grant, plain
from tiercore.questions.pipeline import Pipeline

if TYPE_CHECKING:
    from tiercore.answers import Answers

_ALL = frozenset({"deals", "open", "all"})


def parse(text: str, _context: ParseContext) -> Sequence[Reading]:
    """`[partner]`; "open deals" says what it is about anyway."""
    return readings(words_of(text), 2, _as_deals, lambda _: "", default=True)


def _as_deals(text: str) -> bool | None:
    return True if text and set(plain(text).split()) <= _ALL else None


async def ask(answers: "Answers", grant: Grant, request: bool, context: AnswerContext) -> Pipeline:
    return await answers.pipeline(grant, context.as_of)


QUESTION = Question(
    word="pipeline",
    usage="[partner]",
    summary="Deals that aren't closed yet: what each would earn, and when the next tier is reached with them",
    examples=(
        ("/pipeline", "your open deals by their expected day"),
        ('/pipeline "Partner A"', "for a partner you look after"),
        ("/tier add deal", "add a deal"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("pipeline deals deal open forecast".split()),
    view=view.message,
    record=view.record,
)
