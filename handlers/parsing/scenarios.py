"""What may happen, as people type it: "sell 7,500 sourced Acme 20 Sep and lose Dune" (how-tiers-work#what-if)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from handlers.parsing.amounts import DOLLAR, MAX_MONEY, POINTS, Figure, as_figure, as_scale, as_unit
from handlers.parsing.days import full_day, named_day
from handlers.parsing.days_ahead import Ahead, as_ahead
from handlers.parsing.words import Word
from handlers.question import InvalidInput
from tiercore.access import plain
from tiercore.facts.entries import DealType, Motion
from tiercore.questions.gap_on import period_end
from tiercore.scenarios.wishes import Asked, Wish, WishKind

MAX_STEPS = 10
HOW = (
    "Type what may happen, like /whatif sell 7,500 sourced Acme 20 Sep, "
    "or /whatif lose Bright Harbor and renew certification."
)
_VERBS = {
    **dict.fromkeys("sell sold selling win won".split(), WishKind.SELL),
    **dict.fromkeys("lose lost losing cancel cancelled churn".split(), WishKind.LOSE),
    **dict.fromkeys("downgrade downgraded reduce lower".split(), WishKind.DOWNGRADE),
    **dict.fromkeys("upgrade upgraded raise".split(), WishKind.UPGRADE),
    **dict.fromkeys("end ended terminate".split(), WishKind.END),
    **dict.fromkeys("extend extended".split(), WishKind.EXTEND),
    **dict.fromkeys("renew renewed".split(), WishKind.RENEW),
}
_DEALS = {
    **dict.fromkeys(("net new", "netnew"), DealType.NET_NEW),
    **dict.fromkeys(("cross sell", "crosssell", "cross sold"), DealType.CROSS_SELL),
    **dict.fromkeys(("upsell", "up sell"), DealType.UPSELL),
    **dict.fromkeys(("renewal",), DealType.RENEWAL),
}
_JOINING = frozenset({"and", "then", "plus", "&"})
_FILLERS = frozenset("to at with of for from the our a an new client customer mrr per month monthly by on".split())
_ARTICLES = frozenset({"the", "our", "my", "a"})
_ABOUT_AGREEMENTS = frozenset({"agreement", "agreements"})
_ABOUT_CERTIFICATIONS = frozenset({"certification", "certificate", "certifications"})
_NEW, _CLIENTS = "new", frozenset({"client", "customer"})
_INTRODUCES = frozenset("on by until till in from end".split())
_TELLS_A_DAY = re.compile(r"\d|today|tomorrow|next|end")
_DEADLINE = frozenset({"by", "on", "before"})
_SPANS = frozenset("dwmy")
_DAY_WORDS = 5
_ENDS = ",;"


@dataclass(frozen=True, slots=True)
class TypedScenario:
    """The steps in their order, and the words before the first one: a partner's name, if anything."""

    before: tuple[Word, ...]
    asked: tuple[Asked, ...]


def scenario_in(words: Sequence[Word], as_of: date) -> TypedScenario | InvalidInput:
    """The steps that the words describe; InvalidInput where there is none, or one can't be used."""
    words = _verbs_first(words)
    starts = [at for at, word in enumerate(words) if _verb(word) and (not at or _joins(words[at - 1]))]
    starts = starts or [at for at, word in enumerate(words) if _verb(word)][:1]
    if not starts:
        return InvalidInput(HOW)
    if len(starts) > MAX_STEPS:
        return InvalidInput(f"That's more than {MAX_STEPS} steps. Try fewer together.")
    found = [_step(words[start:end], as_of) for start, end in zip(starts, [*starts[1:], len(words)], strict=True)]
    if wrong := next((each for each in found if isinstance(each, InvalidInput)), None):
        return wrong
    before = tuple(each for each in words[: starts[0]] if each.quoted or plain(each.text) not in _ARTICLES)
    return TypedScenario(before, tuple(each for each in found if isinstance(each, Asked)))


