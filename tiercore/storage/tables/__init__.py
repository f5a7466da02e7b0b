"""The database's tables (SQLModel). Importing this package fills the metadata."""

from tiercore.storage.tables import ledger, notifications, people

__all__ = ["ledger", "notifications", "people"]
