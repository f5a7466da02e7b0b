"""The message that replaces an alert that is no longer watched."""

from datetime import date

import pytest

from handlers.views import alert
from tests.support.recalibration import standing
from tiercore.notifications.types import AlertRef

DAY = date(2022, 9, 5)


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
    message = alert.closed("Rheinbogen", about, standing(DAY), None)
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
    message = alert.closed("Rheinbogen", about, standing(DAY, "platinum", date(2022, 8, 15)), None)
    assert message.text == f"🎉 Rheinbogen: Platinum credited on 15 Aug 2022. {reason}"


def test_an_alert_that_ends_with_a_lower_tier_is_no_good_news():
    about = AlertRef("s1", "partner-a", "reached.diamond", 1)
    message = alert.closed("Rheinbogen", about, standing(DAY, "gold", date(2022, 8, 15)), None)
    assert message.text.startswith("⚪ Rheinbogen: Diamond alert closed.")
