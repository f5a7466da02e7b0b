"""`/expiring`: what lapses soon, and what does it do to us?"""

from collections.abc import Iterator, Sequence
from datetime import date

from handlers.parsing import Word, as_days, joined, words_of
from handlers.question import Ask, Asking, BadWords, Question, Setting
from handlers.views import expiring as view
from tiercore.access import Grant
from tiercore.answers import ALL, Answers
from tiercore.expiry import Expiry

DEFAULT_DAYS = 90
MOST_DAYS = 1_096


def parse(text: str, setting: Setting) -> Sequence[Ask]:
    """`[days] [partner]`, in either order. A partner's name may itself begin or end with a number: it comes second."""
    words = words_of(text)
    spans = [(_checked(days), joined(rest)) for days, rest in _spans(words, setting.as_of)]
    found = [Ask(rest, days, f"{days}d") for days, rest in spans if isinstance(days, int)]
    found.append(Ask(joined(words), DEFAULT_DAYS, f"{DEFAULT_DAYS}d"))
    return found + [Ask(rest, wrong, "") for wrong, rest in spans if isinstance(wrong, BadWords)]


def _spans(words: list[Word], as_of: date) -> Iterator[tuple[int, list[Word]]]:
    """Every way to read the first or the last one or two words as a span of time, with the words that remain."""
    for size in (2, 1):
        for taken, rest in ((words[:size], words[size:]), (words[-size:], words[:-size])):
            if len(taken) == size and not any(word.quoted for word in taken):
                days = as_days(" ".join(word.text for word in taken), as_of)
                if days is not None:
                    yield days, rest


def _checked(days: int) -> int | BadWords:
    if 1 <= days <= MOST_DAYS:
        return days
    return BadWords(f"{days:,} days is out of range. Ask for 1 to {MOST_DAYS:,} days, like /expiring 90.")


async def ask(answers: Answers, grant: Grant, request: int, asking: Asking) -> Expiry:
    return await answers.expiring(grant, request, asking.as_of, view.SHOWN if asking.brief else ALL)


QUESTION = Question(
    word="expiring",
    usage="[days] [partner]",
    summary="What lapses soon, of which client and why, and whether it costs a minimum or the tier",
    examples=(
        ("/expiring", f"the next {DEFAULT_DAYS} days"),
        ("/expiring 30d", "a span of your own: 30, 30d, 6 weeks, 3 months, 1 year"),
        ('/expiring 3 months "Partner A"', "for a partner that you look after"),
    ),
    parse=parse,
    ask=ask,
    view=view.message,
    record=view.record,
)
