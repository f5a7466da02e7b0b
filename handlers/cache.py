"""Messages kept for as long as the data they were made from stays as it is."""

from collections import OrderedDict
from collections.abc import Hashable

from handlers.views.parts.blocks import Message

MOST_KEPT = 2_000


class Kept:
    """The latest messages, each with the version of the data that it was made from.

    What is kept belongs to a partner, a question and a day, never to a viewer: who may see it is asked anew each time,
    and that reading brings the version along. `most` 0 keeps nothing.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._messages: OrderedDict[Hashable, tuple[int, Message]] = OrderedDict()

    def get(self, key: Hashable, version: int) -> Message | None:
        """The message, unless the data has changed since."""
        found = self._messages.get(key)
        return found[1] if found is not None and found[0] == version else None

    def keep(self, key: Hashable, version: int, message: Message) -> None:
        """Keep the message, and let go of the oldest beyond `most`."""
        self._messages[key] = (version, message)
        self._messages.move_to_end(key)
        while len(self._messages) > self._most:
            self._messages.popitem(last=False)
