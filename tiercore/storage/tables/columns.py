"""Columns that several tables have: whole numbers of 64 bits on both engines."""

from sqlalchemy import BigInteger, Column, Integer

# Every rebuild numbers all credits again. On SQLite a key counted by the database is an INTEGER, of 64 bits.
BIG_KEY = BigInteger().with_variant(Integer, "sqlite")


def big(*, nullable: bool = False) -> "Column[int]":
    """A whole number of 64 bits."""
    return Column(BigInteger, nullable=nullable)
