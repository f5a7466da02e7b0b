"""The table of the hashes by which large files are compared (data#large-files)."""

from typing import ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel


class RowHashesRow(SQLModel, table=True):
    """Hashes of stored rows of a table of entries, by the function that `hashed_by` tells apart. Instead of hashes, a
    part may have in `gone` the rows, as JSON of texts, that are stored no longer since the parts before it.

    A migration that changes or deletes rows of entries has to delete what is here of their table.
    """

    __tablename__: ClassVar[str] = "row_hashes"
    table_name: str = Field(primary_key=True)
    part: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hashed_by: str
    hashes: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    gone: str
