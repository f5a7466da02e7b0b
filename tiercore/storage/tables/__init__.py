"""The database's tables (SQLModel). Importing this package registers them all in the metadata."""

from tiercore.storage.tables import ledger, notifications, people, verified

__all__ = ["ledger", "notifications", "people", "verified"]
