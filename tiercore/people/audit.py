"""Who did what to whom. Rows are only ever added."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from tiercore.people.types import AuditEntry
from tiercore.storage.bulk import table
from tiercore.storage.tables.people import AuditRow


def note(connection: Connection, at: datetime, actor: str, deed: str, subject: str, detail: str = "") -> None:
    """Add a row to the audit, in the transaction of the deed itself."""
    row = {"at": at, "actor": actor, "deed": deed, "subject": subject, "detail": detail}
    connection.execute(insert(table(AuditRow)), [row])


def latest(connection: Connection, most: int) -> Sequence[AuditEntry]:
    """The latest deeds, newest first."""
    audit = table(AuditRow)
    columns = (audit.c.at, audit.c.actor, audit.c.deed, audit.c.subject, audit.c.detail)
    return [
        AuditEntry(*row) for row in connection.execute(select(*columns).order_by(audit.c.audit_id.desc()).limit(most))
    ]


def last_audit_id(connection: Connection) -> int:
    """The number of the last deed: another one means that who may see what may have changed."""
    return connection.scalar(select(func.max(table(AuditRow).c.audit_id))) or 0
