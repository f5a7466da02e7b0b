"""`/convert`: what are points worth in money, and money in points?"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from handlers.parsing.amounts import (
    DOLLAR,
    POINTS,
    Figure,
    amount_of,
    as_figure,
    as_scale,
    as_unit,
    without_spaces,
)
from handlers.parsing.readings import readings
from handlers.parsing.words import words_of
from handlers.question import AnswerContext, InvalidInput, ParseContext, Question, Reading
from handlers.views.answers import convert as view
from tiercore.access import Grant
from tiercore.facts.money import Money
from tiercore.facts.points import Source, as_decimal
from tiercore.questions.convert import Conversion, ToConvert

if TYPE_CHECKING:
    from tiercore.answers import Answers


MAX_WORDS = 10
_SOLD = (Source.SOURCED, Source.ASSISTED)
_SOURCES = {
    "sourced": (Source.SOURCED,),
    "assisted": (Source.ASSISTED,),
    "sold": _SOLD,
    "selling": _SOLD,
    "managed": (Source.MANAGED,),
    "managing": (Source.MANAGED,),
}
_GROWTH = "growth"
_FILLERS = frozenset("to in into of for from = mrr monthly market markets customer customers worth".split())
_NOTHING = "Convert what? Type an amount, like /convert 225 points or /convert €5,000 assisted."
_TWO_CURRENCIES = "I convert between points and money, not between two currencies: name one currency."


def parse(text: str, _context: ParseContext) -> Sequence[Reading]:
    """`amount [motion] [growth] [partner]`, the partner first or last; the words around the amount in any order."""
    return readings(words_of(text), MAX_WORDS, as_request, as_typed, InvalidInput(_NOTHING))


def as_request(text: str) -> ToConvert | InvalidInput | None:
    """The request; InvalidInput for an unusable amount, None where a word is unknown or there is no number."""
    parts: list[Figure | str] = []
    sources: tuple[Source, ...] = ()
    growth = False
    for word in without_spaces(text).split():
        folded = word.casefold()
        if (scale := as_scale(word)) and parts and isinstance(parts[-1], Figure):
            parts[-1] = replace(parts[-1], hundredths=parts[-1].hundredths * scale)
        elif (figure := as_figure(word)) or (unit := as_unit(word)):
            parts.append(figure or str(unit))
        elif folded in _SOURCES:
            sources += _SOURCES[folded]
        elif folded == _GROWTH:
            growth = True
        elif folded not in _FILLERS:
            return None
    return _request(parts, tuple(dict.fromkeys(sources)), growth=growth)


def _request(
    parts: list[Figure | str], sources: tuple[Source, ...], *, growth: bool
) -> ToConvert | InvalidInput | None:
    """The request for one number and the units around it: the nearest unit is its own, another one is the target."""
    figures = [part for part in parts if isinstance(part, Figure)]
    if len(figures) != 1:
        return None
    unit, targets = _unit(parts, figures[0])
    amount = amount_of(figures[0], unit)
    if isinstance(amount, InvalidInput):
        return amount
    fitting = [target for target in targets if (target == POINTS) is isinstance(amount, Money)]
    if len(targets) > 1 or len(fitting) < len(targets):
        return InvalidInput(_TWO_CURRENCIES) if isinstance(amount, Money) else None
    currency = None if isinstance(amount, Money) or not fitting else fitting[0].replace(DOLLAR, "USD")
    return ToConvert(amount, sources, growth, currency, bare_dollar=unit == DOLLAR, bare_number=unit is None)


def _unit(parts: list[Figure | str], figure: Figure) -> tuple[str | None, list[str]]:
    """The number's unit (attached, after it, or before it), and the other units."""
    at = parts.index(figure)
    units = [(index, part) for index, part in enumerate(parts) if isinstance(part, str)]
    if figure.unit:
        return figure.unit, [part for _, part in units]
    near = [index for index, _ in units if index == at + 1] or [index for index, _ in units if index == at - 1]
    return (str(parts[near[0]]) if near else None), [part for index, part in units if index not in near]


def as_typed(request: ToConvert) -> str:
    """The request as it would be typed again."""
    amount = request.amount
    if isinstance(amount, Money):
        first = f"{DOLLAR if request.bare_dollar else ''}{amount.as_decimal()}"
        words = [first] if request.bare_dollar else [first, amount.currency]
    else:
        words = [as_decimal(amount)] if request.bare_number else [as_decimal(amount), POINTS]
    words += [request.currency] if request.currency else []
    return " ".join([*words, *request.sources, *([_GROWTH] if request.growth_market else [])])


async def ask(answers: "Answers", grant: Grant | None, request: ToConvert, context: AnswerContext) -> Conversion:
    return await answers.convert(grant, request, context.as_of)


QUESTION = Question(
    word="convert",
    usage="amount [motion] [growth] [partner]",
    summary="Points into money and money into points, for each motion and for growth markets",
    examples=(
        ("/convert 225 points", "the MRR that earns them, in your currency"),
        ("/convert 225 points in EUR", "in another currency of the program's table"),
        ("/convert €5,000 assisted", "what that MRR earns: sourced, assisted or managed"),
        ("/convert 5000 USD managed growth", "for clients in growth markets"),
    ),
    parse=parse,
    ask=ask,
    says=frozenset("convert worth".split()),
    view=view.message,
    record=view.record,
    keeps=frozenset({"all"}),
    needs_partner=False,
)
