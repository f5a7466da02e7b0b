"""People, links, holds and audit entries as plain values, independent of the database."""

from dataclasses import dataclass
from datetime import date, datetime

from tiercore.access import SlackUser
from tiercore.facts.entries import Role

PROGRAM_STAFF = frozenset({Role.CAM, Role.CC})
CODE_DAYS = 7
OPERATOR = "operator"
SLACK = "slack"  # what Slack tells of: an account was deactivated
EVERYONE = ""
LONGEST_FEEDBACK = 3_000


class InvalidChange(ValueError):
    """The change can't be made; the message says why and what to do instead."""


class NotAllowed(PermissionError):
    """This person may not make the change; the message says who may."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person in people.csv: name, roles, the IDs of all partners in their rows, and of those they look after.

    `access` has a `role partner` for each of their rows.
    """

    email: str
    name: str
    roles: frozenset[Role]
    partners: frozenset[str]
    looks_after: frozenset[str]
    access: frozenset[str] = frozenset()

    @property
    def is_admin(self) -> bool:
        """Whether they may see and do everything."""
        return Role.ADMIN in self.roles

    def may_settle(self, partner_id: str | None) -> bool:
        """Whether they may set or change what is about this partner; with None, whether they work for the program."""
        return self.is_admin or (self.is_program_staff if partner_id is None else partner_id in self.looks_after)

    @property
    def is_program_staff(self) -> bool:
        """Whether they work for the program: CAM, CC or admin."""
        return self.is_admin or bool(self.roles & PROGRAM_STAFF)


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A request to be linked to an e-mail; `person` is None if people.csv has no such e-mail.

    `approvers` are the Slack users to notify: empty for a request that is already pending. What the user's workspace
    says of their e-mail counts only where it `is_vouched`.
    """

    request_id: str
    user: SlackUser
    email: str
    person: Identity | None
    approvers: tuple[SlackUser, ...]
    is_vouched: bool = True


@dataclass(frozen=True, slots=True)
class LinkDecision:
    """The outcome of a link request."""

    user: SlackUser
    email: str
    name: str
    approved: bool


@dataclass(frozen=True, slots=True)
class ChannelMoved:
    """A channel whose partner was changed from `before` to `after`, either of them None for no partner.

    `before_users` and `after_users` are the Slack users to tell: each partner's CAMs and CCs, and who subscribed the
    channel while it was about the one before. Whoever changed it is not among them.
    """

    channel_id: str
    by: str
    before: str | None
    after: str | None
    before_users: tuple[SlackUser, ...] = ()
    after_users: tuple[SlackUser, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change in the audit log: when, who made it, what it was, whom or what it concerned, and details."""

    at: datetime
    actor: str
    change: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Read:
    """One question of a Slack user: its `word`, the partner it was about if there was one, and the outcome's code."""

    at: datetime
    team_id: str
    user_id: str
    word: str
    partner_id: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold in force; `partner_id` is EVERYONE (empty) for all partners."""

    figure: str
    partner_id: str
    reason: str
    since: date