def _verbs_first(words: Sequence[Word]) -> list[Word]:
    """The words with a verb before what it is about: "certification renewed" as "renewed certification"."""
    found = list(words)
    for at in range(1, len(found)):
        noun = None if found[at - 1].quoted else plain(found[at - 1].text)
        about = _ABOUT_CERTIFICATIONS if _verb(found[at]) is WishKind.RENEW else frozenset[str]()
        if noun in about:
            found[at - 1], found[at] = found[at], found[at - 1]
    return found


def _verb(word: Word) -> WishKind | None:
    return None if word.quoted else _VERBS.get(word.text.casefold().strip(_ENDS))


def _joins(word: Word) -> bool:
    """Whether another step may begin after the word."""
    return not word.quoted and (word.text.endswith(tuple(_ENDS)) or word.text.casefold() in _JOINING)


def _step(words: Sequence[Word], as_of: date) -> Asked | InvalidInput:
    kind = _verb(words[0])
    assert kind is not None
    rest = _bare(words[1:])
    if kind is WishKind.RENEW and any(plain(each.text) in _ABOUT_AGREEMENTS for each in rest):
        kind = WishKind.EXTEND
    found = _day(rest, kind, as_of)
    if isinstance(found, InvalidInput):
        return found
    wish, rest = found
    if kind.takes_amount:
        priced = _with_amount(wish, rest)
        if isinstance(priced, InvalidInput):
            return priced
        wish, rest = priced
    wish, rest = _with_kind(wish, rest) if kind in (WishKind.SELL, WishKind.UPGRADE) else (wish, rest)
    about = _ABOUT_AGREEMENTS if kind in (WishKind.END, WishKind.EXTEND) else frozenset()
    about = _ABOUT_CERTIFICATIONS if kind is WishKind.RENEW else about
    names = [each.text for each in rest if each.quoted or plain(each.text) not in _FILLERS | about]
    if kind is WishKind.RENEW and names:
        return InvalidInput(f"What is renewed? Type renew certification, or extend agreement {' '.join(names)[:40]}.")
    return Asked(wish, tuple(names), _is_new(rest))


def _is_new(words: Sequence[Word]) -> bool:
    """Whether the words say "new client" before its name."""
    said = [None if each.quoted else plain(each.text) for each in words]
    return any(one == _NEW and two in _CLIENTS for one, two in pairwise(said))


def _bare(words: Sequence[Word]) -> list[Word]:
    """The words without what separates steps: commas and semicolons at the end of each, and a last "and"."""
    found = [each if each.quoted else Word(each.text.rstrip(_ENDS)) for each in words]
    found = [each for each in found if each.text]
    while found and not found[-1].quoted and found[-1].text.casefold() in _JOINING:
        found.pop()
    return found


def _day(words: list[Word], kind: WishKind, as_of: date) -> tuple[Wish, list[Word]] | InvalidInput:
    """A wish with the day among the words, the longest that names one, and the others.

    What is renewed by or on a day begins then; until a day, it is valid.
    """
    wish = Wish(kind)
    for size in range(min(_DAY_WORDS, len(words)), 0, -1):
        for start in range(len(words) - size, -1, -1):
            taken = words[start : start + size]
            text = " ".join(each.text for each in taken)
            if any(each.quoted for each in taken) or not _may_be_a_day(taken):
                continue
            far = _far_ahead(text) if kind in (WishKind.EXTEND, WishKind.RENEW) else None
            found = far or as_ahead(text, as_of)
            if isinstance(found, InvalidInput):
                return found
            if found:
                rest = [*words[:start], *words[start + size :]]
                wish = replace(wish, day=_of(found, kind, as_of), is_day_assumed=found.is_month)
                by = kind is WishKind.RENEW and plain(taken[0].text) in _DEADLINE
                return (replace(wish, day=None, starts_on=wish.day) if by else wish), rest
    return wish, words


