"""What was probably meant: the one "did you mean" of the house, so that a slip is judged alike wherever it is typed."""

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from rapidfuzz import fuzz, process

T = TypeVar("T")
LIKELY = 70.0  # of 100: below, a partner's name is taken for a tier's
MOST = 3
_LONGEST = 120  # characters compared; nothing that can be meant is longer


def nearest(text: str, choices: Iterable[str]) -> str | None:
    """The choice most like the text, whatever its case; None where none is at least LIKELY (of 100) like it."""
    found = process.extractOne(
        text[:_LONGEST], sorted(choices), scorer=fuzz.ratio, processor=str.casefold, score_cutoff=LIKELY
    )
    return str(found[0]) if found else None


def nearest_few(text: str, choices: Iterable[T], name_of: Callable[[T], str]) -> list[T]:
    """At most MOST choices whose names contain the text or are LIKELY meant by it, best first, then by name."""
    wanted = text[:_LONGEST]
    if not wanted:
        return []
    every = list(choices)
    names = [name_of(each) for each in every]
    scored = process.extract(wanted, names, scorer=_similarity, score_cutoff=LIKELY, limit=None)
    ranked = sorted(scored, key=lambda found: (-found[1], found[0]))
    return [every[index] for _, _, index in ranked[:MOST]]


def did_you_mean(text: str, choices: Collection[str], *, starts_sentence: bool = True) -> str:
    """ "Did you mean platinum? " with its trailing space, or nothing."""
    choice = nearest(text, choices)
    return f"{'D' if starts_sentence else 'd'}id you mean {choice}? " if choice else ""


def _similarity(wanted: str, name: str, *, score_cutoff: float | None = None, **_: object) -> float:
    return 100.0 if wanted in name else fuzz.ratio(wanted, name, score_cutoff=score_cutoff)
