"""Answers cached for as long as what they were made from is unchanged (architecture#hot-path)."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import orjson

from handlers.views.parts.blocks import Message
from handlers.views.parts.chart import Chart
from handlers.views.parts.surfaces import native_kinds

DEFAULT_LIMIT = 2_000
MOST_BYTES = 32 * 1024 * 1024
_ENTRY_BYTES = 1_000  # of the key and of what is kept beside the JSON


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer as the acknowledgement that carries it, with the kinds of its native blocks and its charts. It is bytes
    alone, so that nobody who shows it can change what the next one sees.
    """

    acknowledgement: bytes
    kinds: frozenset[str]
    charts: tuple[Chart, ...]
    window: str

    @property
    def message(self) -> Message:
        """The answer as a message, for what isn't an acknowledgement."""
        body = orjson.loads(self.acknowledgement)
        return Message(body["text"], body["blocks"], self.charts, self.window)

    @property
    def size(self) -> int:
        """About how many bytes it takes; the numbers of a chart are in the JSON, too."""
        return len(self.acknowledgement) * (2 if self.charts else 1) + _ENTRY_BYTES


def as_message(answer: Message | CachedAnswer) -> Message:
    """The answer as a message, wherever it comes from."""
    return answer.message if isinstance(answer, CachedAnswer) else answer


class AnswerCache:
    """The answers that were asked for most recently, each with the version of what it was made from: `limit` of them at
    most, in `most_bytes` at most. A `limit` of 0 caches nothing.

    An entry belongs to a partner, a question and a day, never to a viewer: what a viewer may see is read for every
    question, and that read also returns the version.
    """

    def __init__(
        self, encode: Callable[[Message], bytes], limit: int = DEFAULT_LIMIT, most_bytes: int = MOST_BYTES
    ) -> None:
        self._encode, self._limit, self._most_bytes = encode, limit, most_bytes
        self._answers: OrderedDict[Hashable, tuple[int, CachedAnswer]] = OrderedDict()
        self.bytes = 0

    def get(self, key: Hashable, version: int) -> CachedAnswer | None:
        """The cached answer; None where there is none, or the data has changed since."""
        cached = self._answers.get(key)
        if cached is None or cached[0] != version:
            return None
        self._answers.move_to_end(key)
        return cached[1]

    def put(self, key: Hashable, version: int, message: Message) -> None:
        """Cache the answer, and drop those that nobody has asked for longest beyond the limits."""
        if not self._limit:
            return
        answer = CachedAnswer(self._encode(message), native_kinds(message), message.charts, message.window)
        self._drop(key)
        self._answers[key] = (version, answer)
        self.bytes += answer.size
        while len(self._answers) > self._limit or self.bytes > self._most_bytes:
            self._drop(next(iter(self._answers)))

    def _drop(self, key: Hashable) -> None:
        if key in self._answers:
            self.bytes -= self._answers.pop(key)[1].size
