"""What replaces an alert that is no longer watched; names never become markup, whatever they contain (slack#text)."""

import unicodedata
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.playground.local_slack.blockcheck import problems
from handlers.views.closed_alert import closed
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


@pytest.mark.parametrize(
    ("signal", "title", "reason"),
    [
        (
            "platinum.sold_minimum",
            "Rheinbogen: Platinum alert closed",
            "Platinum's sold minimum is no longer watched, because the credited tier has changed.",
        ),
        (
            "recalibration.2022-07-15",
            "Rheinbogen: 15 Jul 2022 recalibration alert closed",
            "The recalibration on 15 Jul 2022 is over; /tier shows the credited tier.",
        ),
        (
            "reached.diamond",
            "Rheinbogen: Diamond alert closed",
            "tierbot no longer watches whether Diamond is reached.",
        ),
    ],
)
def test_a_closed_alert_says_why_and_as_of_which_day(signal: str, title: str, reason: str):
    about = AlertRef("s1", "partner-a", signal, 1)
    message = closed("Rheinbogen", about, standing(DAY), None)
    header, body, footnote = message.blocks
    assert header["text"]["text"] == f"⚪ {title}"
    assert body["elements"][0]["elements"][0]["text"] == reason
    assert [element["text"] for element in footnote["elements"]] == ["As of 5 Sep 2022"]
    assert message.text == f"⚪ {title}. {reason}"


@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        ("reached.platinum", "tierbot no longer watches whether Platinum is reached."),
        ("gold.sold_minimum", "Gold's sold minimum is no longer watched."),
    ],
)
def test_an_alert_that_ends_with_a_higher_tier_celebrates_it(signal: str, reason: str):
    about = AlertRef("s1", "partner-a", signal, 1)
    message = closed("Rheinbogen", about, standing(DAY, "platinum", date(2022, 8, 15)), None)
    assert message.text == f"🎉 Rheinbogen: Platinum credited on 15 Aug 2022. {reason}"


def test_an_alert_that_ends_with_a_lower_tier_is_no_good_news():
    about = AlertRef("s1", "partner-a", "reached.diamond", 1)
    message = closed("Rheinbogen", about, standing(DAY, "gold", date(2022, 8, 15)), None)
    assert message.text.startswith("⚪ Rheinbogen: Diamond alert closed.")
