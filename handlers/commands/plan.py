"""`/plan`: the cheapest way to a tier by a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.commands import gap
from handlers.commands.gap import GapRequest
from handlers.parsing.plan_wishes import Wishes, wishes_in
from handlers.parsing.words import Word, words_of
from handlers.question import AnswerContext, InvalidInput, ParseContext, Question, Reading
from handlers.views.answers import plan as view
from handlers.views.answers.plan_record import record
from handlers.views.parts.formats import day
from tiercore.access import Grant
from tiercore.planning.plan import Plan
from tiercore.planning.steps import Wish
from tiercore.questions.gap_on import NotAhead

if TYPE_CHECKING:
    from tiercore.answers import Answers


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """The tier and the day as of /gap, and what the plan is wished for."""

    aim: GapRequest
    wishes: Wishes

    def __str__(self) -> str:
        """The request as it would be typed."""
        return " ".join(filter(None, [str(self.aim), str(self.wishes)]))


def parse(text: str, context: ParseContext) -> Sequence[Reading]:
    """`[tier] [by day] [wishes] [partner]`, in any order.

    A partner's name may have a wish in it ("Driftwood Growth"): a name with all words comes first where a wish follows
    another word of a name.
    """
    words = words_of(text)
    wishes, rest = wishes_in(words)
    if isinstance(wishes, InvalidInput):
        return [Reading(None, wishes, "")]
    wished = _readings(rest, wishes, context)
    if wishes == Wishes():
        return wished
    named = _readings(words, Wishes(), context)
    return [*named, *wished] if _is_in_a_name(words, named) else [*wished, *named]


def _is_in_a_name(words: Sequence[Word], named: Sequence[Reading]) -> bool:
    """Whether the words that aren't tier or day begin otherwise than with a wish."""
    partner = named[0].partner if named else None
    first = wishes_in(words_of(partner or ""))[1]
    return bool(partner and first and partner.startswith(first[0].text))


def _readings(words: Sequence[Word], wishes: Wishes, context: ParseContext) -> list[Reading]:
    typed = " ".join(f'"{each.text}"' if each.quoted else each.text for each in words)
    return [_with(reading, wishes) for reading in gap.parse(typed, context)]


def _with(reading: Reading, wishes: Wishes) -> Reading:
    if isinstance(reading.request, InvalidInput):
        return reading
    request = PlanRequest(reading.request, wishes)
    return Reading(reading.partner, request, str(request))


async def ask(answers: "Answers", grant: Grant, request: PlanRequest, context: AnswerContext) -> view.PlanAnswer:
    plan = await planned(answers, grant, request, context)
    return view.PlanAnswer(plan, str(request), await answers.goal(grant, context.as_of))


async def planned(answers: "Answers", grant: Grant, request: PlanRequest, context: AnswerContext) -> Plan:
    """The plan alone. Raises InvalidInput for a day out of range."""
    assert answers.plans is not None
    aim, wishes = request.aim, request.wishes
    wish = Wish(
        tier=aim.tier,
        by=gap.day_of(aim.by, context.as_of, answers.program) if aim.by else None,
        growth=wishes.growth,
        assisted=wishes.assisted,
        managed=wishes.managed,
        most_a_month=wishes.most_a_month,
        currency=wishes.currency,
    )
    try:
        return await answers.plans.plan(grant, wish, context.as_of)
    except NotAhead as error:
        raise InvalidInput(
            f"A plan needs a day from {day(error.first)} to {day(error.last)}: what is sold today counts until then."
        ) from error


QUESTION = Question(
    word="plan",
    usage="[tier] [by day] [growth] [assisted] [no managed] [at most amount a month] [partner]",
    summary="The cheapest way to a tier by a day: up to five steps, with clients, points, MRR and the last day of each",
    examples=(
        ("/plan", "to keep your tier if it's in danger, or else to the next tier"),
        ("/plan platinum by 15 jan", "to a tier by a day"),
        ("/plan platinum no managed", "by sales alone"),
        ("/plan platinum at most 5,000 MRR a month", "within what you can sell"),
    ),
    parse=parse,
    ask=ask,
    view=view.message,
    record=record,
    says=frozenset("plan cheapest way reach get".split()),
    keeps=frozenset("at most no without by a to up max growth assisted managed month".split()),
)
