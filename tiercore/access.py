"""Viewers and what they may see. A ledger loads only with a Grant, so the permission check can't be skipped."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from tiercore.facts.entries import Role
from tiercore.program import Model
from tiercore.suggestions import is_part, nearest_few, nearest_in_part

MANY = 500  # names; to read more of them takes a thread
LONGEST_NAME = 400  # characters compared with names, which have at most 200
_MAX_FIRST_WORDS = 20
_NO_LETTERS = re.compile(r"[\W_]+")
_ISSUER = object()


@dataclass(frozen=True, slots=True)
class SlackUser:
    """A Slack user, identified by team and user, never by name or e-mail. `channel_id` is the channel they asked in."""

    team_id: str
    user_id: str
    channel_id: str | None = None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A person named by e-mail on the operator's command line."""

    email: str


Viewer = SlackUser | Mailbox


@dataclass(frozen=True, slots=True)
class PartnerName:
    """A partner's ID and name."""

    partner_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Permission for `viewer` to read one partner's ledger. Only a Reach issues one.

    `version` is the partner's own: while it is the same, so are the partner's answers of a day.
    """

    partner: PartnerName
    issuer: object
    viewer: Viewer | None = None
    version: int = 0

    def __post_init__(self) -> None:
        if self.issuer is not _ISSUER:
            raise PermissionError("only a Reach issues a Grant")


class NotLinked(LookupError):
    """The Slack user is linked to no person, or the person to no partner."""


class NoSuchPartner(LookupError):
    """The viewer may see no partner of that name. Missing and forbidden partners look the same."""

    def __init__(self, text: str, similar: Callable[[str], Sequence[PartnerName]] = lambda text: ()) -> None:
        super().__init__(text)
        self.text, self._similar = text, similar

    @cached_property
    def suggestions(self) -> tuple[PartnerName, ...]:
        """The partners with similar names, looked for once and only where they are asked for."""
        return tuple(self._similar(self.text))


class WhichPartner(LookupError):
    """The viewer may see several partners and named none of them, or a name that fits several."""

    def __init__(self, choices: Sequence[PartnerName], text: str | None = None) -> None:
        super().__init__(text)
        self.choices, self.text = tuple(choices), text
        self.words = ""  # the pending question, as its parser read it
        self.detail: str | None = None  # what the question names that only some of the partners have


@dataclass(frozen=True)
class Reach:
    """Who a viewer is and what they may see. `version` is the version of the data this was read from.

    `versions` has each partner's own. `model` is the dashboard the viewer prefers. `here` is the channel's partner: a
    default, not a permission.
    """

    email: str
    name: str
    roles: frozenset[Role]
    partners: tuple[PartnerName, ...]
    version: int = 0
    model: Model | None = None
    here: str | None = None
    viewer: Viewer | None = None
    versions: Mapping[str, int] = field(default_factory=dict, compare=False)

    def grant(self, text: str | None) -> Grant:
        """Permission to read the partner that `text` names: by ID, name, or the first words of exactly one name.

        Without a name: the channel's partner if the viewer may see it, otherwise the viewer's only partner.
        Raises NoSuchPartner, or WhichPartner if several partners fit.
        """
        if text is None:
            here = [partner for partner in self.partners if partner.partner_id == self.here]
            return self._granted(here[0]) if here else self._only_partner()
        found = self.index.named(text)
        if len(found) > 1:
            raise WhichPartner(found, text)
        if not found:
            raise NoSuchPartner(text, self.index.similar)
        return self._granted(found[0])

    def grant_of(self, partner_id: str) -> Grant:
        """Permission to read the partner with exactly this ID, which came from code and was not typed.

        Raises NoSuchPartner.
        """
        for partner in self.partners:
            if partner.partner_id == partner_id:
                return self._granted(partner)
        raise NoSuchPartner(partner_id)

    @property
    def grants(self) -> list[Grant]:
        """Permission to read each of the partners."""
        return [self._granted(partner) for partner in self.partners]

    def is_called(self, text: str) -> bool:
        """Whether the text is the full name or the ID of a partner the viewer may see."""
        return self.index.calls(text)

    @cached_property
    def index(self) -> "PartnerIndex":
        """The partners by name."""
        return partner_index(self.partners)

    def _granted(self, partner: PartnerName) -> Grant:
        return Grant(partner, _ISSUER, self.viewer, self.versions.get(partner.partner_id, 0))

    def _only_partner(self) -> Grant:
        if not self.partners:
            raise NotLinked
        if len(self.partners) > 1:
            raise WhichPartner(self.partners)
        return self._granted(self.partners[0])


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
        self._exact |= {partner.partner_id: [partner] for partner in partners}

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
        return nearest_few(plain(text[:LONGEST_NAME]), self._partners, self._plain_names)

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
