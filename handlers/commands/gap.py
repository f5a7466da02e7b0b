"""`/gap`: what is missing for a tier, on the next day on which it can be credited or on another?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from handlers.parsing.days_ahead import HOW, MAX_WORDS, Ahead, as_ahead
from handlers.parsing.words import Word, as_tier, joined, words_of
from handlers.question import AnswerContext, InvalidInput, ParseContext, Question, Reading
from handlers.views.answers import gap as view
from handlers.views.answers.gap_record import record
from tiercore.access import Grant, plain
from tiercore.program import Program
from tiercore.questions.gap_on import GapOn, credit_day, last_day

if TYPE_CHECKING:
    from tiercore.answers import Answers


_FILLERS = frozenset({"to", "tier", "for"})
_INTRODUCES = frozenset("by until till before on in at end".split())


@dataclass(frozen=True, slots=True)
class GapRequest:
    """The tier (None: the next one) and the day (None: the next on which it can be credited)."""

    tier: str | None = None
    by: Ahead | None = None

    def __str__(self) -> str:
        """The request as it would be typed."""
        return " ".join([*([self.tier] if self.tier else []), *([f"by {self.by}"] if self.by else [])])


def parse(text: str, context: ParseContext) -> Sequence[Reading]:
    """`[tier] [by day] [partner]`, in any order; words that name neither tier nor day name the partner.

    A partner's name may have a day in it: without a word like "by" before the day, that comes first.
    """
    words = words_of(text)
    undated = _with_tier(words, None, context)
    found = _dated(words, context.as_of)
    if found is None:
        return [*undated, *_no_day(words)]
    by, taken, rest = found
    if isinstance(by, InvalidInput):
        return [*undated, Reading(None, by, "")]
    dated = _with_tier(rest, by, context)
    return [*dated, *undated] if plain(taken[0].text) in _INTRODUCES else [*undated, *dated]


def _dated(words: Sequence[Word], as_of: date) -> tuple[Ahead | InvalidInput, Sequence[Word], Sequence[Word]] | None:
    """The day among the words, those that name it (as many as possible) and the others; None if there is none."""
    for size in range(min(MAX_WORDS, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            taken, rest = words[start : start + size], [*words[:start], *words[start + size :]]
            by = None if any(each.quoted for each in taken) else as_ahead(" ".join(each.text for each in taken), as_of)
            if by is not None:
                return by, taken, rest
    return None


def _no_day(words: Sequence[Word]) -> list[Reading]:
    """That figures after "by" are no day, to be said where they are no partner's name either."""
    at = next((index for index, word in enumerate(words) if not word.quoted and plain(word.text) == "by"), None)
    said = joined(words[at + 1 :]) if at is not None else None
    if not said or not any(each.isdigit() for each in said):
        return []
    return [Reading(None, InvalidInput(f"“{said[:40]}” isn't a day. {HOW}"), "")]


def _with_tier(words: Sequence[Word], by: Ahead | None, context: ParseContext) -> list[Reading]:
    """The tier first or last among the words, the rest as a name; then all of them as a name."""
    named = [word for word in words if word.quoted or plain(word.text) not in _FILLERS]
    whole = GapRequest(None, by)
    for index in dict.fromkeys((0, len(named) - 1)):
        if named and (tier := _tier(named[index], context)):
            rest, request = named[:index] + named[index + 1 :], GapRequest(tier, by)
            return [Reading(joined(rest), request, str(request)), Reading(joined(words), whole, str(whole))][
                : 1 + bool(rest)
            ]
    return [Reading(joined(words), whole, str(whole))]


def _tier(word: Word, context: ParseContext) -> str | None:
    return None if word.quoted else as_tier(word, context.tiers)


def day_of(by: Ahead, as_of: date, program: Program) -> date:
    """The day itself; of a month, the day on which tiers are credited in it (of this month next year, if it is over).

    Where that is further ahead than the data can say, it is the last day that can be asked about.
    """
    if not by.is_month:
        return by.day
    day = credit_day(max(by.day, as_of), program)
    if day.month != by.day.month:
        day = credit_day(by.day + relativedelta(years=1), program)
    return min(day, last_day(as_of))


async def ask(answers: "Answers", grant: Grant, request: GapRequest, context: AnswerContext) -> GapOn:
    by = day_of(request.by, context.as_of, answers.program) if request.by else None
    return await answers.gap_or_danger(grant, request.tier, context.as_of, context.model, by)


QUESTION = Question(
    word="gap",
    usage="[tier] [by day] [partner]",
    summary="What you'll be missing for a tier on a day: the minimums, then the rest in any mix, in points and money",
    examples=(
        ("/gap", "what keeps your tier if it's in danger; else for the next tier, on the next day it can be credited"),
        ("/gap platinum", "for a tier you name"),
        ("/gap platinum by 15 jan", "on another day: 2023-01-15, january, in 3 months, end of quarter"),
        ('/gap diamond "Partner A"', "for a partner you look after"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("gap short points tier tiers level".split()),
    view=view.message,
    record=record,
    by_model=True,
)
