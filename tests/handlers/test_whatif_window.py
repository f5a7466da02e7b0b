"""The window of a what-if: what its fields say is what was typed, and nothing of it is lost."""

from datetime import date

import pytest

from handlers.parsing.scenarios import TypedScenario, scenario_in
from handlers.parsing.words import words_of
from handlers.views.whatif_form import MAX_STEPS, StepFields, form
from handlers.whatif_window import fields_of
from tiercore.program import load_program
from tiercore.scenarios.wishes import Asked

CATALOGUE = load_program().catalogue
TODAY = date(2022, 9, 5)
TYPED = (
    "sell 7,500 sourced Acme 20 Sep",
    "sell 500 cross sell assisted Marketing Hub Enterprise to Acme",
    'sell €1,200.50 net new to new client "Acme Two" on 2022-10-01',
    "sell 900 renewal Acme",
    "upgrade Acme Sales Hub to 900 upsell assisted",
    "downgrade Bright Harbor Marketing Hub to 800 on 1 Oct",
    "lose Bright Harbor",
    "end agreement Acme 31 Dec",
    "extend agreement Acme until 31 Dec 2024",
    "renew certification until 30 Nov 2024",
    "renew certification by 28 Nov",
    "renew certification",
)


def asked_in(text: str) -> Asked:
    found = scenario_in(words_of(text), TODAY)
    assert isinstance(found, TypedScenario)
    [asked] = found.asked
    return asked


@pytest.mark.parametrize("text", TYPED)
def test_a_step_that_is_changed_in_the_window_keeps_everything_that_was_said(text: str):
    asked = asked_in(text)
    fields = fields_of(asked, CATALOGUE)
    again = asked_in(fields.typed)
    assert again.wish == asked.wish
    assert again.is_new == asked.is_new
    assert fields_of(again, CATALOGUE) == fields


def test_the_window_has_room_for_every_step_that_can_be_typed():
    view = form([StepFields()] * MAX_STEPS, "PA")
    assert len(view["blocks"]) <= 100
    assert len([each for each in view["blocks"] if each.get("block_id", "").startswith("kind_")]) == MAX_STEPS
