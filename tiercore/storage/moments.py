"""Moments as the notification tables store them: whole milliseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def as_ms(moment: datetime) -> int:
    """The moment as milliseconds since 1970."""
    return (moment - _START) // _MS


def from_ms(ms: int) -> datetime:
    """The moment of so many milliseconds since 1970, in UTC."""
    return _START + ms * _MS
