"""`/progress`: how did our points develop, and where do they go if nothing is added?"""

from collections.abc import Sequence

from handlers.parsing import Word, joined, words_of
from handlers.question import Ask, Asking, Question, Setting
from handlers.views import progress as view
from handlers.views.progress import Course
from tiercore.access import Grant, plain
from tiercore.answers import Answers

_NUMBERS = frozenset({"number", "numbers", "figure", "figures", "table"})


def parse(text: str, _setting: Setting) -> Sequence[Ask]:
    """`[numbers] [partner]`, in either order; a partner's name may itself begin or end with such a word."""
    words = words_of(text)
    whole = Ask(joined(words), False, "")
    for index in dict.fromkeys((0, len(words) - 1)):
        if words and _asks_for_numbers(words[index]):
            rest = words[:index] + words[index + 1 :]
            return [Ask(joined(rest), True, view.NUMBERS), whole][: 1 + bool(rest)]
    return [whole]


def _asks_for_numbers(word: Word) -> bool:
    return not word.quoted and plain(word.text) in _NUMBERS


async def ask(answers: Answers, grant: Grant, request: bool, asking: Asking) -> Course:
    return Course(await answers.progress(grant, asking.as_of), numbers=request)


QUESTION = Question(
    word="progress",
    usage="[numbers] [partner]",
    summary="Your points over time: six months back, three ahead, and what is lost first if nothing is added",
    examples=(
        ("/progress", "the chart: sold, managed and combined points, and what the next tier asks for"),
        ("/progress numbers", "the same as a table"),
        ('/progress "Partner A"', "for a partner that you look after"),
    ),
    parse=parse,
    ask=ask,
    view=view.message,
    record=view.record,
)
