"""`/digest`: what matters most, what is there to do, and what moved? Subscribers get the same message by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handlers.commands.subscriptions import DIGEST_SUBCOMMANDS
from handlers.parsing.words import Word, as_page, joined, words_of
from handlers.question import AnswerContext, ParseContext, Question, Reading, require_page
from handlers.views.answers import digest as view
from handlers.views.answers import portfolio as portfolio_view
from handlers.views.answers import portfolio_rows
from handlers.views.answers.portfolio_rows import Part, PortfolioPage
from handlers.views.parts.blocks import Message
from tiercore.access import Grant, plain
from tiercore.questions.digest import Digest
from tiercore.questions.portfolio import Portfolio
from tiercore.questions.portfolio_lines import Shown

if TYPE_CHECKING:
    from tiercore.answers import Answers


DIGEST, PROGRESS, EXPIRY, PORTFOLIO = "digest", "progress", "expiry", "portfolio"
_WORDS = {"progress": PROGRESS, "expiry": EXPIRY, "expiring": EXPIRY, "portfolio": PORTFOLIO}
_PARTS = {each.value: each for each in Part}


@dataclass(frozen=True, slots=True)
class DigestRequest:
    """A digest by its topic, or a page of one part of the portfolio; `page` counts from 1."""

    topic: str
    part: Part | None = None
    page: int = 1


def parse(text: str, _context: ParseContext) -> Sequence[Reading]:
    """`[progress, expiry or portfolio] [partner]`, in either order, or `portfolio quiet [page 2]`."""
    words = words_of(text)
    whole = Reading(joined(words), DigestRequest(DIGEST), "")
    if listed := _part(words):
        return [listed, whole]
    for index in dict.fromkeys((0, len(words) - 1)):
        topic = None if not words or words[index].quoted else _WORDS.get(plain(words[index].text))
        if topic:
            rest = words[:index] + words[index + 1 :]
            return [Reading(joined(rest), DigestRequest(topic), topic), whole][: 1 + bool(rest)]
    return [whole]


def _part(words: Sequence[Word]) -> Reading | None:
    """The part of the portfolio that the words name, None for anything else."""
    if len(words) < 2 or any(each.quoted for each in words) or plain(words[0].text) != PORTFOLIO:
        return None
    part, (page, size) = _PARTS.get(plain(words[1].text)), as_page(words[2:])
    if part is None or len(words) > 2 + size:
        return None
    request = DigestRequest(PORTFOLIO, part, page or 1)
    return Reading(None, request, " ".join(each.text for each in words))


async def ask(
    answers: "Answers", grant: Grant | None, request: DigestRequest, context: AnswerContext
) -> Digest | Portfolio | PortfolioPage:
    if grant is not None and request.topic != PORTFOLIO:
        return await answers.reports.digest(grant, request.topic, context.as_of)
    assert context.reach
    portfolio = await answers.reports.portfolio(context.reach, context.as_of, shown=_shown(request, context))
    if request.part is None:
        return portfolio
    part, everyone = request.part, portfolio_rows.lines_of(portfolio, request.part)
    require_page(request.page, portfolio_rows.ROWS, len(everyone), f"{PORTFOLIO} {part.value}")
    return PortfolioPage(portfolio, part, request.page)


def _shown(request: DigestRequest, context: AnswerContext) -> Shown | None:
    """Which partners are read in full: those of one screen where that is enough, else all."""
    part = request.part
    if not context.brief:
        return None
    if part is None:
        return portfolio_view.shown
    return lambda outline: portfolio_rows.lines_of(outline, part, request.page)


def message(result: Digest | Portfolio | PortfolioPage, *, beside: bool = False, stop: str = "") -> Message:
    """The digest. With `beside`, the reader gets the progress digest too, so what that one says is left out. `stop` is
    the command that ends a subscription's digest, "" for a digest that someone asked for.
    """
    if isinstance(result, PortfolioPage):
        return portfolio_rows.message(result)
    if isinstance(result, Portfolio):
        return portfolio_view.message(result, stop=stop)
    return view.message(result, beside=beside, stop=stop)


def record(result: Digest | Portfolio | PortfolioPage) -> dict[str, Any]:
    """The digest as JSON; of a part of the portfolio, its partners."""
    if isinstance(result, PortfolioPage):
        return portfolio_view.record_of_page(result)
    return portfolio_view.record(result) if isinstance(result, Portfolio) else view.record(result)


QUESTION = Question(
    word="digest",
    usage="[progress, expiry or portfolio] [partner]",
    summary="What matters most, what to do and by when, and what moved; sent by itself if you subscribe",
    examples=(
        ("/digest", "this week's digest, of all your partners if you have several"),
        ("/digest expiry", "what expires in 30, 60 and 90 days, client by client"),
        ("/digest portfolio quiet", "the partners of which there is nothing to say, with all their names"),
        ("/digest progress Partner A", "for a partner you look after"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("digest summary week".split()),
    view=message,
    record=record,
    needs_partner=False,
    by_reach=True,
    about_all=lambda request: request.topic == PORTFOLIO,
    also=tuple((f"/digest {each.usage}", each.summary) for each in DIGEST_SUBCOMMANDS.values()),
    also_for_partners=tuple(
        (f"/digest {each.usage.removesuffix(' [here]')}", said)
        for each in DIGEST_SUBCOMMANDS.values()
        if (said := each.summary_for_partners)
    ),
)
