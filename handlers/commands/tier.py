"""`/tier`: where do we stand?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

from handlers.commands.account import SUBCOMMANDS
from handlers.parsing.words import Word, joined, words_of
from handlers.question import AnswerContext, ParseContext, Question, Reading
from handlers.views.answers import tier as view
from tiercore.access import Grant, plain
from tiercore.program import Model
from tiercore.questions.standing import Standing

if TYPE_CHECKING:
    from tiercore.answers import Answers


_MODELS: dict[str, Model] = {
    **{model: model for model in get_args(Model)},
    "dollar": "dollars",
    "usd": "dollars",
    "mrr": "dollars",
    "point": "points",
}


@dataclass(frozen=True, slots=True)
class TierRequest:
    """The dashboard to show; None for the one that the viewer prefers, or else the one that decides."""

    model: Model | None = None


def parse(text: str, _context: ParseContext) -> Sequence[Reading]:
    """`[points or dollars] [partner]`, in either order."""
    words = words_of(text)
    whole = Reading(joined(words), TierRequest(), "")
    for index in dict.fromkeys((0, len(words) - 1)):
        if words and (model := as_model(words[index])):
            rest = words[:index] + words[index + 1 :]
            return [Reading(joined(rest), TierRequest(model), model), whole][: 1 + bool(rest)]
    return [whole]


def as_model(word: Word) -> Model | None:
    """The model that a word names, None for anything else."""
    return None if word.quoted else _MODELS.get(plain(word.text))


async def ask(answers: "Answers", grant: Grant, request: TierRequest, context: AnswerContext) -> Standing:
    """With the verdict, and with the awards, but on one screen: they take the reading of a year, and a button asks."""
    found = await answers.tier(grant, context.as_of, request.model or context.model, in_detail=not context.brief)
    first = context.model or (found.rules.model if found.judged_on == context.as_of else None)
    return replace(found, is_usual=request.model is None or request.model == first)


QUESTION = Question(
    word="tier",
    usage="[model] [partner]",
    summary="Where you stand: your tier, your points, and every requirement of the next tier",
    examples=(
        ("/tier", "your own standing"),
        ("/tier Partner A", "a partner you look after"),
        ("/tier dollars", "the dollar dashboard, which decided until 17 Jul 2022"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("status standing stand tier".split()),
    view=view.message,
    record=view.record,
    by_model=True,
    also=tuple((f"/tier {each.usage}", each.summary) for each in SUBCOMMANDS.values()),
    also_for_partners=tuple(
        (f"/tier {each.usage}", said) for each in SUBCOMMANDS.values() if (said := each.summary_for_partners)
    ),
)
