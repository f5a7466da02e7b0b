"""`/clients`: which clients do the points come from, and what is behind one of them?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from handlers.parsing.words import Word, as_page, joined, words_of
from handlers.question import AnswerContext, ParseContext, Question, Reading
from handlers.views.answers import clients as view
from tiercore.access import Grant, plain
from tiercore.questions.client import ClientDetail
from tiercore.questions.clients import ORDERS, Clients

if TYPE_CHECKING:
    from tiercore.answers import Answers


_ORDER_WORDS = {
    **{order: order for order in ORDERS},
    **dict.fromkeys(("expiry", "expiring", "expires"), "lapsing"),
    "combined": "points",
}


@dataclass(frozen=True, slots=True)
class ClientsRequest:
    """One client by name, or a page of all of them in an order; `page` counts from 1."""

    client: str | None = None
    order: str = "points"
    page: int = 1

    @property
    def words(self) -> str:
        """The request as it would be typed."""
        name = f'"{self.client}"' if self.client else ""
        order = f"by {self.order}" if self.order != "points" else ""
        page = f"page {self.page}" if self.page > 1 else ""
        return " ".join(each for each in (name, order, page) if each)


def parse(text: str, _context: ParseContext) -> Sequence[Reading]:
    """`[client] [partner] [by name|sold|managed|expiring] [page 2]`: a partner is tried before a client."""
    options, words = _options(words_of(text))
    found = _readings(words, options)
    return [Reading(partner, request, request.words, request.client) for partner, request in found]


def _options(words: list[Word]) -> tuple[ClientsRequest, list[Word]]:
    """A request with the order and page that the words name, and the remaining words."""
    request, rest, at = ClientsRequest(), list[Word](), 0
    while at < len(words):
        page, size = as_page(words[at:])
        order = _order(words[at:])
        if page:
            request, at = replace(request, page=page), at + size
        elif order:
            request, at = replace(request, order=order), at + 2
        else:
            rest, at = [*rest, words[at]], at + 1
    return request, rest


def _order(words: list[Word]) -> str | None:
    if len(words) < 2 or words[0].quoted or plain(words[0].text) != "by":
        return None
    return _ORDER_WORDS.get(plain(words[1].text))


def _readings(words: list[Word], options: ClientsRequest) -> Iterator[tuple[str | None, ClientsRequest]]:
    """Every reading of the words: a partner, a client of a partner, or a client of the viewer's only partner."""
    yield joined(words), options
    for cut in range(1, len(words)):
        for client, partner in ((words[:cut], words[cut:]), (words[cut:], words[:cut])):
            yield joined(partner), replace(options, client=joined(client))
    if words:
        yield None, replace(options, client=joined(words))


async def ask(
    answers: "Answers", grant: Grant, request: ClientsRequest, context: AnswerContext
) -> Clients | ClientDetail:
    if request.client:
        return await answers.client(grant, request.client, context.as_of)
    start, limit = context.rows(request.page, view.SHOWN)
    answer = await answers.clients(grant, request.order, start, limit, context.as_of)
    context.require_page(request.page, view.SHOWN, answer.count, replace(request, page=1).words)
    return answer


QUESTION = Question(
    word="clients",
    usage="[client] [partner]",
    summary="Your clients by points, what expires next, and everything behind one of them",
    examples=(
        ("/clients", "all of them, the most points first"),
        ("/clients Ivy Terrace Schools", "one client: sold history, product lines, managed points, MRR"),
        ("/clients by expiring", "sorted differently: points, name, sold, managed, expiring"),
        ('/clients "Partner A"', "for a partner you look after"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("clients client customers points sort sorted order ordered".split()),
    view=view.message,
    record=view.record,
    keeps=frozenset({"by"}),
)
