"""A partner's books: all that its answers are made of, as far as a scenario needs it. Values only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tiercore.facts.entries import Certification, Entry, Partner, SubscriptionLevel, TierCredited, ToolUsage
from tiercore.facts.holds import Holds
from tiercore.questions.credited import credited_on
from tiercore.questions.requirements import Facts
from tiercore.rating.credits import ClientBook
from tiercore.rating.install_base import Stay
from tiercore.rating.retention import RetentionMonth, retention_on
from tiercore.rating.timeline import Balance


@dataclass(frozen=True, slots=True)
class OtherClients:
    """What the partner's other clients bring to the figures that don't add, as stored.

    `stays` are the days from `since` on, on which those with known tool usage, or with a level in a currency that had
    no table in some month, contribute credit. `usage` is the tool usage of the former from then on, `levels` are those
    of the latter.
    """

    stays: Sequence[Stay] = ()
    usage: Mapping[str, Sequence[ToolUsage]] = field(default_factory=dict)
    levels: Sequence[SubscriptionLevel] = ()


@dataclass(frozen=True, slots=True)
class PartnerBooks:
    """One partner's facts, its timeline from `since` on, its retention, and the whole books of some of its `clients`.

    `usage` is the tool usage of those clients. `others` is None where the rest of the partner wasn't read: a change
    that needs it raises NeedsOthers. `added` are the entries of a scenario, in the order of its steps.
    """

    partner: Partner
    certifications: tuple[Certification, ...]
    tiers: tuple[TierCredited, ...]
    holds: Holds
    since: date
    timeline: tuple[Balance, ...]
    retention: tuple[RetentionMonth, ...]
    clients: Mapping[str, ClientBook] = field(default_factory=dict)
    usage: Mapping[str, Sequence[ToolUsage]] = field(default_factory=dict)
    others: OtherClients | None = None
    added: tuple[Entry, ...] = ()


class NeedsOthers(LookupError):
    """The change can't be told from the clients that it touches alone: read the books with the partner's others."""


def facts_on(books: PartnerBooks, day: date) -> Facts:
    """What is known of the partner on the day apart from its points, as every answer knows it."""
    tier, since, before = credited_on(((each.tier, each.credited_on) for each in books.tiers), day)
    retention = retention_on(books.retention, day)
    return Facts(books.partner, books.certifications, tier, since, retention, books.holds, before)
