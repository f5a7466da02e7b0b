"""Bidirectional controls: refused on import, and never shown, even if they are in the database (slack#text)."""

import sys
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.terminal.text import clean as clean_for_a_terminal
from handlers.views.parts.formats import escaped, name, spoken
from tests.support.sample_folder import FOLDER, write_folder
from tiercore.ingest.cells import BadCell, clean, parse_id, parse_label, parse_name
from tiercore.ingest.importing import import_folder
from tiercore.program import load_program

TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
EVERY = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.bidirectional(chr(code)) in TURNING]
MARKS = ["\u200e", "\u200f", "\u061c"]  # invisible, and they reorder the text beside them
CALLED = pytest.mark.parametrize("character", EVERY, ids=unicodedata.name)


def test_unicode_has_nine_bidirectional_control_characters():
    assert len(EVERY) == 9


@CALLED
@pytest.mark.parametrize("written", ["{}Acme", "Acme{}", "Ac{}me", "Müller {}"])
def test_no_cell_can_contain_a_bidirectional_control_character(character: str, written: str):
    with pytest.raises(BadCell) as refused:
        clean(written.format(character))
    assert refused.value.kind == "invisible character"
    assert str(refused.value).isprintable()


@CALLED
@pytest.mark.parametrize(
    ("file", "old"), [("partners", "Partner A"), ("clients", "Acme"), ("people", "Ana,"), ("sales", "Marketing Hub")]
)
def test_a_folder_with_bidirectional_controls_is_refused_with_file_line_and_column(
    sqlite_engine, tmp_path, file: str, old: str, character: str
):
    changed = FOLDER[f"{file}.csv"].replace(old, old[:2] + character + old[2:], 1)
    folder = write_folder(tmp_path / "data", **{file: changed})
    [problem, *_] = import_folder(sqlite_engine, load_program(), folder, today=date(2022, 9, 5)).problems
    assert (problem.file, problem.line, problem.kind) == (f"{file}.csv", 2, "invisible character")
    assert f"\\u{ord(character):04x}" in str(problem)
    assert str(problem).isprintable()


@pytest.mark.parametrize("character", [*EVERY, *MARKS], ids=unicodedata.name)
def test_ids_and_labels_contain_no_invisible_characters(character: str):
    for parse in (parse_id, parse_label):
        with pytest.raises(BadCell):
            parse(f"P{character}7")


def test_a_name_can_be_written_from_right_to_left():
    for written in ("סוכנות", "وكالة", "Acme סוכנות 12"):
        assert parse_name(clean(written)) == written


@given(st.text(st.sampled_from([*EVERY, *MARKS, "A", "ב", "م", " ", "1"]), max_size=60))
def test_no_name_reorders_the_text_around_it(text: str):
    for show in (name, escaped, spoken, clean_for_a_terminal):
        assert not set(show(text)) & {*EVERY, *MARKS}, show
    assert [each for each in name(text) if each not in " …"] == [each for each in text if each in "Aבم1"]
