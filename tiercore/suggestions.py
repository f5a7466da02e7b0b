"""Suggestions for mistyped words: one "did you mean" for every place where people type."""

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from rapidfuzz import fuzz, process

T = TypeVar("T")
LIKELY = 70.0  # of 100: with less, a partner's name would be mistaken for a tier's
MAX_SUGGESTIONS = 3
_LONGEST = 120  # characters compared; no choice is longer


def nearest(text: str, choices: Iterable[str]) -> str | None:
    """The choice most similar to the text, ignoring case; None if none scores at least LIKELY (of 100)."""
    found = process.extractOne(
        text[:_LONGEST], sorted(choices), scorer=fuzz.ratio, processor=str.casefold, score_cutoff=LIKELY
    )
    return str(found[0]) if found else None


def nearest_few(text: str, choices: Iterable[T], name_of: Callable[[T], str]) -> list[T]:
    """Up to MAX_SUGGESTIONS choices whose names contain the text or score at least LIKELY, best first, then by name."""
    query = text[:_LONGEST]
    if not query:
        return []
    listed = list(choices)
    names = [name_of(each) for each in listed]
    scored = process.extract(query, names, scorer=_similarity, score_cutoff=LIKELY, limit=None)
    ranked = sorted(scored, key=lambda found: (-found[1], found[0]))
    return [listed[index] for _, _, index in ranked[:MAX_SUGGESTIONS]]


def did_you_mean(text: str, choices: Collection[str]) -> str:
    """ "Did you mean platinum? " with its trailing space, or an empty string if nothing is similar."""
    choice = nearest(text, choices)
    return f"Did you mean {choice}? " if choice else ""


def _similarity(query: str, name: str, *, score_cutoff: float | None = None, **_: object) -> float:
    return 100.0 if query in name else fuzz.ratio(query, name, score_cutoff=score_cutoff)
