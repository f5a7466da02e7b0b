"""Tables of what was typed in Slack, and of rows from elsewhere that may be the same (data#typed)."""

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel


def _moment(*, nullable: bool = False) -> "Column[int]":
    return Column(BigInteger(), nullable=nullable)


class TypedEntryRow(SQLModel, table=True):
    """A row of `file` that someone typed in Slack. Rows are only ever added; a correction ends one and adds the next.

    `entry_key` is the row's key as a JSON list, `cells` what was typed, by column. `before` is the row that it changed,
    as cells, empty where it added one. `partner_id` is whose it is, empty where it is nobody's. Moments are in
    milliseconds since 1970, UTC. It holds until `ended_at`: `outcome` says how it ended, `replaced_by` which entry
    corrected it.
    """

    __tablename__: ClassVar[str] = "typed_entry"
    __table_args__ = (Index("ix_typed_entry_file", "file", "ended_at"), Index("ix_typed_entry_partner", "partner_id"))
    entry_id: str = Field(primary_key=True)
    file: str
    entry_key: str
    partner_id: str
    client_id: str
    cells: str
    before: str
    entered_by: str
    entered_name: str
    entered_at: int = Field(sa_column=_moment())
    approved_by: str = ""
    approved_at: int | None = Field(default=None, sa_column=_moment(nullable=True))
    ended_at: int | None = Field(default=None, sa_column=_moment(nullable=True))
    ended_by: str = ""
    outcome: str = ""
    reason: str = ""
    replaced_by: str = ""


class TypedMatchRow(SQLModel, table=True):
    """A row of `file` from elsewhere that may be what someone typed: held back until somebody decides.

    `row_key` is its key as a JSON list, `cells` its values. `told_at` is when people were asked. `decision` is empty
    until one of "file" (the row counts in place of what was typed), "mine" (it is ignored) or "two" (both count).
    """

    __tablename__: ClassVar[str] = "typed_match"
    __table_args__ = (Index("ix_typed_match_told", "told_at"), Index("ix_typed_match_entry", "entry_id"))
    match_id: str = Field(primary_key=True)
    entry_id: str
    partner_id: str
    file: str
    row_key: str
    cells: str
    source: str
    found_at: int = Field(sa_column=_moment())
    told_at: int | None = Field(default=None, sa_column=_moment(nullable=True))
    decision: str = ""
    decided_by: str = ""
    decided_at: int | None = Field(default=None, sa_column=_moment(nullable=True))
