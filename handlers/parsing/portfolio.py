"""What is asked of a portfolio: "at risk tier gold cam carla by points page 2", in any order."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, combinations, pairwise
from typing import TypeVar

from handlers.parsing.words import Word, as_page, as_tier, joined
from handlers.question import InvalidInput
from handlers.views.parts.portfolio_request import COMPARE, PortfolioRequest, Unclear
from tiercore.access import plain
from tiercore.portfolio.state import NO_TIER, SOON, By, Show
from tiercore.suggestions import nearest

T = TypeVar("T")
FEWEST, MOST = 2, 4  # partners side by side
_LONGEST_PHRASE = 5
_LONGEST = 14  # words of which names are made without quotes
_SHOWN = {
    **{show.value: show for show in Show},
    **dict.fromkeys(("risk", "in danger", "danger", "needs attention", "attention"), Show.AT_RISK),
    **dict.fromkeys(("close to the next tier", "nearly there"), Show.CLOSE),
    **dict.fromkeys(("red", "red soon", "turning red", "turns red", "red in 30d", "red 30 days"), Show.RED_SOON),
    **dict.fromkeys(("expire", "expires", "expiry"), Show.EXPIRING),
    **dict.fromkeys(("moved", "moving", "changed"), Show.MOVERS),
    **dict.fromkeys(("can t be judged", "not judged", "unknown"), Show.UNJUDGED),
    **dict.fromkeys(("everyone", "everybody", "partners"), Show.ALL),
}
_UNTIERED = dict.fromkeys(("untiered", "no tier", "without a tier", "without tier", "tierless"), NO_TIER)
_ORDERS = {**{by.value: by for by in By}, "urgency": By.RISK, "day": By.DAYS, "point": By.POINTS}
_SEPARATORS = frozenset({"and", "vs", "versus", "with", "against", "to"})
_VOCABULARY = (*(show.value for show in Show if show is not Show.ALL), "tier", "cam", "by points", "by days", COMPARE)
_HINT = (
    "You can say at risk, close, red in 30 days, expiring, movers, unjudged, tier gold, a CAM's name, and by points, "
    "risk or days."
)


def as_request(words: Sequence[Word], tiers: Collection[str]) -> PortfolioRequest:
    """What the words ask for. Raises InvalidInput, with what may have been meant."""
    if words and not words[0].quoted and plain(words[0].text) == COMPARE:
        return PortfolioRequest(compared=" ".join(_quoted(each) for each in words[1:]) or '""')
    request, at, unclear = PortfolioRequest(), 0, list[int]()
    while at < len(words):
        said, size = _next(request, words[at:], tiers)
        require_one(request, said)
        request = said
        if not size:
            unclear.append(at)
        at += size or 1
    return _with_unclear(request, words, unclear, tiers) if unclear else request


def require_one(before: PortfolioRequest, after: PortfolioRequest) -> None:
    """Raises InvalidInput, with both to choose from, where words ask for another list, tier, CAM or order than earlier
    ones.
    """
    pairs = (
        (before.of.show, after.of.show, Show.ALL, "lists"),
        (before.of.tier, after.of.tier, None, "tiers"),
        (before.of.cam, after.of.cam, None, "CAMs"),
        (before.by, after.by, By.RISK, "orders"),
    )
    for one, other, default, kind in pairs:
        if one not in (default, other):
            choices = [(f"/portfolio {each.words}"[:75], each.words) for each in (before, after)]
            raise InvalidInput(f"Those are two {kind}, “{one}” and “{other}”. Which one do you mean?", choices)


def _in_quotes(request: PortfolioRequest, word: Word, tiers: Collection[str]) -> PortfolioRequest | None:
    """The request with what the text in quotes says of it; None where some of it isn't understood."""
    words, at = [Word(each) for each in word.text.split()], 0
    while at < len(words):
        try:
            request, size = _next(request, words[at:], tiers)
        except InvalidInput:
            return None
        if not size:
            return None
        at += size
    return request


def _with_unclear(
    request: PortfolioRequest, words: Sequence[Word], unclear: Sequence[int], tiers: Collection[str]
) -> PortfolioRequest:
    """The request with the words that say nothing, which may be a CAM's name where they are together."""
    first, last, error = unclear[0], unclear[-1], _not_understood(words, unclear[0], tiers)
    if request.of.cam or last - first >= len(unclear):
        raise error
    text = joined(words[first : last + 1]) or ""
    return replace(request, unclear=Unclear(text, str(error), error.choices, request.words))


def _next(request: PortfolioRequest, words: Sequence[Word], tiers: Collection[str]) -> tuple[PortfolioRequest, int]:
    """The request with what the next words say of it, and how many they are; 0 where they say nothing."""
    if words[0].quoted:
        said = _in_quotes(request, words[0], tiers)
        return (request, 0) if said is None else (said, 1)
    page, size = as_page(words)
    if page:
        return replace(request, page=page), size
    first = plain(words[0].text)
    if first in ("by", "sorted", "order") and len(words) > 1 and (by := _ORDERS.get(plain(words[1].text))):
        return replace(request, by=by), 2
    if first == "cam" and len(words) > 1:
        size = _length_of_name(words[1:])
        return replace(request, of=replace(request.of, cam=joined(words[1 : 1 + size]))), 1 + size
    if first == "tier":
        return replace(request, of=replace(request.of, tier=_tier(words[1:], tiers))), 2
    show, size = _phrase(words, _SHOWN)
    if show is not None:
        return replace(request, of=replace(request.of, show=show)), size
    tier, size = _phrase(words, _UNTIERED)
    if tier is None:
        tier = as_tier(words[0], tiers)
        size = 2 if len(words) > 1 and not words[1].quoted and plain(words[1].text) == "tier" else 1
    return (replace(request, of=replace(request.of, tier=tier)), size) if tier else (request, 0)


