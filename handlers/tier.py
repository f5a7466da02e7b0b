"""`/tier`: where do we stand?"""

from collections.abc import Sequence
from datetime import date

from handlers.parsing import joined, words_of
from handlers.question import Ask, Question, Setting
from handlers.views import tier as view
from tiercore.access import Grant
from tiercore.answers import Answers
from tiercore.standing import Standing


def parse(text: str, _setting: Setting) -> Sequence[Ask]:
    """`[partner]`"""
    return [Ask(joined(words_of(text)), None, "")]


async def ask(answers: Answers, grant: Grant, _request: object, as_of: date, *, brief: bool) -> Standing:
    return await answers.standing(grant, as_of)


QUESTION = Question(
    word="tier",
    usage="[partner]",
    summary="Where you stand: tier, points, and every requirement of the next tier",
    examples=(
        ("/tier", "your own standing"),
        ("/tier Partner A", "a partner that you look after"),
    ),
    parse=parse,
    ask=ask,
    view=view.message,
    record=view.record,
)
