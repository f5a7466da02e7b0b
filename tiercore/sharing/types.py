"""What is shared, and who will see it, as plain values independent of the database."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

LONGEST_COMMENT = 500  # characters


@dataclass(frozen=True, slots=True)
class Share:
    """An answer that somebody shares: its question, the day that it is about, where it goes, and the comment.

    `target` is a channel or a person. `confirmed` says which people without access to the partner the sharer agreed to,
    as `outsiders_token` writes them. `token` names the window in which it was confirmed: it is sent once.
    """

    word: str
    text: str
    partner_id: str | None
    day: date
    target: str
    comment: str = ""
    confirmed: str = ""
    token: str = ""

    def as_content(self) -> dict[str, Any]:
        """The share as the content of an outbox message."""
        return {
            "kind": "shared",
            "word": self.word,
            "text": self.text,
            "partner": self.partner_id,
            "day": self.day.toordinal(),
            "comment": self.comment,
            "confirmed": self.confirmed,
        }


def share_in(content: Mapping[str, Any], target: str) -> Share:
    """The share in an outbox message for the target."""
    return Share(
        str(content["word"]),
        str(content["text"]),
        content["partner"],
        date.fromordinal(int(content["day"])),
        target,
        str(content["comment"]),
        str(content["confirmed"]),
    )


@dataclass(frozen=True, slots=True)
class Audience:
    """Who would see it: the `outsiders` are those who may not see every partner that it is about.

    `may_confirm` says whether the sharer may show it to them, as the CAM or CC of each partner, or an admin. The
    channel `is_about` the partner where it gets the partner's notifications already. With `of_others` it is shared with
    a workspace of other partners.
    """

    outsiders: tuple[str, ...]
    may_confirm: bool
    is_about: bool
    of_others: bool = False


def outsiders_token(outsiders: Collection[str], *, shared: bool) -> str:
    """Names who a sharer agreed to: these people, and whether people of another organization are there; "" for nobody.
    It is another one as soon as somebody else is there.
    """
    if not outsiders and not shared:
        return ""
    text = "\0".join([*sorted(outsiders), "shared" if shared else ""])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