def _phrase(words: Sequence[Word], meanings: Mapping[str, T]) -> tuple[T | None, int]:
    """What the next words mean, by as many of them as mean something."""
    for size in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
        found = None if any(each.quoted for each in words[:size]) else meanings.get(plain(joined(words[:size]) or ""))
        if found is not None:
            return found, size
    return None, 0


def _tier(words: Sequence[Word], tiers: Collection[str]) -> str:
    """The tier that the first word names, "none" for none. Raises InvalidInput."""
    known = f"Tiers: {', '.join(tiers)}, {NO_TIER}."
    if not words:
        raise InvalidInput(f"Which tier? {known}", [(f"Tier {each}", f"tier {each}") for each in (*tiers, NO_TIER)])
    word = words[0]
    if plain(word.text) in (NO_TIER, "untiered", "no"):
        return NO_TIER
    if tier := as_tier(word, tiers):
        return tier
    found = nearest(word.text, tiers)
    choices = [(f"Tier {found}", f"tier {found}")] if found else []
    raise InvalidInput(f"There's no tier “{word.text[:40]}”. {known}", choices)


def _length_of_name(words: Sequence[Word]) -> int:
    """How many words a CAM's name has: one in quotes, or those before something else that is asked for."""
    if words[0].quoted:
        return 1
    for size in range(1, len(words)):
        rest = words[size:]
        if _phrase(rest, _SHOWN)[0] is not None or (
            not rest[0].quoted and plain(rest[0].text) in ("by", "tier", "page")
        ):
            return size
    return len(words)


def _not_understood(words: Sequence[Word], at: int, tiers: Collection[str]) -> InvalidInput:
    """The words from there on say nothing: what they may have meant."""
    if plain(joined(words[at : at + 2]) or "").removesuffix("s").removesuffix(" day").isdigit():
        return _with_days(words, at)
    for start, end in _around(at, len(words)):
        text = plain(joined(words[start:end]) or "")
        found = f"tier {NO_TIER}" if text == NO_TIER else nearest(text, (*_VOCABULARY, *sorted(tiers)))
        if found and found not in ("tier", "cam", COMPARE):
            said_before = start > 0 and plain(words[start - 1].text) == found.partition(" ")[0]
            start = start - 1 if said_before else start
            rest = [*words[:start], Word(found), *words[end:]]
            meant = " ".join(_quoted(each) if each.quoted else each.text for each in rest)
            return InvalidInput(_unknown(words[at:]), [(f"/portfolio {meant}", meant)])
    return InvalidInput(f"{_unknown(words[at:])} For one partner, type /tier and its name.")


def _with_days(words: Sequence[Word], at: int) -> InvalidInput:
    """The two words there are a number of days, which can't be chosen."""
    rest = " ".join(_quoted(each) if each.quoted else each.text for each in (*words[:at], *words[at + 2 :]))
    return InvalidInput(f"Lists look {SOON} days ahead.", [(f"/portfolio {rest}".strip(), rest)])


def _around(at: int, count: int) -> Iterator[tuple[int, int]]:
    """The runs of at most _LONGEST_PHRASE words with the word at this index: those that begin with it first, short ones
    first.
    """
    for start in range(at, max(-1, at - _LONGEST_PHRASE), -1):
        yield from ((start, end) for end in range(at + 1, min(count, start + _LONGEST_PHRASE) + 1))


def _unknown(words: Sequence[Word]) -> str:
    return f"I don't understand “{(joined(words) or '')[:60]}”. {_HINT}"


def _quoted(word: Word) -> str:
    return f'"{word.text}"' if word.quoted or " " in word.text else word.text


def names_in(words: Sequence[Word]) -> Iterator[list[str]]:
    """The ways to read the words as names: as they are separated, else every way to divide what isn't in quotes."""
    runs = separated(words)
    flat, ends = [word for run in runs for word in run], {0, *accumulate(map(len, runs))}
    within = [at for at in range(1, len(flat)) if at not in ends] if len(flat) <= _LONGEST else []
    for more in range(MOST - len(runs) + 1 if within else 1):
        for cuts in combinations(within, more):
            yield [joined(flat[a:b]) or "" for a, b in pairwise(sorted({*ends, *cuts}))]


def separated(words: Sequence[Word]) -> list[list[Word]]:
    """The words of each name between quotes, commas and words like "and"."""
    runs = [list[Word]()]
    for word in words:
        if word.quoted:
            runs += [[word], []]
        elif plain(word.text) in _SEPARATORS:
            runs.append([])
        else:
            text = word.text.rstrip(",;")
            runs[-1] += [Word(text)] if text else []
            runs += [[]] if text != word.text else []
    return [run for run in runs if run]
