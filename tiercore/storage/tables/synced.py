"""Tables of what is read from another system, and how far (data#hubspot). Moments are milliseconds since 1970, UTC."""

from typing import ClassVar

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel


def _moment(*, nullable: bool = False) -> "Column[int]":
    return Column(BigInteger(), nullable=nullable)


class StagedRecordRow(SQLModel, table=True):
    """A record as it came: its properties, and the ids that it is associated with by type, both as JSON.

    `changed_in` is the sync that changed it last, `seen_in` the one that read it last, and `missing_since` the complete
    sync that didn't find it; the next complete one that doesn't forgets it.
    """

    __tablename__: ClassVar[str] = "staged_record"
    object_type: str = Field(primary_key=True)
    record_id: str = Field(primary_key=True)
    properties: str
    associated: str
    updated_at: int = Field(sa_column=_moment())
    changed_in: int
    seen_in: int
    missing_since: int | None = None


class SyncedRowRow(SQLModel, table=True):
    """A row of one of our files that a sync has stored, by its key; `absent_since` is the sync whose records no longer
    gave it.
    """

    __tablename__: ClassVar[str] = "synced_row"
    file: str = Field(primary_key=True)
    entry_key: str = Field(primary_key=True)
    absent_since: int | None = None


class SyncRunRow(SQLModel, table=True):
    """A sync: what it reads (all records, or those changed `since`), how far it is (`progress` has the cursor of each
    type, as JSON), and how it ended.

    `mapping` is a fingerprint of the mapping, `counts` has as JSON how many records of each type and rows of each file
    there were. `read_at` is when all types had been read.
    """

    __tablename__: ClassVar[str] = "sync_run"
    sync_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    is_full: bool
    since: int | None = Field(default=None, sa_column=_moment(nullable=True))
    started_at: int = Field(sa_column=_moment())
    read_at: int | None = Field(default=None, sa_column=_moment(nullable=True))
    finished_at: int | None = Field(default=None, sa_column=_moment(nullable=True))
    outcome: str
    mapping: str
    progress: str
    counts: str
    calls: int
    changed: int
    message: str


class SyncLeaseRow(SQLModel, table=True):
    """One row: which process syncs, for how long it may, how many calls were made on a day (an ordinal), how many the
    other system allows in a day, and from when on there may be more.
    """

    __tablename__: ClassVar[str] = "sync_lease"
    lease_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    owner: str
    leased_until: int = Field(sa_column=_moment())
    day: int
    calls: int
    day_limit: int | None = None
    not_before: int = Field(sa_column=_moment())
