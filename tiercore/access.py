"""Who asks, and what they may see: ledgers load only against a Grant, so the check can not be skipped."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tiercore.facts.entries import Role
from tiercore.program import Model
from tiercore.suggestions import nearest_few

_ISSUED_HERE = object()


@dataclass(frozen=True, slots=True)
class SlackUser:
    """Someone in Slack: identity is (team, user), never a name or an e-mail. `channel_id` is where they ask."""

    team_id: str
    user_id: str
    channel_id: str | None = None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Someone named by e-mail at the operator's own command line."""

    email: str


Viewer = SlackUser | Mailbox


@dataclass(frozen=True, slots=True)
class PartnerName:
    """A partner as the viewer may name it."""

    partner_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to read one partner's ledger. Only `Reach.grant` issues one."""

    partner: PartnerName
    issued: object

    def __post_init__(self) -> None:
        if self.issued is not _ISSUED_HERE:
            raise PermissionError("a Grant is issued by Reach.grant alone")


class NotBound(LookupError):
    """The Slack user is tied to no person, or the person to no partner."""


class NoSuchPartner(LookupError):
    """No partner of that name among those the viewer may see: not found and not theirs read the same."""

    def __init__(self, text: str, suggestions: Sequence[PartnerName] = ()) -> None:
        super().__init__(text)
        self.text, self.suggestions = text, tuple(suggestions)


class WhichPartner(LookupError):
    """The viewer may see several partners and named none, or a name that several have."""

    def __init__(self, choices: Sequence[PartnerName], text: str | None = None) -> None:
        super().__init__(text)
        self.choices, self.text = tuple(choices), text
        self.words = ""  # of the question that waits for the choice, as its parser read them


@dataclass(frozen=True, slots=True)
class Reach:
    """What a viewer may see, and as whom. `version` counts the changes of the data that this was read from.

    `model` is the dashboard the viewer prefers, `here` the partner that the channel is about: a default, not a leave.
    """

    email: str
    name: str
    roles: frozenset[Role]
    partners: tuple[PartnerName, ...]
    version: int = 0
    model: Model | None = None
    here: str | None = None

    def grant(self, text: str | None) -> Grant:
        """Leave to read the partner that `text` names: by id, by name, or by the first words of one name alone.

        Without a name it is the channel's partner, if the viewer may see it, or else the viewer's only one.

        Raises NoSuchPartner, or WhichPartner when the choice is open.
        """
        if text is None:
            here = [partner for partner in self.partners if partner.partner_id == self.here]
            return Grant(here[0], _ISSUED_HERE) if here else self._only()
        found = self._named(text)
        if len(found) > 1:
            raise WhichPartner(found, text)
        if not found:
            raise NoSuchPartner(text, close_to(text, self.partners))
        return Grant(found[0], _ISSUED_HERE)

    def grant_of(self, partner_id: str) -> Grant:
        """Leave to read the partner with this very id: for what programs carry, not what people type.

        Raises NoSuchPartner.
        """
        for partner in self.partners:
            if partner.partner_id == partner_id:
                return Grant(partner, _ISSUED_HERE)
        raise NoSuchPartner(partner_id, [])

    def is_called(self, text: str) -> bool:
        """Whether the text is the whole name, or the id, of a partner that the viewer may see."""
        wanted = plain(text)
        return any(wanted in (plain(partner.name), plain(partner.partner_id)) for partner in self.partners)

    def _only(self) -> Grant:
        if not self.partners:
            raise NotBound
        if len(self.partners) > 1:
            raise WhichPartner(self.partners)
        return Grant(self.partners[0], _ISSUED_HERE)

    def _named(self, text: str) -> list[PartnerName]:
        exact = [partner for partner in self.partners if text == partner.partner_id]
        exact = exact or [partner for partner in self.partners if text == partner.name]
        if exact:
            return exact
        wanted = plain(text)
        same = [partner for partner in self.partners if wanted in (plain(partner.name), plain(partner.partner_id))]
        begun = [partner for partner in self.partners if wanted and plain(partner.name).startswith(f"{wanted} ")]
        return same or (begun if len(begun) == 1 else [])


def plain(text: str) -> str:
    """The text without case, accents, punctuation and extra space: what lenient names are compared by."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(character for character in folded if not unicodedata.combining(character))
    return re.sub(r"[\W_]+", " ", letters).strip()


def close_to(text: str, partners: Iterable[PartnerName]) -> list[PartnerName]:
    """The partners whose names are likest to the text, best first: those that contain it, then near misses."""
    return nearest_few(plain(text), partners, lambda partner: plain(partner.name))
