"""Moments as the clockwork's tables hold them: whole milliseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def as_ms(moment: datetime) -> int:
    """The moment in milliseconds."""
    return (moment - _START) // _MS


def from_ms(ms: int) -> datetime:
    """The moment again."""
    return _START + ms * _MS
