"""Work before a partner is known: bounded by the question's length limit, and never text × partners."""

from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.parsing.words import MAX_TEXT, MAX_WORDS, require_short, words_of
from handlers.question import InvalidInput, ParseContext
from handlers.typed_command import QUESTIONS
from tests.support.work import calls_in
from tiercore.access import PartnerName, Reach
from tiercore.facts.entries import Role

MOST_CALLS_TO_READ = 250_000
MOST_CALLS_A_READING = 20_000  # a name has 400 characters at most, one may fold into 18, and each is looked at twice
CONTEXT = ParseContext(date(2022, 9, 5), ("gold", "platinum", "diamond"))
PARTNERS = (1, 60, 5_000)
hostile = st.one_of(
    st.text(max_size=20_000),
    st.sampled_from(["a ", "1 ", "é̂̇ ", "\ufdfa", "Agentur Nr. ", "30d ", "$5 ", '"a" ', "page 2 "]).flatmap(
        lambda piece: st.integers(1, 20_000 // len(piece)).map(lambda times: piece * times)
    ),
)


@cache
def reach(partners: int) -> Reach:
    names = tuple(PartnerName(f"P{number}", f"Agentur Nr. {number} a b c") for number in range(partners))
    created = Reach("cam@example.com", "Cam", frozenset({Role.CAM}), names)
    created.grant("P0")
    return created


@given(hostile, st.sampled_from(sorted(QUESTIONS)))
def test_reading_a_question_takes_bounded_work_however_long_it_is(text: str, word: str):
    assert calls_in(lambda: QUESTIONS[word].parse(text, CONTEXT)) < MOST_CALLS_TO_READ


@given(hostile, st.sampled_from(sorted(QUESTIONS)), st.sampled_from(PARTNERS))
def test_looking_up_its_partner_takes_the_same_work_among_5000_partners_as_for_one(text: str, word: str, partners: int):
    readings, known = QUESTIONS[word].parse(text, CONTEXT), reach(partners)
    assert len(readings) <= 2 * MAX_WORDS
    for reading in readings[:5]:
        assert calls_in(lambda name=reading.partner: known.grant(name)) < MOST_CALLS_A_READING


@pytest.mark.parametrize("text", ["a " * MAX_WORDS, "x" * (MAX_TEXT + 1), "é" * 4_000])
def test_a_question_too_long_to_be_read_whole_is_refused_and_not_cut(text: str):
    with pytest.raises(InvalidInput, match="too long"):
        require_short(text)
    assert len(words_of(text)) <= MAX_WORDS


def test_two_names_of_full_length_are_not_too_long():
    require_short(f'"{"n" * 200}" "{"m" * 200}" by managed page 20')
