"""Blocks of messages and windows, and options of lists, that don't fit are omitted and counted (slack#blocks)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.local_slack.blockcheck import problems
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.surfaces import MAX_BLOCKS_IN_MESSAGE, MAX_BLOCKS_IN_VIEW, TABLE, without

LIMITS = pytest.mark.parametrize("most", [MAX_BLOCKS_IN_MESSAGE, MAX_BLOCKS_IN_VIEW], ids=["message", "view"])


def table_of(rows: int) -> Message:
    """A header, a table with that many rows, and the two blocks that always come last."""
    cells = [[blocks.text_cell(f"row {number}"), blocks.text_cell("1")] for number in range(rows)]
    last = [blocks.header(word) for word in ("controls", "footing")]
    return Message("Clients", [blocks.header("first"), blocks.data_table("t", ["Client", "Points"], cells, 10), *last])


def shown(rows: int, most: int) -> tuple[list[int], int, list[dict]]:
    """The rows shown, the number the message says is missing, and its blocks."""
    found = without(table_of(rows), {TABLE}, [], most)
    texts = [block["text"]["text"] for block in found if block["type"] == "section"]
    notes = [element["text"] for block in found if block["type"] == "context" for element in block["elements"]]
    missing = [int(number[1]) for text in notes if (number := re.match(r"(\d+) more: ", text))]
    assert len(notes) == len(missing) <= 1
    return [int(text.split("\n")[0].removeprefix("row ")) for text in texts], sum(missing), found


@LIMITS
@given(rows=st.integers(0, 300))
def test_every_row_is_shown_or_counted_as_missing(most: int, rows: int):
    kept, missing, found = shown(rows, most)
    assert kept == list(range(len(kept))), "the first rows are shown, in their order"
    assert len(kept) + missing == rows
    assert len(found) <= most
    assert [block["text"]["text"] for block in found[-2:]] == ["controls", "footing"]
    assert problems(found, "message" if most == MAX_BLOCKS_IN_MESSAGE else "modal") == []


@LIMITS
def test_a_list_that_fits_is_not_cut_and_one_more_row_is_mentioned(most: int):
    fitting = most - 3  # a header before them, and two blocks after
    assert shown(fitting, most)[:2] == (list(range(fitting)), 0)
    kept, missing, found = shown(fitting + 1, most)
    assert (len(kept), missing, len(found)) == (fitting - 1, 2, most)


@pytest.mark.parametrize("options", [1, 100, 101, 1_000, 1_001, 2_345])
def test_an_incomplete_list_says_how_many_options_it_has(options: int):
    select = blocks.select("Choose a partner", "a", [(f"Partner {number}", str(number)) for number in range(options)])
    groups = select.get("option_groups") or [{"options": select["options"]}]
    held = [option["value"] for group in groups for option in group["options"]]
    assert held == [str(number) for number in range(min(options, 1_000))]
    text = f"Choose a partner (the first 1,000 of {options:,})" if options > 1_000 else "Choose a partner"
    assert select["placeholder"]["text"] == text
    assert problems([blocks.actions(select)], "message") == []


def test_a_row_outside_a_table_has_sentences_on_lines_of_their_own_and_leaves_out_what_says_nothing():
    why = "Gold at risk on 15 Jan 2023: certification expires"
    row = [blocks.text_cell(each) for each in ("Partner A", why, "420", "–")]
    table = blocks.data_table("Needs attention", ["Partner", "What matters", "Points", "Next drop"], [row], 5)
    [section] = without(Message("text", [table]), {TABLE}, [], MAX_BLOCKS_IN_MESSAGE)
    assert section["text"]["text"] == f"Partner A\n{why}\nPoints: 420"
