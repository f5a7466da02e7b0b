"""A context block has an element per note, up to Slack's limit of ten."""

from handlers.views.parts import blocks


def _texts(block: blocks.Block) -> list[str]:
    return [element["text"] for element in block["elements"]]


def test_a_note_is_one_element_and_never_letter_by_letter():
    assert _texts(blocks.context("As of 5 Sep 2022")) == ["As of 5 Sep 2022"]
    assert _texts(blocks.context("As of 5 Sep 2022", "2022 rules")) == ["As of 5 Sep 2022", "2022 rules"]


def test_notes_beyond_ten_elements_are_joined_into_the_last():
    assert _texts(blocks.context(*"abcdefghij")) == list("abcdefghij")
    assert _texts(blocks.context(*"abcdefghijkl")) == [*"abcdefghi", "j · k · l"]
