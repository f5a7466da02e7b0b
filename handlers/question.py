"""What a question is: the shape that every command has, whether typed in Slack, clicked, or asked in a terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from handlers.views.parts.blocks import Message
from tiercore.access import PartnerName, Reach
from tiercore.program import Model
from tiercore.questions import ALL

if TYPE_CHECKING:
    from tiercore.answers import Answers


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What a parser may know: the day of the question, and the tiers of all versions of the rules, the lowest first."""

    as_of: date
    tiers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand the text after a command: the partner's name as typed, if any, and the request.

    `words` is the request as it would be typed again, without the partner; `detail` is what it names that only some
    partners have, like a client. `otherwise` is the request
    where nobody is called that. A request that is an InvalidInput is raised
    if no earlier reading of the same text finds its partner.
    """

    partner: str | None
    request: Any
    words: str
    detail: str | None = None
    otherwise: Any = None


class InvalidInput(ValueError):
    """The text after a command can't be understood; the message says what, why and what next.

    `choices` are what may have been meant: what to show on a button, and the text after the command, about the partner
    of this id where the text named one. `partners` are those that may have been meant where the command takes none.
    """

    partner_id: str | None = None

    def __init__(
        self, message: str, choices: Sequence[tuple[str, str]] = (), partners: Sequence[PartnerName] = ()
    ) -> None:
        super().__init__(message)
        self.choices, self.partners = tuple(choices), tuple(partners)


def require_page(page: int, size: int, count: int, text: str) -> None:
    """Raises InvalidInput, with the last page to choose, for a page beyond the end of `count` items, `size` to a page.
    Where there are none, any page says so.

    `text` is the request without its page.
    """
    pages = -(-count // size)
    if pages and page > pages:
        has = "one page" if pages == 1 else f"{pages:,} pages"
        raise InvalidInput(
            f"There's no page {page:,}: this list has {has}.", [(f"Page {pages:,}", f"{text} page {pages}".strip())]
        )


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """How to answer a question: for which day, whether one screen is enough (`brief`), by which model where the viewer
    prefers one, and for a question about all of the viewer's partners, within which reach.
    """

    as_of: date
    brief: bool
    model: Model | None = None
    reach: Reach | None = None

    def rows(self, page: int, size: int) -> tuple[int, int]:
        """The first row to read and how many: a page of `size` rows where one screen is enough, else all rows."""
        return ((page - 1) * size, size) if self.brief else (0, ALL)

    def require_page(self, page: int, size: int, count: int, text: str) -> None:
        """Raises InvalidInput for a page beyond the end, where one page is read and not all rows."""
        if self.brief:
            require_page(page, size, count, text)


class Ask(Protocol):
    """Grant, request and context in, typed result out. A question that needs no partner may get no grant."""

    async def __call__(self, answers: "Answers", grant: Any, request: Any, context: AnswerContext, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Question:
    """A command: its name, its help, and the four steps parse, ask, view and record (the answer as JSON).

    `also` lists the command's subcommands, each with its purpose. With `by_model`, the answer depends on the viewer's
    preferred dashboard. With `needs_partner` False, it is asked without a grant where the viewer has several partners
    and named none; with `by_reach`, it may be about all of them, and a request that is `about_all` never gets a grant,
    not even for the channel's partner. `require` raises InvalidInput for a viewer whom it isn't for. `keeps` are
    words that say something to this command, though in most sentences they don't; what it `says` are words that repeat
    what it is about. One that is `for_program` is only for the program's people; of `also`, the subcommands in
    `also_for_partners` are offered in a partner's workspace.
    """

    word: str
    usage: str
    summary: str
    examples: tuple[tuple[str, str], ...]
    parse: Callable[[str, ParseContext], Sequence[Reading]]
    ask: Ask
    view: Callable[[Any], Message]
    record: Callable[[Any], dict[str, Any]]
    by_model: bool = False
    by_reach: bool = False
    about_all: Callable[[Any], bool] = lambda _: False
    require: Callable[[Reach], None] = lambda _: None
    also: tuple[tuple[str, str], ...] = ()
    also_for_partners: tuple[tuple[str, str], ...] = ()
    for_program: bool = False
    needs_partner: bool = True
    keeps: frozenset[str] = frozenset()
    says: frozenset[str] = frozenset()

    @property
    def command(self) -> str:
        """The slash command: "/gap"."""
        return f"/{self.word}"
