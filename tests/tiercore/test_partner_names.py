"""Partners by name: what a list shows while someone types, and lists that many questions share."""

from hypothesis import given
from hypothesis import strategies as st

from tiercore.access import PartnerIndex, PartnerName, Partners, Reach, plain
from tiercore.facts.entries import Role

NAMES = st.lists(st.text("abcAB -é", min_size=1, max_size=12), max_size=30).map(
    lambda names: tuple(PartnerName(f"P{at}", name) for at, name in enumerate(names))
)


@given(NAMES, st.text("abcAB -é", max_size=4), st.integers(1, 10))
def test_every_partner_that_is_shown_contains_what_was_typed_or_has_that_id(partners, text, limit):
    found = PartnerIndex(partners).starting(text, limit)
    query = plain(text)
    fitting = [each for each in partners if query in plain(each.name) or plain(each.partner_id) == query]
    assert set(found) <= set(fitting)
    assert len(found) == min(limit, len(fitting))


def test_names_that_begin_with_what_was_typed_are_shown_first():
    names = ("Best Oaks", "Oak & Co", "Broak", "Blue Oak")
    index = PartnerIndex([PartnerName(str(at), name) for at, name in enumerate(names)])
    assert [each.name for each in index.starting("oak", 10)] == ["Oak & Co", "Best Oaks", "Blue Oak", "Broak"]


@given(NAMES)
def test_a_shared_list_equals_the_same_partners_and_finds_the_same(partners):
    shared, alone = Partners(partners), partners
    assert shared == alone
    assert hash(shared) == hash(alone)
    roles = frozenset({Role.CAM})
    reach, other = Reach("a", "A", roles, shared), Reach("a", "A", roles, alone)
    for each in partners:
        assert reach.grant_of(each.partner_id).partner == other.grant_of(each.partner_id).partner == each
        assert reach.shows(each.partner_id)
    assert not reach.shows("elsewhere")
    assert reach.only([each.partner_id for each in partners[:3]]).partners == partners[:3]
