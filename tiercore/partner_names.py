"""Partners by name: looked up leniently, in an index that is made once for a list of them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tiercore.suggestions import is_part, nearest_few, nearest_in_part

LONGEST_NAME = 400  # characters compared with names, which have at most 200
_MAX_FIRST_WORDS = 20
_KEPT_SEARCHES = 64
_NO_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class PartnerName:
    """A partner's ID and name."""

    partner_id: str
    name: str


class Partners(tuple[PartnerName, ...]):
    """A long list of partners that many questions share: its hash and its index are made once, and kept with it."""

    @cached_property
    def by_name(self) -> "PartnerIndex":
        """The partners by their names."""
        return PartnerIndex(self)

    @cached_property
    def _hash(self) -> int:
        return super().__hash__()

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other


class PartnerIndex:
    """Partners by ID, name and first words: a look-up takes no longer for 5,000 of them than for one."""

    def __init__(self, partners: Sequence[PartnerName]) -> None:
        self._partners, self._plain_names = partners, [plain(partner.name) for partner in partners]
        self._exact: dict[str, list[PartnerName]] = {}
        self._plain: dict[str, list[PartnerName]] = {}
        self._starting: dict[str, PartnerName | None] = {}
        for partner, name in zip(partners, self._plain_names, strict=True):
            self._exact.setdefault(partner.name, []).append(partner)
            for key in {name, plain(partner.partner_id)}:
                self._plain.setdefault(key, []).append(partner)
            for start in _first_words(name):
                self._starting[start] = None if start in self._starting else partner
        self._by_id = {partner.partner_id: partner for partner in partners}
        self._exact |= {partner.partner_id: [partner] for partner in partners}
        self._searched = lru_cache(_KEPT_SEARCHES)(self._similar)

    def of_id(self, partner_id: str | None) -> PartnerName | None:
        """The partner with exactly this ID."""
        return self._by_id.get(partner_id) if partner_id is not None else None

    def named(self, text: str) -> Sequence[PartnerName]:
        """The partners with this ID or name, or whose name alone begins with these words."""
        if len(text) > LONGEST_NAME:
            return ()
        query = plain(text)
        starting = self._starting.get(query)
        return self._exact.get(text) or self._plain.get(query) or ([starting] if starting else ())

    def equal_to(self, text: str) -> Sequence[PartnerName]:
        """The partners with this ID or name: as it is written, else in any case, without accents and punctuation."""
        if len(text) > LONGEST_NAME:
            return ()
        return self._exact.get(text) or self._plain.get(plain(text)) or ()

    def containing(self, text: str) -> Sequence[PartnerName]:
        """The partners whose names contain the text."""
        query = plain(text[:LONGEST_NAME])
        named = zip(self._partners, self._plain_names, strict=True)
        return [partner for partner, name in named if is_part(query, name)] if query else ()

    def calls(self, text: str) -> bool:
        """Whether the text is the full name or the ID of a partner."""
        return len(text) <= LONGEST_NAME and plain(text) in self._plain

    def similar(self, text: str) -> list[PartnerName]:
        """The partners with the most similar names, best first: names that contain the text, then near misses."""
        return list(self._searched(plain(text[:LONGEST_NAME])))

    def _similar(self, query: str) -> tuple[PartnerName, ...]:
        return tuple(nearest_few(query, self._partners, self._plain_names))

    def starting(self, text: str, limit: int) -> list[PartnerName]:
        """At most `limit` partners for a list that is narrowed while somebody types: those whose names begin with the
        text, then those with a word that does, then those that contain it, and those with the ID; all for no text.
        """
        query = plain(text[:LONGEST_NAME])
        found: tuple[list[PartnerName], list[PartnerName], list[PartnerName]] = ([], [], [])
        by_id = [partner for partner in self._plain.get(query, ()) if plain(partner.partner_id) == query]
        for partner, name in zip(self._partners, self._plain_names, strict=True):
            if query in name:
                found[0 if name.startswith(query) else 1 if f" {query}" in name else 2].append(partner)
                if len(found[0]) == limit:
                    break
        return list(dict.fromkeys((*by_id, *found[0], *found[1], *found[2])))[:limit]

    def alike(self, text: str) -> list[PartnerName]:
        """The partners with the most similar names, or else those with similar words in their names."""
        query = plain(text[:LONGEST_NAME])
        return self.similar(text) or nearest_in_part(query, self._partners, self._plain_names)


@lru_cache(maxsize=32)
def partner_index(partners: tuple[PartnerName, ...]) -> PartnerIndex:
    """The index of these partners, kept while they are asked for."""
    return PartnerIndex(partners)


def _first_words(name: str) -> list[str]:
    """Every beginning of a plain name that ends before another word."""
    words = name.split(" ", _MAX_FIRST_WORDS)
    return [" ".join(words[:count]) for count in range(1, len(words))]


def plain(text: str) -> str:
    """The text without case, accents, punctuation and extra spaces, for comparing names leniently."""
    if text.isascii():
        return _NO_LETTERS.sub(" ", text.casefold()).strip()
    folded = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(character for character in folded if not unicodedata.combining(character))
    return _NO_LETTERS.sub(" ", letters).strip()
