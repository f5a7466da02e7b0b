"""Answers cached for as long as the data behind them is unchanged."""

from collections import OrderedDict
from collections.abc import Hashable

from handlers.views.parts.blocks import Message

DEFAULT_LIMIT = 2_000


class AnswerCache:
    """The most recently stored messages, each with the version of the data that it was made from.

    An entry belongs to a partner, a question and a day, never to a viewer: what a viewer may see is read for every
    question, and that read also returns the version. A `limit` of 0 caches nothing.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self._limit = limit
        self._messages: OrderedDict[Hashable, tuple[int, Message]] = OrderedDict()

    def get(self, key: Hashable, version: int) -> Message | None:
        """The cached message; None where there is none, or the data has changed since."""
        cached = self._messages.get(key)
        return cached[1] if cached is not None and cached[0] == version else None

    def put(self, key: Hashable, version: int, message: Message) -> None:
        """Cache the message, and drop the oldest ones beyond the limit."""
        self._messages[key] = (version, message)
        self._messages.move_to_end(key)
        while len(self._messages) > self._limit:
            self._messages.popitem(last=False)
