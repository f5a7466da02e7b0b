"""The stored messages with files: claimed once, decided once, deleted after a day."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from tiercore.access import SlackUser
from tiercore.people.people import are_same_user
from tiercore.people.types import InvalidChange, NotAllowed
from tiercore.storage.bulk import insert_new, table
from tiercore.storage.tables.uploads import UploadedFileRow, UploadRow
from tiercore.uploads.types import KEPT_HOURS, Drop, DroppedFile, FileCount

_upload, _file = table(UploadRow), table(UploadedFileRow)
_GONE = f"These files are no longer here: I keep them for {KEPT_HOURS} hours. Drop them again."


class State(StrEnum):
    """What has become of a message with files."""

    RECEIVED = "received"
    OFFERED = "offered"
    IMPORTING = "importing"
    IMPORTED = "imported"
    DISCARDED = "discarded"


_DECIDED = {
    State.IMPORTING: "These files are being imported. If nothing comes of it, drop them again.",
    State.IMPORTED: "These files were imported already.",
    State.DISCARDED: "You discarded these files. Drop them again to import them.",
}


def claim(connection: Connection, user: SlackUser, message: str, now: datetime) -> str | None:
    """The id of a message with files that nobody has answered yet; None for one that was answered."""
    upload_id = hashlib.sha256(f"{user.team_id}/{message}".encode()).hexdigest()[:32]
    row = {
        "upload_id": upload_id,
        "team_id": user.team_id,
        "user_id": user.user_id,
        "state": State.RECEIVED.value,
        "text": "",
        "counts": "",
        "received_at": now,
    }
    return upload_id if insert_new(connection, _upload, [row]) else None


def keep(connection: Connection, upload_id: str, drop: Drop, counts: Sequence[FileCount]) -> None:
    """Keep the files with their text, and the counts that their sender is shown."""
    values = {"state": State.OFFERED.value, "text": drop.text, "counts": as_text(counts)}
    connection.execute(update(_upload).where(_upload.c.upload_id == upload_id).values(values))
    rows = [
        {
            "upload_id": upload_id,
            "position": at,
            "name": each.name,
            "digest": hashlib.sha256(each.content).hexdigest(),
            "content": each.content,
        }
        for at, each in enumerate(drop.files)
    ]
    connection.execute(insert(_file), rows)


def begin(connection: Connection, user: SlackUser, upload_id: str, to: State) -> str:
    """Decide about files that are on offer, as the person who dropped them; the counts they were shown.

    Raises InvalidChange where they are gone or decided about, NotAllowed for anybody else.
    """
    found = connection.execute(select(_upload).where(_upload.c.upload_id == upload_id)).mappings().one_or_none()
    if found is None:
        raise InvalidChange(_GONE)
    if not are_same_user(connection, user, SlackUser(found["team_id"], found["user_id"])):
        raise NotAllowed("Only the person who dropped these files can decide about them.")
    if found["state"] in _DECIDED:
        raise InvalidChange(_DECIDED[State(found["state"])])
    set_state(connection, upload_id, to)
    return str(found["counts"])


def set_state(connection: Connection, upload_id: str, state: State) -> None:
    """Record what has become of the files; decided ones are deleted."""
    connection.execute(update(_upload).where(_upload.c.upload_id == upload_id).values(state=state.value))
    if state in (State.IMPORTED, State.DISCARDED):
        connection.execute(delete(_file).where(_file.c.upload_id == upload_id))


def drop_of(connection: Connection, upload_id: str) -> Drop:
    """The files of a message and its text. Raises InvalidChange unless they are there as they were shown."""
    rows = connection.execute(select(_file).where(_file.c.upload_id == upload_id).order_by(_file.c.position)).all()
    if not rows or any(hashlib.sha256(row.content).hexdigest() != row.digest for row in rows):
        raise InvalidChange(_GONE)
    text = connection.scalar(select(_upload.c.text).where(_upload.c.upload_id == upload_id))
    return Drop(tuple(DroppedFile(row.name, row.content) for row in rows), str(text))


def has_imported(connection: Connection) -> bool:
    """Whether files of a message that is still known were imported."""
    imported = select(_upload.c.upload_id).where(_upload.c.state == State.IMPORTED.value)
    return connection.scalar(imported.limit(1)) is not None


def forget(connection: Connection, now: datetime) -> None:
    """Delete what is older than KEPT_HOURS."""
    old = select(_upload.c.upload_id).where(_upload.c.received_at < now - timedelta(hours=KEPT_HOURS))
    connection.execute(delete(_file).where(_file.c.upload_id.in_(old)))
    connection.execute(delete(_upload).where(_upload.c.received_at < now - timedelta(hours=KEPT_HOURS)))


def as_text(counts: Sequence[FileCount]) -> str:
    """The counts as JSON, for comparing them later."""
    listed: list[list[Any]] = [[each.file, each.added, each.changed, each.same] for each in counts]
    return json.dumps(listed)
