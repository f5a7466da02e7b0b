"""One-time codes that link a Slack user to a person: generated, recognized, and stored as a digest only."""

import hashlib
import secrets

_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_LENGTH = 12


def new_link_code() -> str:
    """A random, unguessable code in groups of four: "K7MQ-2WXA-9RTB"."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(code[at : at + 4] for at in range(0, _LENGTH, 4))


def is_link_code(text: str) -> bool:
    """Whether the text could be a one-time code, in any spacing and case."""
    return len(_normalized(text)) == _LENGTH and set(_normalized(text)) <= set(_ALPHABET)


def digest_of(code: str) -> str:
    """The digest under which a code is stored (SHA-256, hex)."""
    return hashlib.sha256(_normalized(code).encode()).hexdigest()


def _normalized(code: str) -> str:
    return code.replace("-", "").replace(" ", "").upper()
