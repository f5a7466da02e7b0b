"""Tables of the files that people drop in Slack, kept until they are imported, discarded or a day old."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, String
from sqlmodel import Field, SQLModel


class UploadRow(SQLModel, table=True):
    """A message with files: whose it is, and what has become of it. `upload_id` is made of team, channel and timestamp,
    so that a message is answered once. `text` is what was written with the files, `counts` are those that its sender
    was shown, as JSON.
    """

    __tablename__: ClassVar[str] = "upload"
    upload_id: str = Field(primary_key=True)
    team_id: str
    user_id: str
    state: str
    text: str
    counts: str
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))


class UploadedFileRow(SQLModel, table=True):
    """A file of a message, with the SHA-256 of its bytes."""

    __tablename__: ClassVar[str] = "uploaded_file"
    upload_id: str = Field(
        sa_column=Column(String, ForeignKey("upload.upload_id", ondelete="CASCADE"), primary_key=True)
    )
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str
    digest: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
