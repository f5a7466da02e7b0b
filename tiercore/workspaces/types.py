"""Workspaces, their tokens and invitations as plain values, independent of the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tiercore.first_steps import PartnersWorkspace

INVITATION_DAYS = 14
STATE_LIFE = timedelta(minutes=10)  # from Add to Slack to Allow
PURGED_AFTER = timedelta(days=30)


class WorkspaceRole(StrEnum):
    """The program's own workspaces, where its people have their roles, and those of partners."""

    PROGRAM = "program"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class InstalledToken:
    """What Slack gave for an installation. `token` and what renews it are sealed; `expires_at` is None for one that
    doesn't expire.
    """

    app_id: str
    bot_id: str
    bot_user_id: str
    scopes: frozenset[str]
    token: str
    refresh_token: str | None = None
    expires_at: datetime | None = None

    @property
    def sealed(self) -> tuple[str, ...]:
        """What the operator's keys have to open."""
        return (self.token, self.refresh_token) if self.refresh_token else (self.token,)


@dataclass(frozen=True, slots=True)
class InstalledBy:
    """Where the app was installed, by whom. For a whole organization `team_id` is the enterprise's ID."""

    team_id: str
    enterprise_id: str | None
    name: str
    is_org_wide: bool
    user_id: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace that the app is installed in, or was until `removed_at`; `partners` are the IDs of those it is of."""

    team_id: str
    enterprise_id: str | None
    name: str
    role: WorkspaceRole
    is_org_wide: bool
    installed_by: str
    installed_at: datetime
    partners: tuple[str, ...] = ()
    removed_at: datetime | None = None
    removed_by: str | None = None
    purge_at: datetime | None = None

    @property
    def is_removed(self) -> bool:
        """Whether the app is no longer installed there."""
        return self.removed_at is not None


@dataclass(frozen=True, slots=True)
class Installed:
    """A workspace after an installation. `is_new`: it wasn't installed until now. `new_partners` came with the
    invitation, and `invited_by` made it: `team/user`, or the operator.
    """

    workspace: Workspace
    is_new: bool
    new_partners: tuple[str, ...] = ()
    invited_by: str | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom an invitation is for: a workspace of the program, or of these partners (none: of no one yet)."""

    role: WorkspaceRole
    partners: tuple[str, ...]
    made_by: str
    expires_at: datetime


class News(StrEnum):
    """What the program's people are told of a partner's workspace: the app is there, and its first person is linked."""

    INSTALLED = "installed"
    LINKED = "linked"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A partner's workspace as one person there sees it: the names of its CAMs, what there is of the first steps, and
    the e-mail that the person is linked to, if nothing that it stands for counts there.
    """

    workspace: Workspace
    cams: tuple[str, ...]
    found: PartnersWorkspace
    counts_elsewhere: str | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A partner's workspace as the program's people see it: with the names of those who are linked there, by the Slack
    user's ID.
    """

    workspace: Workspace
    linked: Mapping[str, str]
