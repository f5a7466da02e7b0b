"""The table of the last verification, which all replicas share (running#verify)."""

from typing import ClassVar

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel


class VerifiedRow(SQLModel, table=True):
    """One row: the last night (a day's ordinal) that a replica took on, and what was last found, and when.

    `verified_at` is in milliseconds since 1970, UTC; None until the first verification has ended. `left_out` is why the
    last night after it had no result, "" if it had one.
    """

    __tablename__: ClassVar[str] = "verified"
    verified_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    night: int
    verified_at: int | None = Field(default=None, sa_column=Column(BigInteger(), nullable=True))
    partners: int
    differences: int
    not_recounted: int = 0
    left_out: str = ""
