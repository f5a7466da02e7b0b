"""One-time codes that link a Slack user to a person: how they are made, recognized and kept (as a digest only)."""

import hashlib
import secrets

_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_LENGTH = 12


def new_link_code() -> str:
    """A code nobody can guess, in groups of four: "K7MQ-2WXA-9RTB"."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(code[at : at + 4] for at in range(0, _LENGTH, 4))


def is_link_code(text: str) -> bool:
    """Whether the text could be a one-time code, however it is spaced and capitalized."""
    return len(_plain(text)) == _LENGTH and set(_plain(text)) <= set(_ALPHABET)


def digest_of(code: str) -> str:
    """What is stored of a code."""
    return hashlib.sha256(_plain(code).encode()).hexdigest()


def _plain(code: str) -> str:
    return code.replace("-", "").replace(" ", "").upper()
