"""Suggestions for mistyped words: one "did you mean" for every place where people type."""

from collections.abc import Collection, Iterable, Sequence
from heapq import nsmallest
from typing import TypeVar

from rapidfuzz import fuzz, process

T = TypeVar("T")
VERY_LIKELY = 80.0  # of 100: of a few words among many
LIKELY = 70.0  # of 100: with less, a partner's name would be mistaken for a tier's
MAX_SUGGESTIONS = 3
_LONGEST = 120  # characters compared, however long the text is


def nearest(text: str, choices: Iterable[str]) -> str | None:
    """The choice most similar to the text, ignoring case; None if none scores at least LIKELY (of 100)."""
    found = process.extractOne(
        text[:_LONGEST], sorted(choices), scorer=fuzz.ratio, processor=str.casefold, score_cutoff=LIKELY
    )
    return str(found[0]) if found else None


def nearest_few(text: str, choices: Sequence[T], names: Sequence[str]) -> list[T]:
    """Up to MAX_SUGGESTIONS choices whose names contain the text or score at least LIKELY, best first, then by name.

    `names` are those of the choices, in the same order. Each is compared once, with a text of bounded length.
    """
    query = text[:_LONGEST]
    if not query:
        return []
    found = process.extract(query, names, scorer=fuzz.ratio, score_cutoff=LIKELY, limit=None)
    scored = {at: score for _, score, at in found}
    scored |= {at: 100.0 for at, name in enumerate(names) if is_part(query, name)}
    best = nsmallest(MAX_SUGGESTIONS, scored, key=lambda at: (-scored[at], names[at]))
    return [choices[at] for at in best]


def nearest_in_part(text: str, choices: Sequence[T], names: Sequence[str]) -> list[T]:
    """As nearest_few, by the words of a name that follow each other, as many as the text has; they must be closer."""
    query = text[:_LONGEST]
    size = len(query.split())
    runs = [(at, run) for at, name in enumerate(names) for run in _runs(name.split(), size)] if size else []
    found = process.extract(query, [run for _, run in runs], scorer=fuzz.ratio, score_cutoff=VERY_LIKELY, limit=None)
    scored = {runs[index][0]: score for _, score, index in reversed(found)}
    best = nsmallest(MAX_SUGGESTIONS, scored, key=lambda at: (-scored[at], names[at]))
    return [choices[at] for at in best]


def _runs(words: Sequence[str], size: int) -> list[str]:
    return [" ".join(words[at : at + size]) for at in range(len(words) - size + 1)]


def is_part(query: str, name: str) -> bool:
    """Whether the name contains the query: three characters or more anywhere, fewer as a word of their own."""
    return query in name if len(query) > 2 else f" {query} " in f" {name} "


def did_you_mean(text: str, choices: Collection[str]) -> str:
    """ "Did you mean platinum? " with its trailing space, or an empty string if nothing is similar."""
    choice = nearest(text, choices)
    return f"Did you mean {choice}? " if choice else ""
