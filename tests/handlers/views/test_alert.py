"""The message that replaces an alert that is no longer watched."""

from datetime import date

import pytest

from handlers.views import alert
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
    message = alert.closed("Rheinbogen", about, DAY)
    header, body, footnote = message.blocks
    assert header["text"]["text"] == f"⚪ {title}"
    assert body["elements"][0]["elements"][0]["text"] == reason
    assert [element["text"] for element in footnote["elements"]] == ["As of 5 Sep 2022"]
    assert message.text == f"⚪ {title}. {reason}"
