"""The local Slack's errors."""

from collections.abc import Sequence


class ApiError(Exception):
    """A Web API call that Slack refuses: its error word, and the sentences that explain it."""

    def __init__(self, error: str, problems: Sequence[str] = (), *, status: int = 200, retry_after: int | None = None):
        super().__init__(error)
        self.error, self.problems, self.status, self.retry_after = error, tuple(problems), status, retry_after


class NothingShown(AssertionError, LookupError):
    """The person saw nothing where something was expected; the message says what the bot answered instead."""
