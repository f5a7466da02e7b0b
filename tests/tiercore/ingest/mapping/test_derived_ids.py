"""Ids made of names are stable, and two names never share one unnoticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercore.ingest.cells import MAX_ID_LENGTH, parse_id
from tiercore.ingest.mapping.derived_ids import DerivedIds, slug
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.problems import BadCell

_names = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=200)


def test_an_id_is_the_letters_and_digits_of_the_name() -> None:
    assert slug("Müller & Söhne GmbH (2)") == "muller-sohne-gmbh-2"
    assert slug("株式会社ミライ") == "株式会社ミライ"


@given(name=_names)
def test_an_id_depends_on_nothing_but_the_name_and_not_on_its_capitals_or_spaces(name: str) -> None:
    try:
        made = DerivedIds().of([name], "")
    except BadCell:
        return
    if made:
        assert DerivedIds().of([f" {name}  "], "") == made
        assert len(made) <= MAX_ID_LENGTH
        assert parse_id(made) == made


@given(names=st.lists(_names, max_size=20))
def test_two_names_never_share_an_id(names: list[str]) -> None:
    ids, owner = DerivedIds(), dict[str, str]()
    for name in names:
        try:
            made = ids.of([name], "")
        except BadCell:
            continue
        if made:
            assert owner.setdefault(made, plain(name)) == plain(name)


def test_a_name_without_letters_gives_no_id() -> None:
    with pytest.raises(BadCell):
        DerivedIds().of(["& -"], "")
