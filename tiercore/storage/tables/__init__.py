"""The database's tables (SQLModel). Importing this package registers them all in the metadata."""

from tiercore.storage.tables import (
    approvals,
    cases,
    goals,
    hashes,
    history,
    ledger,
    notifications,
    people,
    pipeline,
    rating,
    synced,
    typed,
    uploads,
    verified,
    workspaces,
)

__all__ = [
    "approvals",
    "cases",
    "goals",
    "hashes",
    "history",
    "ledger",
    "notifications",
    "people",
    "pipeline",
    "rating",
    "synced",
    "typed",
    "uploads",
    "verified",
    "workspaces",
]
