"""The table of how far a rebuild has come (architecture#rebuilds)."""

from typing import ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel


class RatingStepRow(SQLModel, table=True):
    """Some clients that a rebuild has rated, in the order of their ids, by these rules and this version of the data.

    `differing` is how their credits differ from the stored ones, as compressed JSON.
    """

    __tablename__: ClassVar[str] = "rating_step"
    step: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    rules: str
    version: int
    clients: int
    differing: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
