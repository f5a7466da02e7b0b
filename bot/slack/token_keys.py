"""Sealing tokens before they are stored: Fernet, with keys from the environment, so that the database alone opens
nothing. The first key seals, all of them open: while a key is changed there are two (slack#token-keys).
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from tiercore.workspaces.types import InstalledToken

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class SealedByAnotherKey(ValueError):
    """None of the keys opens what was sealed; the message says what to set."""


class TokenKeys:
    """The operator's keys, the newest first. Raises ValueError for one that is no Fernet key."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = tuple(keys)
        self._fernet  # noqa: B018  (a bad key is said at the start, not at the first installation)

    @cached_property
    def _fernet(self) -> "MultiFernet":
        from cryptography.fernet import Fernet, MultiFernet  # takes 30 ms that one workspace doesn't need

        return MultiFernet([Fernet(key) for key in self._keys])

    def seal(self, token: str) -> str:
        """The token, sealed with the first key."""
        return self._fernet.encrypt(token.encode()).decode()

    def open(self, sealed: str) -> str:
        """The token. Raises SealedByAnotherKey."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealedByAnotherKey(
                "a stored token was sealed with a key that isn't in TIERBOT_TOKEN_KEYS: add that key again, behind the "
                "new one, and run tierbot keys rotate"
            ) from error

    def opens(self, sealed: str) -> bool:
        """Whether one of the keys opens it."""
        try:
            self.open(sealed)
        except SealedByAnotherKey:
            return False
        return True

    def reseal(self, sealed: str) -> str:
        """The same token, sealed with the first key. Raises SealedByAnotherKey."""
        return self.seal(self.open(sealed))


def unopened(keys: TokenKeys, tokens: Iterable[tuple[str, InstalledToken]]) -> list[str]:
    """The teams with something sealed that none of the keys opens."""
    return [team_id for team_id, token in tokens if not all(map(keys.opens, token.sealed))]


def new_key() -> str:
    """A new key for TIERBOT_TOKEN_KEYS."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
