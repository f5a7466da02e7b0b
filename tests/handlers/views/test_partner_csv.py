"""A portfolio as CSV: a spreadsheet reads every cell as it is, and none as a formula."""

import csv
import io
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from handlers.views.partner_csv import safe, written

SIGNS = "=+-@\t\r＝＋－＠"
odd = st.one_of(st.text(max_size=20), st.tuples(st.sampled_from(SIGNS), st.text(max_size=10)).map("".join))


@given(odd)
def test_no_text_begins_like_a_formula(text: str):
    assert unicodedata.normalize("NFKC", safe(text))[:1] not in tuple("=+-@\t\r")
    assert safe(text).removeprefix("'") in (text, text.removeprefix("'"))


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=("C", "Z"))), min_size=2, max_size=2), max_size=5))
def test_rows_are_read_back_as_they_were_written(rows: list[list[str]]):
    data = written(("a", "b"), rows)
    assert data.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))) == [["a", "b"], *rows]
