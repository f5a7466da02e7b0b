"""Tables of the workspaces that the app is installed in, their tokens, the partners they are of, and invitations.

Moments (`…_at`) are whole milliseconds since 1970, UTC.
"""

from typing import ClassVar

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel


def _moment(*, nullable: bool = False) -> "Column[int]":
    return Column(BigInteger(), nullable=nullable)


class WorkspaceRow(SQLModel, table=True):
    """A workspace that the app was installed in by OAuth, or a whole organization (an enterprise's ID as `team_id`).

    `role` is "program" for the program's own, where its people have their roles, and "partner" for all others. One that
    was removed keeps its row, and loses its token at once, until it is purged at `purge_at`.
    """

    __tablename__: ClassVar[str] = "workspace"
    team_id: str = Field(primary_key=True)
    enterprise_id: str | None = None
    name: str
    role: str
    is_org_wide: bool = False
    installed_by: str
    installed_at: int = Field(sa_column=_moment())
    removed_at: int | None = Field(default=None, sa_column=_moment(nullable=True))
    removed_by: str | None = None
    purge_at: int | None = Field(default=None, sa_column=_moment(nullable=True))


class WorkspaceTokenRow(SQLModel, table=True):
    """The bot's token in a workspace, and what renews it; both are sealed with the operator's keys."""

    __tablename__: ClassVar[str] = "workspace_token"
    team_id: str = Field(primary_key=True)
    app_id: str
    bot_id: str
    bot_user_id: str
    scopes: str
    token: str
    refresh_token: str | None = None
    expires_at: int | None = Field(default=None, sa_column=_moment(nullable=True))


class WorkspacePartnerRow(SQLModel, table=True):
    """A partner that a workspace is of: nobody there is shown any other."""

    __tablename__: ClassVar[str] = "workspace_partner"
    team_id: str = Field(primary_key=True)
    partner_id: str = Field(primary_key=True)


class InvitationRow(SQLModel, table=True):
    """An invitation to install the app, by the digest of its one-time code. `partners` are IDs, one a line."""

    __tablename__: ClassVar[str] = "invitation"
    digest: str = Field(primary_key=True)
    role: str
    partners: str
    made_by: str
    made_at: int = Field(sa_column=_moment())
    expires_at: int = Field(sa_column=_moment())


class InstallStateRow(SQLModel, table=True):
    """An installation that somebody has begun, by the digest of the state that Slack gives back, once."""

    __tablename__: ClassVar[str] = "install_state"
    digest: str = Field(primary_key=True)
    invitation: str | None = None
    expires_at: int = Field(sa_column=_moment())
