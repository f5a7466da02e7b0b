"""Tables of what one person proposes and another decides, and of the rules that were entered that way."""

from datetime import date
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from tiercore.storage.tables.columns import big


class ProposalRow(SQLModel, table=True):
    """A proposal of a `kind` with its JSON `payload`, about a partner or, without one, about everyone.

    Moments are in milliseconds since 1970, UTC. The proposer has no Slack user where it is the operator. Where nobody
    else could decide, it is carried out at `alone_at` unless it is withdrawn.
    """

    __tablename__: ClassVar[str] = "proposal"
    __table_args__ = (Index("ix_proposal_state", "state"),)
    proposal_id: str = Field(primary_key=True)
    kind: str
    payload: str
    partner_id: str | None = None
    proposed_by: str
    team_id: str = ""
    user_id: str = ""
    proposed_at: int = Field(sa_column=big())
    state: str
    decided_by: str | None = None
    decided_user: str | None = None
    decided_at: int | None = Field(default=None, sa_column=big(nullable=True))
    note: str = ""
    alone_at: int | None = Field(default=None, sa_column=big(nullable=True))


class RuleValueRow(SQLModel, table=True):
    """A figure of a tier that an admin entered: what holds from `valid_from` on, and before `valid_until` if a later
    one ends it. Rows are only ever added; `valid_until` is set once.

    `value` is as in the operator's table: "322.5" points, or "not set".
    """

    __tablename__: ClassVar[str] = "rule_value"
    __table_args__ = (Index("ix_rule_value_tier_figure", "tier", "figure"),)
    value_id: int | None = Field(default=None, primary_key=True)
    tier: str
    figure: str
    value: str
    valid_from: date
    valid_until: date | None = None
    source: str
    entered_by: str
    entered_at: int = Field(sa_column=big())
    approved_by: str
    approved_at: int = Field(sa_column=big())
    proposal_id: str | None = None
