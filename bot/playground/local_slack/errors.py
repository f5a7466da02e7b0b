"""The local Slack's errors."""

from collections.abc import Sequence


class ApiError(Exception):
    """A Web API call that Slack refuses: its error word, the sentences that explain it, and of a scope that is missing,
    which is `needed` and which are `provided`.
    """

    def __init__(
        self,
        error: str,
        problems: Sequence[str] = (),
        *,
        status: int = 200,
        retry_after: int | None = None,
        needed: str = "",
        provided: str = "",
    ):
        super().__init__(error)
        self.needed, self.provided = needed, provided
        self.error, self.problems, self.status, self.retry_after = error, tuple(problems), status, retry_after


class NothingShown(AssertionError, LookupError):
    """The person saw nothing where something was expected; the message says what the bot answered instead."""
