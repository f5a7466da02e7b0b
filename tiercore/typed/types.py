"""Entries typed in Slack as plain values, independent of the database (data#typed)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from tiercore.people.types import InvalidChange

LONGEST_REASON = 300


class Kind(StrEnum):
    """What can be typed."""

    SALE = "sale"
    DEAL = "deal"
    CLIENT = "client"
    AGREEMENT = "agreement"
    AGREEMENT_END = "agreement_end"
    LEVEL = "level"
    CERTIFICATION = "certification"
    TIER = "tier"
    PARTNER = "partner"
    PERSON = "person"

    @property
    def file(self) -> str:
        """The file whose row it is."""
        return _FILES[self]

    @property
    def own_id(self) -> str:
        """The column for which tierbot makes an ID, empty where there is none."""
        return _OWN_IDS.get(self, "")

    @property
    def is_for_admins(self) -> bool:
        """Whether only an admin may type it."""
        return self in (Kind.PARTNER, Kind.PERSON)

    @property
    def may_be_proposed(self) -> bool:
        """Whether a partner's people may propose it."""
        return not self.is_for_admins and self is not Kind.TIER

    @property
    def is_no_fact(self) -> bool:
        """Whether it counts nowhere, so that a partner's people store it themselves (pipeline#rules)."""
        return self is Kind.DEAL


_FILES = {
    Kind.SALE: "sales.csv",
    Kind.DEAL: "pipeline.csv",
    Kind.CLIENT: "clients.csv",
    Kind.AGREEMENT: "agreements.csv",
    Kind.AGREEMENT_END: "agreements.csv",
    Kind.LEVEL: "subscriptions.csv",
    Kind.CERTIFICATION: "certifications.csv",
    Kind.TIER: "tiers.csv",
    Kind.PARTNER: "partners.csv",
    Kind.PERSON: "people.csv",
}
_OWN_IDS = {
    Kind.SALE: "sale_id",
    Kind.DEAL: "deal_id",
    Kind.CLIENT: "client_id",
    Kind.AGREEMENT: "agreement_id",
    Kind.PARTNER: "partner_id",
}


class Rejected(InvalidChange):
    """Cells are wrong: `errors` has for each column what is wrong and what to type instead."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class NoSuchEntry(InvalidChange):
    """There is no such entry, or this person may not change it: both read the same."""

    def __init__(self) -> None:
        super().__init__("There's nothing to change here: the entry is gone, or it isn't yours to change.")


@dataclass(frozen=True, slots=True)
class Draft:
    """What someone has typed: `cells` by column, about a partner ("" where it is about none).

    `token` becomes a part of the new row's ID, so that saving twice stores once. `edits` is the ID of the entry that it
    corrects, "" for a new one.
    """

    kind: Kind
    partner_id: str
    cells: Mapping[str, str]
    token: str
    edits: str = ""


@dataclass(frozen=True, slots=True)
class Earning:
    """What an entry earns: `micropoints` as of its first day, and until when.

    `micropoints` is None where that isn't known, and `until` None where the end isn't: `reason` says why. `source` is
    the kind of points.
    """

    micropoints: int | None
    until: date | None = None
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be stored, with names for the IDs in it; what it earns, None where it earns nothing by itself.

    `direct` is whether it is stored on Save, or proposed to the partner's CAM.
    """

    draft: Draft
    names: Mapping[str, str]
    earning: Earning | None
    warnings: tuple[str, ...]
    direct: bool


@dataclass(frozen=True, slots=True)
class Saved:
    """A stored entry and its preview; `is_new` is False where it had been saved before."""

    entry_id: str
    preview: Preview
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry in a list, with the names of the IDs in it, who typed it and when.

    `direct` is whether the user may change it by themselves, or proposes that to the CAM.
    """

    entry_id: str
    kind: Kind
    cells: Mapping[str, str]
    names: Mapping[str, str]
    by: str
    at: datetime
    partner_id: str = ""
    direct: bool = True


@dataclass(frozen=True, slots=True)
class Choices:
    """What someone may choose from; clients and agreements are None where there are many.

    Pairs are an ID and a name. `agreements` are those that can be ended.
    """

    partners: tuple[tuple[str, str], ...]
    clients: tuple[tuple[str, str], ...] | None
    agreements: tuple[tuple[str, str], ...] | None = ()
    lines: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class MatchToAsk:
    """A row from elsewhere that may be what someone typed, with both as cells; `same_key` where it has its ID."""

    match_id: str
    kind: Kind
    partner_id: str
    typed: Mapping[str, str]
    incoming: Mapping[str, str]
    names: Mapping[str, str]
    source: str
    by: str
    at: datetime
    same_key: bool
    is_open: bool = True
    emails: tuple[str, ...] = field(default=())
