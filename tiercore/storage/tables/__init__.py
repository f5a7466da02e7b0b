"""The database's tables (SQLModel). Importing this package registers them all in the metadata."""

from tiercore.storage.tables import cases, history, ledger, notifications, people, verified

__all__ = ["cases", "history", "ledger", "notifications", "people", "verified"]
