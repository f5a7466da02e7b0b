"""What was probably meant: the nearest of the words that would be right."""

from collections.abc import Collection

from rapidfuzz import fuzz, process

_LIKELY = 60.0


def meant(text: str, choices: Collection[str]) -> str | None:
    """The choice most like the text, whatever its case, or None where none is like it."""
    found = process.extractOne(text, sorted(choices), scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_LIKELY)
    return str(found[0]) if found else None


def did_you_mean(text: str, choices: Collection[str]) -> str:
    """ "did you mean platinum? " with its trailing space, or nothing."""
    choice = meant(text, choices)
    return f"did you mean {choice}? " if choice else ""
