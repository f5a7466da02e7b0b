"""Ids made of names, where an export has none: stable from one export to the next, and checked for collisions."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.problems import BadCell

_LONGEST = 80
_OTHER = re.compile(r"[\W_]+")


def slug(text: str) -> str:
    """The letters and digits of a text in lower case, without accents, joined by hyphens: "müller-co" → muller-co.

    It depends on nothing but the text. A long one is cut and ends in a checksum of the whole.
    """
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(each for each in letters if not unicodedata.combining(each))
    made = _OTHER.sub("-", unicodedata.normalize("NFC", bare)).strip("-")
    return made if len(made) <= _LONGEST else f"{made[:_LONGEST]}-{sha256(made.encode()).hexdigest()[:8]}"


@dataclass(slots=True)
class DerivedIds:
    """The ids made so far for one of our columns, each with the text that it was made of."""

    made_of: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, parts: Sequence[str], prefix: str) -> str:
        """The id of these texts; empty if the first is empty. Raises BadCell if another text has the same id."""
        texts = tuple(map(plain, parts))
        if not texts[0]:
            return ""
        made = "-".join(filter(None, map(slug, texts)))
        if not slug(texts[0]):
            raise BadCell("no id", "has no letter or digit to make an id of", "give it a name, or a column with its id")
        before = self.made_of.setdefault(prefix + made, texts)
        if before != texts:
            message = f"gives the id {prefix}{made}, and so does {' + '.join(before)}"
            remedy = "write both the same way if they are one; if not, add to id_from a column that tells them apart"
            raise BadCell("one id for two", message, remedy)
        return prefix + made
