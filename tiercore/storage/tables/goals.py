"""The table of goals: plans that were kept (how-tiers-work#goals)."""

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel


class GoalRow(SQLModel, table=True):
    """A goal of a partner; the one that isn't withdrawn is in force. Days are ordinals, moments milliseconds since
    1970, UTC.

    `missing` are the micropoints that were missing when it was kept, `steps` those of the plan, as JSON.
    """

    __tablename__: ClassVar[str] = "goal"
    __table_args__ = (Index("ix_goal_partner", "partner_id", "withdrawn_at"),)
    goal_id: str = Field(primary_key=True)
    partner_id: str
    tier: str
    day: int
    kept_on: int
    missing: int = Field(sa_column=Column(BigInteger, nullable=False))
    steps: str
    team_id: str
    created_by: str
    created_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    withdrawn_by: str | None = None
    withdrawn_at: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
