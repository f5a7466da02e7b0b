"""Tables of what people said of deals that aren't closed yet (pipeline#past-its-day), and of what they would earn."""

from datetime import date
from typing import ClassVar

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel


class PipelineAnswerRow(SQLModel, table=True):
    """What became of a deal by its people, and the day about which its owner was asked last.

    It holds as long as the deal's row expects `said_of`: another day in a file or a sync is newer. `outcome` is "lost",
    "moved" (to `moved_to`) or "later", empty until somebody says. `won_as` is the ID that its sale has once somebody
    types it: a deal whose sale is on file is won. `said_at` and `asked_at` are milliseconds since 1970, UTC.
    """

    __tablename__: ClassVar[str] = "pipeline_answer"
    deal_id: str = Field(primary_key=True)
    partner_id: str = Field(index=True)
    said_of: date
    outcome: str = ""
    moved_to: date | None = None
    won_as: str = Field(default="", index=True)
    said_by: str = ""
    said_at: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    asked_for: date | None = None
    asked_at: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))


class OpenDealPointsRow(SQLModel, table=True):
    """Derived: what a partner's open deals would earn (`tiercore.deal_points.Rated`), as JSON.

    `rules` says by which rules and release, and `first_day` is the day (an ordinal) on which the first of the deals is
    expected: from the next on, the others add something else.
    """

    __tablename__: ClassVar[str] = "open_deal_points"
    __table_args__: ClassVar[dict[str, object]] = {"sqlite_with_rowid": False}
    partner_id: str = Field(primary_key=True)
    rules: str
    first_day: int
    rated: str