def _may_be_a_day(words: Sequence[Word]) -> bool:
    """Whether the words say a day, and not an amount or a name: a month alone or a span takes a word before it."""
    first, *others = (each.text.casefold() for each in words)
    if first in _INTRODUCES and others:
        return True
    is_span = first != "next" and any(
        each in _SPANS or each.startswith(("day", "week", "month", "year")) for each in (first, *others)
    )
    is_figure = not others and first.replace(",", "").isdigit()
    return bool(_TELLS_A_DAY.search(" ".join((first, *others)))) and not is_span and not is_figure


def _far_ahead(text: str) -> Ahead | None:
    """A full day that may be years ahead, for what lasts until then."""
    named = [word for word in plain(text).split() if word not in _INTRODUCES]
    try:
        if day := full_day(" ".join(named)):
            return Ahead(day)
        if (found := named_day(named)) and found[0]:
            return Ahead(date(found[0], found[1], found[2]))
    except ValueError:
        return None
    return None


def _of(found: Ahead, kind: WishKind, as_of: date) -> date:
    """The day; of a month its last for what lasts until then, else its first, or today."""
    if not found.is_month:
        return found.day
    if kind in (WishKind.EXTEND, WishKind.RENEW, WishKind.END):
        return period_end(1, found.day)
    return max(found.day, as_of)


def _with_amount(wish: Wish, words: list[Word]) -> tuple[Wish, list[Word]] | InvalidInput:
    """The wish with the first figure among the words as its MRR, and the others."""
    found = ((at, as_figure(each.text)) for at, each in enumerate(words) if not each.quoted)
    at, figure = next(((at, figure) for at, figure in found if figure), (0, None))
    if figure is None:
        return InvalidInput(f"How much MRR? Type it, like /whatif {wish.kind.value} 7,500 Acme.")
    if figure.error:
        return InvalidInput(str(figure.error).partition(", like ")[0].rstrip(".") + ".")
    before, after = words[:at], words[at + 1 :]
    if after and not after[0].quoted and (scale := as_scale(after[0].text)):
        figure, after = replace(figure, hundredths=figure.hundredths * scale), after[1:]
    unit, before, after = _unit(figure, before, after)
    if unit == POINTS:
        return InvalidInput("Type MRR, not points. /convert 225 points says what MRR earns them.")
    if figure.hundredths > MAX_MONEY * 100:
        return InvalidInput(f"The amount must be at most {MAX_MONEY:,}.")
    if wish.kind is WishKind.SELL and not figure.hundredths:
        return InvalidInput("The amount must be above zero.")
    currency = "USD" if unit == DOLLAR else unit
    return replace(wish, hundredths=figure.hundredths, currency=currency), [*before, *after]


def _unit(figure: Figure, before: list[Word], after: list[Word]) -> tuple[str | None, list[Word], list[Word]]:
    """The unit attached to the figure, behind it or before it, and the other words."""
    if figure.unit:
        return figure.unit, before, after
    if after and not after[0].quoted and (unit := as_unit(after[0].text)):
        return unit, before, after[1:]
    if before and not before[-1].quoted and (unit := as_unit(before[-1].text)):
        return unit, before[:-1], after
    return None, before, after


def _with_kind(wish: Wish, words: list[Word]) -> tuple[Wish, list[Word]]:
    """The wish with the motion and the kind of deal among the words, and the others."""
    rest = list[Word]()
    at = 0
    while at < len(words):
        one, two = plain(words[at].text), plain(" ".join(each.text for each in words[at : at + 2]))
        if words[at].quoted:
            rest.append(words[at])
        elif one in tuple(Motion):
            wish = replace(wish, motion=Motion(one))
        elif two in _DEALS and len(words) > at + 1 and " " in two and two != one:
            wish, at = replace(wish, deal_type=_DEALS[two]), at + 1
        elif one in _DEALS:
            wish = replace(wish, deal_type=_DEALS[one])
        else:
            rest.append(words[at])
        at += 1
    return wish, rest
