"""Closed alerts: names never become markup, whatever they contain (slack#text)."""

import unicodedata
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.playground.local_slack.blockcheck import problems
from handlers.views.alert import closed
from handlers.views.parts.blocks import Message
from tests.support.recalibration import standing
from tiercore.notifications.types import AlertRef

DAY = date(2022, 9, 5)
SUBJECTS = ["gold.sold_minimum", "gold.certification", "reached.platinum", "recalibration.2023-01-15"]
LIVE = ["<!channel>", "<@U0ANA>", "<https://evil.example|x>", "*b*", "_i_", "~s~", "`c`", ":tada:", "@here", "#general"]
LIVE += ["evil.example", "https://evil.example", "&lt;", "a|b", "a\\b", "line\nbreak", "\u202eevil", "\u200bevil"]


def closing(partner: str, subject: str) -> Message:
    return closed(partner, AlertRef("s1", "PA", subject, 1), standing(DAY), None)


def strings_in(value: object) -> Iterator[str]:
    """Every string in blocks, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings_in(inner)


def assert_inert(message: Message) -> None:
    """The text contains no markup, no bidirectional controls and no line breaks."""
    assert not set("<>\n") & set(message.text)
    assert "&" not in message.text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    for at, character in enumerate(message.text):
        if character in "*_~`@#|\\":
            assert message.text[at + 1] == "\u2060", message.text
    for mark in (":tada:", "evil.example", "://"):
        assert mark not in message.text
    assert problems(message.blocks, "message") == []
    shown = list(strings_in(message.blocks))
    assert "mrkdwn" not in shown
    for text in (*shown, message.text.replace("\u2060", "")):
        assert not [each for each in text if unicodedata.category(each) in ("Cc", "Cf")]


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("live", LIVE)
def test_names_in_a_closed_alert_never_become_markup(live: str, subject: str):
    message = closing(f"Partner {live} A", subject)
    assert_inert(message)
    assert "alert closed" in message.text
    assert message.text.startswith("⚪ Partner ")


@given(
    st.text(st.characters() | st.sampled_from("<>&*_~`@#|\\:.\n\u202e\u2066"), max_size=200), st.sampled_from(SUBJECTS)
)
@example("\\n", SUBJECTS[0])
def test_a_closed_alert_has_no_markup_whatever_the_partners_name(partner: str, subject: str):
    assert_inert(closing(partner, subject))
