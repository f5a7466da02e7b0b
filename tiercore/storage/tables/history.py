"""Tables of what each import changed in the past (how-tiers-work#hindsight).

Old versions of the derived rows aren't kept, only the differences. Days are ordinals, points are micropoints, and the
number of an import is the data's version that it made.
"""

from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from tiercore.storage.tables.columns import big


class ImportRow(SQLModel, table=True):
    """An import or a rebuild. `day` is the day that it was made for, `known_until` the last day that was over
    when the one before it was made; `counts` has the rows added, changed, same and removed by file, as JSON.
    `source` is what the rows came from, `imported_by` who brought them; empty for the command line and for imports made
    before release 0.5.
    """

    __tablename__: ClassVar[str] = "import_log"
    import_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    imported_at: int = Field(sa_column=big())
    day: int
    known_until: int
    cause: str
    counts: str
    source: str = Field(default="", sa_column_kwargs={"server_default": ""})
    imported_by: str = Field(default="", sa_column_kwargs={"server_default": ""})


class FirstImportRow(SQLModel, table=True):
    """The import that first brought a partner. Partners stored by releases before 0.4 have none."""

    __tablename__: ClassVar[str] = "first_import"
    partner_id: str = Field(primary_key=True)
    import_id: int
    day: int


class CorrectionRow(SQLModel, table=True):
    """How an import changed a partner's balance in the past: by the sum of the rows up to a day, on that day.

    Only days up to the import's own have a row, and only those on which the difference changes.
    """

    __tablename__: ClassVar[str] = "correction"
    __table_args__ = (Index("ix_correction_import", "import_id"), {"sqlite_with_rowid": False})
    partner_id: str = Field(primary_key=True)
    import_id: int = Field(primary_key=True)
    day: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sourced: int = Field(sa_column=big())
    assisted: int = Field(sa_column=big())
    managed: int = Field(sa_column=big())
    sold_cents: int = Field(sa_column=big())
    managed_cents: int = Field(sa_column=big())
    unrated_sold: int
    unrated_managed: int


class CorrectionEntryRow(SQLModel, table=True):
    """A row of a file through which an import changed a partner's past: its key, whether it was added, changed or
    removed, from which `day` on it counts, and as JSON the columns that changed, each before and after.

    The first rows by day are kept; `total` says how many there were. `entry_key` is empty for another partner's row.
    """

    __tablename__: ClassVar[str] = "correction_row"
    __table_args__: ClassVar[dict[str, object]] = {"sqlite_with_rowid": False}
    partner_id: str = Field(primary_key=True)
    import_id: int = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    client_id: str
    file: str
    entry_key: str
    change: str
    day: int
    columns: str
    total: int
