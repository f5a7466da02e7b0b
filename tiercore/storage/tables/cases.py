"""The table of cases: figures that the official dashboard shows otherwise (how-tiers-work#doesnt-match)."""

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel


class FigureCaseRow(SQLModel, table=True):
    """A flagged figure of a partner, or of one of its clients. Moments are milliseconds since 1970, UTC; the day is an
    ordinal.

    `claimed` is what was typed, `explanations` what was found, as JSON. `owner` is the Slack user who takes care of it.
    """

    __tablename__: ClassVar[str] = "figure_case"
    __table_args__ = (Index("ix_figure_case_partner_state", "partner_id", "state"),)
    case_id: str = Field(primary_key=True)
    partner_id: str
    client_id: str | None = None
    figure: str
    measure: str
    day: int
    claimed: str
    explanations: str
    state: str
    team_id: str
    opened_by: str
    owner: str | None = None
    answer: str = ""
    picked: int | None = None
    steps: int = 0
    opened_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    answered_at: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    resolved_at: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
