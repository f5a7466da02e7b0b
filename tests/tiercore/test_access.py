"""Access: one choke point that can't be forged or bypassed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercore import access
from tiercore.access import Grant, NoSuchPartner, NotLinked, PartnerName, Reach, WhichPartner
from tiercore.facts.entries import Role

A, B, C = PartnerName("PA", "Partner A"), PartnerName("PB", "Ägentur Müller"), PartnerName("PC", "Partner A")


def reach(*partners: PartnerName) -> Reach:
    return Reach("x@example.com", "X", frozenset({Role.CAM}), partners)


def test_only_a_reach_can_issue_a_grant():
    with pytest.raises(PermissionError):
        Grant(A, object())
    assert reach(A).grant(None).partner == A


@pytest.mark.parametrize(
    "text", ["PB", "pb", "Ägentur Müller", "agentur muller", " ÄGENTUR  MÜLLER ", "Ägentur-Müller"]
)
def test_a_partner_is_found_by_id_or_name_in_any_case_and_without_accents(text: str):
    assert reach(A, B).grant(text).partner == B


def test_a_single_partner_need_not_be_named_and_several_must():
    assert reach(B).grant(None).partner == B
    with pytest.raises(WhichPartner) as several:
        reach(A, B).grant(None)
    assert several.value.choices == (A, B)
    with pytest.raises(NotLinked):
        reach().grant(None)


def test_an_ambiguous_partner_name_asks_which():
    with pytest.raises(WhichPartner) as both:
        reach(A, B, C).grant("partner a")
    assert both.value.choices == (A, C)


def test_near_misses_are_suggested_only_among_the_viewers_partners():
    with pytest.raises(NoSuchPartner) as missed:
        reach(B).grant("Agentur Miller")
    assert missed.value.suggestions == (B,)
    with pytest.raises(NoSuchPartner) as not_theirs:
        reach(B).grant("Partner A")
    assert not_theirs.value.suggestions == ()


@given(st.text(max_size=40), st.sets(st.sampled_from([A, B, C])))
def test_a_grant_is_always_for_a_partner_within_the_reach(text: str, partners: set[PartnerName]):
    try:
        granted = reach(*partners).grant(text)
    except (NoSuchPartner, WhichPartner, NotLinked):
        return
    assert granted.partner in partners


def test_names_are_compared_ignoring_punctuation():
    assert access.plain("Söhne & Co., Ltd.") == "sohne co ltd"
