"""The row of controls: at most five, none lost, and what a menu holds is the button itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.local_slack.blockcheck import problems
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import LABELS, read_value, tabs, value
from handlers.views.parts.controls import addressed, control_row, share, unfolded, without_tabs
from handlers.views.replies import which_partner
from tiercore.access import PartnerName

BUTTONS = st.integers(0, 12).map(lambda count: [blocks.button(f"B{at}", f"ask:{at}", f"v|{at}") for at in range(count)])


def held(row: blocks.Block) -> list[tuple[str, str]]:
    """The action and the value of every button, in the row or in its menu."""
    found = []
    for each in row["elements"]:
        if each["type"] == "button":
            found.append((each["action_id"], each["value"]))
        elif each["action_id"].startswith("more:"):
            found += [unfolded(option["value"]) for option in each["options"]]
    return found


@given(BUTTONS, st.booleans(), st.booleans())
def test_a_row_has_at_most_five_controls_and_loses_none(buttons: list, menu: bool, shares: bool):
    controls = [*buttons, *([share()] if shares else [])]
    row = control_row(*controls, tabs=tabs("tier", "PA") if menu else None)
    assert len(row["elements"]) <= 5
    assert sorted(held(row)) == sorted((each["action_id"], each["value"]) for each in controls)
    assert problems([row], "message") == [] or not controls


PARTNERS = st.sampled_from(("PA", "PB", 'P"', 'a",b', '","PA', "ä,", "\\"))
QUESTIONS_ASKED = st.lists(st.tuples(st.sampled_from((*LABELS, "why")), st.text(max_size=9), PARTNERS), max_size=4)


@given(QUESTIONS_ASKED, PARTNERS)
def test_a_menu_leaves_out_the_questions_of_the_same_partner_that_the_row_asks(asked: list, partner: str):
    buttons = [blocks.button(f"B{at}", f"ask:{at}", value(*each)) for at, each in enumerate(asked)]
    *_, menu = control_row(*buttons, tabs=tabs("tier", partner))["elements"]
    left = [read_value(each["value"]) for each in menu["options"]]
    assert left == [(word, "", partner) for word in LABELS if word != "tier" and not asks(asked, word, partner)]


def asks(questions: list, word: str, partner: str) -> bool:
    return any(each[0] == word and each[2] == partner for each in questions)


def test_buttons_that_ask_again_and_long_values_stay_in_the_row():
    sure = blocks.confirmation("Sure?", "Really?", "Yes", "No")
    asks, long = blocks.button("A", "do:a", "a", confirm=sure), blocks.button("L", "ask:l", "x" * 200)
    rest = [blocks.button(f"B{at}", f"ask:{at}", "v") for at in range(6)]
    row = control_row(*rest, asks, long)
    assert asks in row["elements"]
    assert long in row["elements"]


def test_the_first_controls_keep_their_place():
    row = control_row(*(blocks.button(f"B{at}", f"ask:{at}", "v") for at in range(9)))
    assert [each.get("text", {}).get("text") for each in row["elements"]] == ["B0", "B1", "B2", "B3", None]


def test_a_share_button_is_given_its_question_and_a_page_leaves_the_questions_out():
    row = control_row(share(), tabs=tabs("tier", "PA"))
    [block] = addressed(Message("", [row]), value("tier", "", "PA")).blocks
    assert block["elements"][0]["value"] == '["tier","","PA"]'
    [left] = without_tabs([block])
    assert [each["type"] for each in left["elements"]] == ["button"]


def test_a_menu_takes_no_option_that_slack_would_refuse():
    longest = "x" * blocks.OPTION_VALUE_LIMIT
    assert blocks.select("Choose", "ask:a", [("A", longest)])["options"][0]["value"] == longest
    with pytest.raises(ValueError, match="at most 150 characters"):
        blocks.select("Choose", "ask:a", [("A", f"{longest}x")])
    with pytest.raises(ValueError, match="at most 150 characters"):
        blocks.overflow("ask:a", [("A", f"{longest}x")])


def test_a_question_that_is_too_long_for_a_menu_has_to_name_its_partner():
    partners = [PartnerName(f"P{number}", f"Partner {number}") for number in range(9)]
    asked = which_partner(partners, "whatif", "sell 7,500 Acme and " * 10)
    assert [each["type"] for each in asked.blocks] == ["rich_text"]
    assert "Type its name after the question" in asked.text
