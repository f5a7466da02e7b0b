"""`/whatif`: what would be if we sold, lost, downgraded, ended, extended or renewed something?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from handlers.parsing.scenarios import TypedScenario, scenario_in
from handlers.parsing.words import Word, joined, words_of
from handlers.question import AnswerContext, InvalidInput, ParseContext, Question, Reading
from handlers.views.answers import whatif as view
from handlers.views.answers.whatif_record import record
from tiercore.access import Grant, plain
from tiercore.program import Catalogue
from tiercore.scenarios.naming import line_and_client
from tiercore.scenarios.wishes import Asked, CannotHappen, WhichLine, WishKind

if TYPE_CHECKING:
    from tiercore.answers import Answers

_FOR = "for"


@dataclass(frozen=True, slots=True)
class Request:
    """The steps, and their words as they would be typed again; with `new_clients`, a sale's client may be a new one."""

    asked: tuple[Asked, ...]
    words: str
    new_clients: bool = False


def parse(text: str, context: ParseContext) -> Sequence[Reading]:
    """`[partner] steps [for partner]`: the words before the first step, or after the last "for", name the partner."""
    words = words_of(text)
    found = scenario_in(words, context.as_of)
    if isinstance(found, InvalidInput):
        return [Reading(None, found, "")]
    partner = joined(_stripped(found.before))
    steps = words[len(found.before) :]
    return [*([] if partner else _for_a_partner(steps, context)), _reading(partner, steps, found)]


def _reading(partner: str | None, words: Sequence[Word], found: TypedScenario) -> Reading:
    named = next((" ".join(each.words) for each in found.asked if each.words), None)
    request = Request(found.asked, typed(words))
    sells = any(each.wish.kind is WishKind.SELL and each.words for each in found.asked)
    otherwise = replace(request, new_clients=True) if sells else None
    return Reading(partner, request, request.words, named, otherwise)


def _for_a_partner(words: Sequence[Word], context: ParseContext) -> list[Reading]:
    """The words after the last "for" as a partner's name."""
    at = max((at for at, each in enumerate(words) if not each.quoted and plain(each.text) == _FOR), default=0)
    if not at or at == len(words) - 1:
        return []
    found = scenario_in(words[:at], context.as_of)
    return [] if isinstance(found, InvalidInput) else [_reading(joined(words[at + 1 :]), words[:at], found)]


def _stripped(words: Sequence[Word]) -> list[Word]:
    return [each if each.quoted else Word(each.text.rstrip(":,")) for each in words]


def typed(words: Sequence[Word]) -> str:
    """The words as they would be typed again."""
    return " ".join(f'"{each.text}"' if each.quoted else each.text for each in words)


async def ask(answers: "Answers", grant: Grant, request: Request, context: AnswerContext) -> view.Answered:
    assert answers.what_if is not None
    try:
        found = await answers.what_if.ask(
            grant, request.asked, context.as_of, context.model, new_clients=request.new_clients
        )
    except CannotHappen as error:
        lines = error.lines if isinstance(error, WhichLine) else ()
        raise InvalidInput(str(error), [*_with_line(request, lines, answers.program.catalogue)]) from error
    return view.Answered(found, request.words)


def _with_line(request: Request, lines: Sequence[str], catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Each line with the steps as they would be typed with it, in the first step that changes a line and names none."""
    changes = (each for each in request.asked if each.wish.kind in (WishKind.DOWNGRADE, WishKind.UPGRADE))
    unnamed = (each.words for each in changes if len(line_and_client(each.words, catalogue)) == 1)
    named = " ".join(next(unnamed, ()))
    for line in lines if named in request.words else ():
        yield line, request.words.replace(named, f"{named} {line}", 1)


QUESTION = Question(
    word="whatif",
    usage="steps [for partner]",
    summary="What a sale, a loss, a downgrade, an agreement or a certification would change. Nothing is stored",
    examples=(
        ("/whatif sell 7,500 sourced Acme 20 Sep", "a sale, with its day; a client that isn't yours yet is a new one"),
        ("/whatif sell 500 assisted Marketing Hub Enterprise to Acme", "a product line"),
        ("/whatif lose Bright Harbor and renew certification", "several together"),
        (
            "/whatif downgrade Bright Harbor Marketing Hub to 800",
            "an amount that is left",
        ),
    ),
    parse=parse,
    ask=ask,
    view=view.message,
    record=record,
    by_model=True,
    keeps=frozenset("lose to at with of for from and or but on by until".split()),
)
