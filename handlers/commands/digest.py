"""`/digest`: what changed this week, and what is there to do? Subscribers get the same message every week."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from handlers.commands.subscriptions import DIGEST_SUBCOMMANDS
from handlers.parsing.words import joined, words_of
from handlers.question import AnswerContext, ParseContext, Question, Reading
from handlers.views.answers import digest as view
from handlers.views.answers import portfolio as portfolio_view
from handlers.views.parts.blocks import Message
from tiercore.access import Grant, plain
from tiercore.questions.digest import Digest
from tiercore.questions.portfolio import Portfolio

if TYPE_CHECKING:
    from tiercore.answers import Answers


DIGEST, PROGRESS, EXPIRY, PORTFOLIO = "digest", "progress", "expiry", "portfolio"
_WORDS = {"progress": PROGRESS, "expiry": EXPIRY, "expiring": EXPIRY, "portfolio": PORTFOLIO}


def parse(text: str, _context: ParseContext) -> Sequence[Reading]:
    """`[progress, expiry or portfolio] [partner]`, in either order."""
    words = words_of(text)
    whole = Reading(joined(words), DIGEST, "")
    for index in dict.fromkeys((0, len(words) - 1)):
        topic = None if not words or words[index].quoted else _WORDS.get(plain(words[index].text))
        if topic:
            rest = words[:index] + words[index + 1 :]
            return [Reading(joined(rest), topic, topic), whole][: 1 + bool(rest)]
    return [whole]


async def ask(answers: "Answers", grant: Grant | None, request: str, context: AnswerContext) -> Digest | Portfolio:
    if grant is None or request == PORTFOLIO:
        assert context.reach
        return await answers.reports.portfolio(context.reach, context.as_of)
    return await answers.reports.digest(grant, request, context.as_of)


def message(result: Digest | Portfolio, *, beside: bool = False, stop: str = "") -> Message:
    """The digest. With `beside`, the reader gets the progress digest too, so what that one says is left out. `stop` is
    the command that ends a subscription's digest, "" for a digest that someone asked for.
    """
    if isinstance(result, Portfolio):
        return portfolio_view.message(result, stop=stop)
    return view.message(result, beside=beside, stop=stop)


def record(result: Digest | Portfolio) -> dict[str, Any]:
    """The digest as JSON."""
    return portfolio_view.record(result) if isinstance(result, Portfolio) else view.record(result)


QUESTION = Question(
    word="digest",
    usage="[progress or expiry] [partner]",
    summary="What changed this week, what it means for your tier, and what to do; sent every week if you subscribe",
    examples=(
        ("/digest", "this week's digest, or that of all the partners you look after"),
        ("/digest expiry", "what expires in 30, 60 and 90 days, client by client"),
        ("/digest progress Partner A", "for a partner you look after"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("digest summary week".split()),
    view=message,
    record=record,
    needs_partner=False,
    by_reach=True,
    also=tuple((f"/digest {each.usage}", each.summary) for each in DIGEST_SUBCOMMANDS.values()),
)
