"""`/changes`: what was gained and lost, client by client and why?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from handlers.parsing.days import MAX_WORDS, as_known, as_since
from handlers.parsing.readings import readings
from handlers.parsing.words import Word, joined, words_of
from handlers.question import AnswerContext, InvalidInput, ParseContext, Question, Reading
from handlers.views.answers import changes as view
from tiercore.access import Grant
from tiercore.questions.changes import Changes
from tiercore.questions.hindsight import KnownAt

if TYPE_CHECKING:
    from tiercore.answers import Answers


DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True)
class AsKnown:
    """Changes from one day to another, as they were known on the latter."""

    since: date
    known_on: date

    def __str__(self) -> str:
        """The request as it would be typed."""
        return f"{self.since} as known on {self.known_on}"


def parse(text: str, context: ParseContext) -> Sequence[Reading]:
    """`[since] [as known on a day] [partner]`, in any order. A partner's name may begin or end like a day, or have such
    words in it: that reading comes second.
    """
    words = words_of(text)
    found = as_known(words, context.as_of)
    if found is None:
        return _since(words, context.as_of)
    known_on, rest = found
    if isinstance(known_on, InvalidInput):
        return [*_since(words, context.as_of), Reading(joined(rest), known_on, "")]
    known = [_known(each, known_on) for each in _since(rest, known_on)]
    return [*known, *_since(words, context.as_of)]


def _since(words: Sequence[Word], as_of: date) -> list[Reading]:
    return readings(words, MAX_WORDS, lambda text: as_since(text, as_of), str, as_of - timedelta(DEFAULT_DAYS))


def _known(reading: Reading, known_on: date) -> Reading:
    if isinstance(reading.request, InvalidInput):
        return reading
    request = AsKnown(reading.request, known_on)
    return Reading(reading.partner, request, str(request))


async def ask(answers: "Answers", grant: Grant, request: date | AsKnown, context: AnswerContext) -> Changes:
    if isinstance(request, AsKnown):
        known = KnownAt(request.known_on)
        return await answers.changes(grant, request.since, request.known_on, known)
    return await answers.changes(grant, request, context.as_of)


QUESTION = Question(
    word="changes",
    usage="[since] [as known on a day] [partner]",
    summary="What you gained and lost since a date, client by client, and why",
    examples=(
        ("/changes", f"the last {DEFAULT_DAYS} days"),
        ("/changes 3 months", "any span: 30d, 6 weeks, 1 year, last week"),
        ("/changes june", "since the start of a month, or since a date: 2022-06, 2022-06-15"),
        ("/changes since 1 Jun as known on 10 Jun", "what was known on a day, and what has corrected it since"),
        ('/changes 30d "Partner A"', "for a partner you look after"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("changed change lost gained gain lose loss losses gains points".split()),
    view=view.message,
    record=view.record,
)
