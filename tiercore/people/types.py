"""What is known of people and what they may change: plain values that know no database."""

from dataclasses import dataclass
from datetime import date, datetime

from tiercore.access import SlackUser
from tiercore.facts.entries import Role

_PROGRAM = frozenset({Role.CAM, Role.CC})
CODE_DAYS = 7
OPERATOR = "operator"
EVERYONE = ""
LONGEST_FEEDBACK = 3_000


class InvalidChange(ValueError):
    """What was asked for can't be done; the message says why and what would be right."""


class NotAllowed(PermissionError):
    """Who asks may not do this; the message says who may."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person of people.csv: name, roles, the ids of all partners in their rows, and of those they look after."""

    email: str
    name: str
    roles: frozenset[Role]
    partners: frozenset[str]
    looks_after: frozenset[str]

    @property
    def is_admin(self) -> bool:
        """Whether they may see and do everything."""
        return Role.ADMIN in self.roles

    @property
    def is_program_staff(self) -> bool:
        """Whether they look after partners: CAM, CC or admin."""
        return self.is_admin or bool(self.roles & _PROGRAM)


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Someone's wish to be linked to an e-mail; `person` is None where people.csv has no such e-mail.

    `approvers` are the Slack users to be written to: nobody for a wish that already waits.
    """

    request_id: str
    user: SlackUser
    email: str
    person: Identity | None
    approvers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkDecision:
    """What became of a request."""

    user: SlackUser
    email: str
    name: str
    approved: bool


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One deed: when, by whom, what, to whom or what, and in which words."""

    at: datetime
    actor: str
    deed: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold in force; `partner_id` is empty for all partners."""

    figure: str
    partner_id: str
    reason: str
    since: date
