"""The audit log: who changed what, and when. Rows are only ever added."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from tiercore.people.types import AuditEntry
from tiercore.storage.bulk import table
from tiercore.storage.tables.people import AuditRow


def record(connection: Connection, at: datetime, actor: str, change: str, subject: str, detail: str = "") -> None:
    """Add an entry to the audit log, in the same transaction as the change."""
    row = {"at": at, "actor": actor, "deed": change, "subject": subject, "detail": detail}
    connection.execute(insert(table(AuditRow)), [row])


def latest(connection: Connection, limit: int) -> Sequence[AuditEntry]:
    """The latest entries, newest first."""
    audit = table(AuditRow)
    columns = (audit.c.at, audit.c.actor, audit.c.deed, audit.c.subject, audit.c.detail)
    newest_first = select(*columns).order_by(audit.c.at.desc(), audit.c.audit_id.desc()).limit(limit)
    return [AuditEntry(*row) for row in connection.execute(newest_first)]


def last_audit_id(connection: Connection) -> int:
    """The ID of the latest entry (0 without any); when it changes, permissions may have changed."""
    return connection.scalar(select(func.max(table(AuditRow).c.audit_id))) or 0
