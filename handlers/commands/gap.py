"""`/gap`: what is missing for a tier?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handlers.parsing.words import Word, as_tier, joined, words_of
from handlers.question import AnswerContext, ParseContext, Question, Reading
from handlers.views.answers import gap as view
from tiercore.access import Grant, plain
from tiercore.questions.gap import Gap

if TYPE_CHECKING:
    from tiercore.answers import Answers


_FILLERS = frozenset({"to", "tier", "for"})


def parse(text: str, context: ParseContext) -> Sequence[Reading]:
    """`[tier] [partner]`, in either order; words that don't name a tier name the partner."""
    words = words_of(text)
    named = [word for word in words if word.quoted or plain(word.text) not in _FILLERS]
    for index in dict.fromkeys((0, len(named) - 1)):
        if named and (tier := _tier(named[index], context)):
            rest = named[:index] + named[index + 1 :]
            return [Reading(joined(rest), tier, tier), Reading(joined(words), None, "")][: 1 + bool(rest)]
    return [Reading(joined(words), None, "")]


def _tier(word: Word, context: ParseContext) -> str | None:
    return None if word.quoted else as_tier(word, context.tiers)


async def ask(answers: "Answers", grant: Grant, request: str | None, context: AnswerContext) -> Gap:
    return await answers.gap(grant, request, context.as_of, context.model)


QUESTION = Question(
    word="gap",
    usage="[tier] [partner]",
    summary="What you're missing for a tier: the minimums first, then the rest in any mix, in points and money",
    examples=(
        ("/gap", "for the next tier"),
        ("/gap platinum", "for a tier you name"),
        ('/gap diamond "Partner A"', "for a partner you look after"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("gap short points tier tiers level".split()),
    view=view.message,
    record=view.record,
    by_model=True,
)
