"""`/changes`: what was gained and lost, client by client and why?"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from handlers.parsing.days import MAX_WORDS, as_since
from handlers.parsing.readings import readings
from handlers.parsing.words import words_of
from handlers.question import AnswerContext, ParseContext, Question, Reading
from handlers.views.answers import changes as view
from tiercore.access import Grant
from tiercore.questions.changes import Changes

if TYPE_CHECKING:
    from tiercore.answers import Answers


DEFAULT_DAYS = 30


def parse(text: str, context: ParseContext) -> Sequence[Reading]:
    """`[since] [partner]`, in either order. A partner's name may begin or end like a day: that reading comes second."""
    default = context.as_of - timedelta(DEFAULT_DAYS)
    return readings(words_of(text), MAX_WORDS, lambda words: as_since(words, context.as_of), str, default)


async def ask(answers: "Answers", grant: Grant, request: date, context: AnswerContext) -> Changes:
    return await answers.changes(grant, request, context.as_of)


QUESTION = Question(
    word="changes",
    usage="[since] [partner]",
    summary="What you gained and lost since a date, client by client, and why",
    examples=(
        ("/changes", f"the last {DEFAULT_DAYS} days"),
        ("/changes 3 months", "any span: 30d, 6 weeks, 1 year, last week"),
        ("/changes june", "since the start of a month, or since a date: 2022-06, 2022-06-15"),
        ('/changes 30d "Partner A"', "for a partner you look after"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("changed change lost gained gain lose loss losses gains points".split()),
    view=view.message,
    record=view.record,
)
