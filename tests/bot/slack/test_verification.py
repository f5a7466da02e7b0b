"""The fields of a form are read as the standard library reads them."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.verification import InvalidRequest, form_fields, parse_body


@given(st.text(alphabet="ab&=+%2C3é;", max_size=40))
def test_a_form_is_read_as_the_standard_library_reads_it(text: str):
    assert form_fields(text) == dict(parse_qsl(text, keep_blank_values=True))


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=8))
def test_what_was_encoded_is_read_back(fields: dict[str, str]):
    found = form_fields(urlencode(fields))
    assert found == fields


def test_a_form_of_more_than_a_hundred_fields_is_refused():
    assert len(form_fields("&".join(f"k{number}=v" for number in range(100)))) == 100
    with pytest.raises(InvalidRequest, match="malformed"):
        parse_body("&".join(f"k{number}=v" for number in range(101)).encode(), "application/x-www-form-urlencoded")
