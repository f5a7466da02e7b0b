"""The documents use the same words as tierbot's messages."""

import re
from pathlib import Path

import pytest

from tests.support.citations import without_code
from tests.support.documents import PAGES, ROOT

INSTEAD = {
    r"laps(e|es|ed|ing)": "expire, expiry",
    r"besides": "in addition to, also",
    r"deeds?": "change",
    r"letters?": "message",
    r"to who|who asks may|is told": "name who does what",
    r"postbox|clockwork|teller": "poster, scheduler, composer",
    r"\d %": "65%, without a space",
}


def _found(text: str) -> list[str]:
    return [found[0] for pattern in INSTEAD for found in re.finditer(rf"\b({pattern})(?!\w)", text, re.IGNORECASE)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_uses_the_readers_words(page: Path):
    assert _found(without_code(page.read_text(encoding="utf-8"))) == []


def test_avoided_words_are_found_in_prose_but_not_in_code():
    text = "12 points Lapse: 5 % less. A `lapse` is told to who asks.\n```text\nbesides\n```\n"
    assert _found(without_code(text)) == ["Lapse", "is told", "to who", "5 %"]
    assert _found("letters, deeds and the postbox") == ["deeds", "letters", "postbox"]
    assert _found("65% of the collapsed lettering") == []
