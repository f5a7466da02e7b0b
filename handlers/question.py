"""What a question is: the one shape that every command has, whether typed in Slack, clicked, or asked in a terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from handlers.views.parts.blocks import Message
from tiercore.access import Reach
from tiercore.program import Model

if TYPE_CHECKING:
    from tiercore.answers import Answers


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What a parser may know: the day asked about, and the names that tiers have in any version of the rules."""

    as_of: date
    tiers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person asked, parsed: the partner's name as typed (None: none) and the question's own request.

    `words` are the request's own words, as they would be typed again. A request that is an InvalidInput is raised when
    no earlier reading of the same text finds its partner.
    """

    partner: str | None
    request: Any
    words: str


class InvalidInput(ValueError):
    """The words after a command make no sense; the message says what, why and what next."""


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """The circumstances of a question: the day, whether one screen is enough (`brief`), the model preferred, and for
    a question about everyone in it, the asker's reach.
    """

    as_of: date
    brief: bool
    model: Model | None = None
    reach: Reach | None = None


class Answering(Protocol):
    """Grant, request and circumstances in; typed result out. A question that needs no partner may get no grant."""

    async def __call__(self, answers: "Answers", grant: Any, request: Any, asking: AnswerContext, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Question:
    """A command: its words, help and the four beats parse, ask, view, record (the answer as JSON).

    `also` are things that the command does besides answering, each with what for. The answer of one that is
    `by_model` depends on the dashboard preferred. One that `needs_partner` not is put without a grant where the viewer
    may see several partners and named none; one that is `by_reach` may be about all of them.
    """

    word: str
    usage: str
    summary: str
    examples: tuple[tuple[str, str], ...]
    parse: Callable[[str, ParseContext], Sequence[Reading]]
    ask: Answering
    view: Callable[[Any], Message]
    record: Callable[[Any], dict[str, Any]]
    by_model: bool = False
    by_reach: bool = False
    also: tuple[tuple[str, str], ...] = ()
    needs_partner: bool = True

    @property
    def command(self) -> str:
        """The slash command: "/gap"."""
        return f"/{self.word}"
