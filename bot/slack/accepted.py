"""The signatures of accepted requests, so that none is accepted twice (architecture#front-door)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

_MOST = 1_000_000


@dataclass(slots=True)
class AcceptedRequests:
    """Remembers signatures for `seconds` after the time that their requests state, `most` of them at most: then those
    of the earliest second go.

    A request can only be replayed with the time that it states, so each second of stated time has the signatures of its
    requests in one row of bytes: 32 bytes a request, whatever the number of requests, and one look into one row.
    """

    seconds: float
    most: int = _MOST
    _of_second: dict[int, bytearray] = field(default_factory=dict)
    _earlier: frozenset[bytes] = frozenset()
    _earlier_until: float = 0.0
    _count: int = 0
    _cleared_at: int = 0

    def remember(self, signatures: Iterable[tuple[str, float]]) -> None:
        """Remember these, too: hexadecimal signatures that an earlier process accepted, with the times when it did."""
        known = dict(signatures)
        self._earlier = frozenset(map(bytes.fromhex, known))
        self._earlier_until = max(known.values(), default=0.0) + self.seconds

    def is_new(self, signature: bytes, stated: int, now: float) -> bool:
        """Remember the signature of a request that states this time; False if it is remembered already."""
        self._forget(now)
        row = self._of_second.setdefault(stated, bytearray())
        if signature in row or signature in self._earlier:
            return False
        row += signature
        self._count += 1
        return True

    def __len__(self) -> int:
        return self._count + len(self._earlier)

    def _forget(self, now: float) -> None:
        if int(now) != self._cleared_at:
            self._cleared_at = int(now)
            for second in [each for each in self._of_second if each < now - self.seconds]:
                self._drop(second)
            if now > self._earlier_until:
                self._earlier = frozenset()
        while self._count >= self.most:
            self._drop(min(self._of_second))

    def _drop(self, second: int) -> None:
        self._count -= len(self._of_second.pop(second)) // 32
