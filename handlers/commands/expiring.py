"""`/expiring`: what expires soon, and what does that do to us?"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from handlers.parsing.readings import readings
from handlers.parsing.words import as_days, words_of
from handlers.question import AnswerContext, InvalidInput, ParseContext, Question, Reading
from handlers.views.answers import expiring as view
from tiercore.access import Grant
from tiercore.questions.expiry import Expiry

if TYPE_CHECKING:
    from tiercore.answers import Answers


DEFAULT_DAYS = 90
MAX_DAYS = 1_096
_FILLERS = frozenset("in the next this within coming for over".split())


def parse(text: str, context: ParseContext) -> Sequence[Reading]:
    """`[days] [partner]`, in either order. A partner's name may begin or end with a number: that comes second."""
    return readings(words_of(text), 4, lambda words: _days(words, context.as_of), "{}d".format, DEFAULT_DAYS)


def _days(text: str, as_of: date) -> int | InvalidInput | None:
    words = text.casefold().replace("tomorrow", "1 day").split()
    named = [word for word in words if word not in _FILLERS]
    rest = " ".join(named)
    days = as_days(f"1 {rest}" if len(named) < len(words) and rest.isalpha() else rest, as_of)
    if days is None or 1 <= days <= MAX_DAYS:
        return days
    return InvalidInput(f"{days:,} days is out of range. Choose 1 to {MAX_DAYS:,} days, like /expiring 90.")


async def ask(answers: "Answers", grant: Grant, request: int, context: AnswerContext) -> Expiry:
    _, limit = context.rows(page=1, size=view.SHOWN)
    return await answers.expiring(grant, request, context.as_of, limit)


QUESTION = Question(
    word="expiring",
    usage="[days] [partner]",
    summary="What expires soon, client by client and why, and whether it costs you a minimum or the tier",
    examples=(
        ("/expiring", f"the next {DEFAULT_DAYS} days"),
        ("/expiring 30d", "any span: 30, 30d, 6 weeks, next month, 1 year"),
        ('/expiring 3 months "Partner A"', "for a partner you look after"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("expire expires expiring expiry points soon".split()),
    view=view.message,
    record=view.record,
)
