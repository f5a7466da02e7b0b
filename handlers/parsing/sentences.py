"""Questions typed as sentences: "how far are we from platinum, please?" asks what "platinum" asks."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from handlers.parsing.words import MAX_TEXT, Word, words_of
from tiercore.access import plain

if TYPE_CHECKING:
    from handlers.question import Question

POLITE = frozenset(
    "please pls plz kindly thanks thank thx ty cheers hi hello hey bitte danke merci gracias grazie obrigado".split()
)
_FILLERS = POLITE | frozenset(
    (
        "a an the this that these those it its and or also just only still so then but "
        "i me my mine myself we us our ours you your u am is are was were be been being do does did doing done "
        "have has had can could will would shall should may might must let lets "
        "what whats when where which who whom why how hows much many far long soon "
        "show tell give get see list display find check know want need needed like look looking at "
        "to from for of in on by with as about until till within into over during towards against "
        "now today currently current right away next coming upcoming up there here everything all any some "
        "missing left remaining reach reaching become becoming lose losing going happen happens"
    ).split()
)
_CONTRACTED = frozenset("s re m ll ve d t".split())
_PUNCTUATION = "?!;:,.…"


def versions(text: str, question: "Question") -> list[str]:
    """The text as it was typed, without politeness, and without everything that only makes it a sentence.

    Words in quotes stay, and so do those that the question `keeps`; what it `says` only repeats what it is about.
    """
    shorter = _shorter(text[:MAX_TEXT], question.word, question.says, question.keeps)
    return list(dict.fromkeys([text, *shorter]))


@lru_cache(maxsize=1_024)
def _shorter(text: str, word: str, says: frozenset[str], keeps: frozenset[str]) -> tuple[str, str]:
    """The text without politeness, and without everything that only makes it a sentence."""
    bare = [_trimmed(each) for each in words_of(text)]
    polite, short = _without(bare, POLITE), _without(bare, (_FILLERS | {word, *says}) - keeps)
    return _typed(polite), _typed(short)


def without_politeness(words: Sequence[Word]) -> list[Word]:
    """The words that aren't there for politeness alone."""
    return _without(words, POLITE)


def politeness_removed(text: str) -> str:
    """The text without the words that are there for politeness alone."""
    return _typed(without_politeness(words_of(text)))


def _trimmed(word: Word) -> Word:
    """The word without the punctuation that ends it; a word that is all punctuation stays."""
    return word if word.quoted else Word(word.text.rstrip(_PUNCTUATION) or word.text)


def _without(words: Sequence[Word], left_out: Collection[str]) -> list[Word]:
    return [word for word in words if word.quoted or not _says_nothing(word.text, left_out)]


def _says_nothing(text: str, left_out: Collection[str]) -> bool:
    """Whether the word is one of these, a contraction of one ("what's"), or punctuation."""
    first, *endings = plain(text).split() or [""]
    return (first in left_out and _CONTRACTED.issuperset(endings)) or not first


def _typed(words: Sequence[Word]) -> str:
    """The words as they would be typed."""
    return " ".join(f'"{word.text}"' if word.quoted else word.text for word in words)
