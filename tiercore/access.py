"""Viewers and what they may see. A ledger loads only with a Grant, so the permission check can't be skipped."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tiercore.facts.entries import Role
from tiercore.program import Model
from tiercore.suggestions import nearest_few

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
    """Permission for `viewer` to read one partner's ledger. Only a Reach issues one."""

    partner: PartnerName
    issuer: object
    viewer: Viewer | None = None

    def __post_init__(self) -> None:
        if self.issuer is not _ISSUER:
            raise PermissionError("only a Reach issues a Grant")


class NotLinked(LookupError):
    """The Slack user is linked to no person, or the person to no partner."""


class NoSuchPartner(LookupError):
    """The viewer may see no partner of that name. Missing and forbidden partners look the same."""

    def __init__(self, text: str, suggestions: Sequence[PartnerName] = ()) -> None:
        super().__init__(text)
        self.text, self.suggestions = text, tuple(suggestions)


class WhichPartner(LookupError):
    """The viewer may see several partners and named none of them, or a name that fits several."""

    def __init__(self, choices: Sequence[PartnerName], text: str | None = None) -> None:
        super().__init__(text)
        self.choices, self.text = tuple(choices), text
        self.words = ""  # the pending question, as its parser read it


@dataclass(frozen=True, slots=True)
class Reach:
    """Who a viewer is and what they may see. `version` is the version of the data this was read from.

    `model` is the dashboard the viewer prefers. `here` is the channel's partner: a default, not a permission.
    """

    email: str
    name: str
    roles: frozenset[Role]
    partners: tuple[PartnerName, ...]
    version: int = 0
    model: Model | None = None
    here: str | None = None
    viewer: Viewer | None = None

    def grant(self, text: str | None) -> Grant:
        """Permission to read the partner that `text` names: by ID, name, or the first words of exactly one name.

        Without a name: the channel's partner if the viewer may see it, otherwise the viewer's only partner.
        Raises NoSuchPartner, or WhichPartner if several partners fit.
        """
        if text is None:
            here = [partner for partner in self.partners if partner.partner_id == self.here]
            return self._granted(here[0]) if here else self._only_partner()
        found = self._partners_named(text)
        if len(found) > 1:
            raise WhichPartner(found, text)
        if not found:
            raise NoSuchPartner(text, similar_partners(text, self.partners))
        return self._granted(found[0])

    def grant_of(self, partner_id: str) -> Grant:
        """Permission to read the partner with exactly this ID, which came from code and was not typed.

        Raises NoSuchPartner.
        """
        for partner in self.partners:
            if partner.partner_id == partner_id:
                return self._granted(partner)
        raise NoSuchPartner(partner_id, [])

    def is_called(self, text: str) -> bool:
        """Whether the text is the full name or the ID of a partner the viewer may see."""
        query = plain(text)
        return any(query in (plain(partner.name), plain(partner.partner_id)) for partner in self.partners)

    def _granted(self, partner: PartnerName) -> Grant:
        return Grant(partner, _ISSUER, self.viewer)

    def _only_partner(self) -> Grant:
        if not self.partners:
            raise NotLinked
        if len(self.partners) > 1:
            raise WhichPartner(self.partners)
        return self._granted(self.partners[0])

    def _partners_named(self, text: str) -> list[PartnerName]:
        exact = [partner for partner in self.partners if text == partner.partner_id]
        exact = exact or [partner for partner in self.partners if text == partner.name]
        if exact:
            return exact
        query = plain(text)
        same = [partner for partner in self.partners if query in (plain(partner.name), plain(partner.partner_id))]
        starting = [partner for partner in self.partners if query and plain(partner.name).startswith(f"{query} ")]
        return same or (starting if len(starting) == 1 else [])


def plain(text: str) -> str:
    """The text without case, accents, punctuation and extra spaces, for comparing names leniently."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(character for character in folded if not unicodedata.combining(character))
    return re.sub(r"[\W_]+", " ", letters).strip()


def similar_partners(text: str, partners: Iterable[PartnerName]) -> list[PartnerName]:
    """The partners with the most similar names, best first: names that contain the text, then near misses."""
    return nearest_few(plain(text), partners, lambda partner: plain(partner.name))
