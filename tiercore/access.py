"""Viewers and what they may see. A ledger loads only with a Grant, so the permission check can't be skipped."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from tiercore.facts.entries import Role
from tiercore.partner_names import LONGEST_NAME, PartnerIndex, PartnerName, Partners, partner_index, plain
from tiercore.program import Model

__all__ = ["LONGEST_NAME", "PartnerIndex", "PartnerName", "Partners", "partner_index", "plain"]
MANY = 500  # names; to read or to search more of them takes a thread
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

    def at(self, version: int) -> "Grant":
        """The same permission where the partner's own version is another by now."""
        return self if version == self.version else replace(self, version=version)


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
        self.choices = choices if isinstance(choices, tuple) else tuple(choices)
        self.text = text
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
            here = self._named(self.here) if self.here else None
            return self._granted(here) if here else self._only_partner()
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
        partner = self._named(partner_id)
        if partner is None:
            raise NoSuchPartner(partner_id)
        return self._granted(partner)

    def only(self, partner_ids: Sequence[str]) -> "Reach":
        """The same viewer's reach of some of their partners. Raises NoSuchPartner for one that isn't theirs."""
        return replace(self, partners=tuple(self.grant_of(each).partner for each in partner_ids))

    def shows(self, partner_id: str | None) -> bool:
        """Whether the viewer may see the partner with exactly this ID."""
        return partner_id is not None and self._named(partner_id) is not None

    def names(self, *partner_ids: str | None) -> dict[str, str]:
        """The names of those of the partners that the viewer may see, by ID."""
        found = (self._named(each) for each in partner_ids if each is not None)
        return {each.partner_id: each.name for each in found if each is not None}

    @property
    def limited_to(self) -> list[str] | None:
        """The IDs of the partners that the viewer may see; None for an admin, who may see all."""
        return None if Role.ADMIN in self.roles else [each.partner_id for each in self.partners]

    @property
    def grants(self) -> list[Grant]:
        """Permission to read each of the partners."""
        return [self._granted(partner) for partner in self.partners]

    def is_called(self, text: str) -> bool:
        """Whether the text is the full name or the ID of a partner the viewer may see."""
        return self.index.calls(text)

    @cached_property
    def index(self) -> PartnerIndex:
        """The partners by name."""
        return self.partners.by_name if isinstance(self.partners, Partners) else partner_index(self.partners)

    def _named(self, partner_id: str) -> PartnerName | None:
        if isinstance(self.partners, Partners):
            return self.partners.by_name.of_id(partner_id)
        return next((each for each in self.partners if each.partner_id == partner_id), None)

    def _granted(self, partner: PartnerName) -> Grant:
        return Grant(partner, _ISSUER, self.viewer, self.versions.get(partner.partner_id, 0))

    def _only_partner(self) -> Grant:
        if not self.partners:
            raise NotLinked
        if len(self.partners) > 1:
            raise WhichPartner(self.partners)
        return self._granted(self.partners[0])
