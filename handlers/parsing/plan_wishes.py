"""What a plan may be limited to: "growth", "assisted", "no managed", "at most 5,000 MRR a month"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from handlers.parsing.amounts import DOLLAR, POINTS, as_figure, as_scale, as_unit
from handlers.parsing.words import Word
from handlers.question import InvalidInput
from tiercore.access import plain
from tiercore.facts.money import minor_digits

_MOST = frozenset({"most", "max", "maximum"})
_UP = ("up", "to")
_AROUND_AMOUNT = frozenset("mrr a an per each every month monthly months sold of in".split())
_NOT = frozenset({"no", "without", "not"})
_ONLY = frozenset({"only", "sales", "deals", "markets", "market", "points", "clients"})
_HOW = "Type the most MRR to sell each month, like at most 5,000 MRR a month."


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is wished for. `most_a_month` are hundredths of `currency`, or of the partner's own where that is None."""

    growth: bool = False
    assisted: bool = False
    managed: bool = True
    most_a_month: int | None = None
    currency: str | None = None

    def __str__(self) -> str:
        """The wishes as they would be typed."""
        return " ".join(filter(None, self._words()))

    def _words(self) -> Iterator[str]:
        yield "growth" if self.growth else ""
        yield "assisted" if self.assisted else ""
        yield "" if self.managed else "no managed"
        if self.most_a_month is not None:
            whole, part = divmod(self.most_a_month, 100)
            amount = f"{whole}{f'.{part:02d}' if part else ''}"
            yield f"at most {amount}{f' {self.currency}' if self.currency else ''} a month"


def wishes_in(words: Sequence[Word]) -> tuple[Wishes | InvalidInput, list[Word]]:
    """The wishes among the words, and the other words. A word in quotes is no wish."""
    found, rest, at = Wishes(), list[Word](), 0
    while at < len(words):
        taken = _wish_at(words, at, found)
        if isinstance(taken, InvalidInput):
            return taken, rest
        if taken is None:
            rest.append(words[at])
            at += 1
        else:
            found, at = taken
            at = _past(words, at, _ONLY)
    return found, rest


def _wish_at(words: Sequence[Word], at: int, found: Wishes) -> tuple[Wishes, int] | InvalidInput | None:
    word = _plain(words, at)
    if word == "growth":
        return replace(found, growth=True), at + 1
    if word == "assisted":
        return replace(found, assisted=True), at + 1
    if word in _NOT and _plain(words, at + 1) in ("managed", "managing"):
        return replace(found, managed=False), at + 2
    after = _after_most(words, at)
    return None if after is None else _amount(words, after, found)


def _after_most(words: Sequence[Word], at: int) -> int | None:
    """Where the amount begins after "at most", "max" or "up to"; None for other words."""
    if (_plain(words, at), _plain(words, at + 1)) == _UP:
        return at + 2
    if _plain(words, at) == "at" and _plain(words, at + 1) in _MOST:
        return at + 2
    return at + 1 if _plain(words, at) in _MOST else None


def _amount(words: Sequence[Word], at: int, found: Wishes) -> tuple[Wishes, int] | InvalidInput:
    unit = as_unit(words[at].text) if at < len(words) else None
    at += unit is not None
    figure = as_figure(words[at].text.split("/")[0]) if at < len(words) and not words[at].quoted else None
    if figure is None:
        return InvalidInput(_HOW)
    if figure.error:
        return figure.error
    at, amount, unit = at + 1, figure.hundredths, figure.unit or unit
    if scale := as_scale(_plain(words, at)):
        at, amount = at + 1, amount * scale
    if unit is None and (after := as_unit(words[at].text) if at < len(words) else None):
        at, unit = at + 1, after
    if unit == POINTS:
        return InvalidInput(_HOW)
    currency = None if unit in (None, DOLLAR) else unit
    if currency and amount * 10 ** minor_digits(currency) % 100:
        return InvalidInput(f"{currency} has no cents. {_HOW}")
    return replace(found, most_a_month=amount, currency=currency), _past(words, at, _AROUND_AMOUNT)


def _past(words: Sequence[Word], at: int, known: frozenset[str]) -> int:
    while at < len(words) and (_plain(words, at) in known or words[at].text.startswith("/")):
        at += 1
    return at


def _plain(words: Sequence[Word], at: int) -> str:
    return "" if at >= len(words) or words[at].quoted else plain(words[at].text)
