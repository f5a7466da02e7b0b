"""Comparing text of theirs: headers, values and names, without capitals and repeated spaces."""

import unicodedata


def plain(text: str) -> str:
    """The text without differences that people don't see: in lower case, composed, with single plain spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())
