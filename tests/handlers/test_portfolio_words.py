"""What is asked of a portfolio: every request can be typed as it is carried by a button."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.commands.portfolio import parse
from handlers.parsing.portfolio import names_in
from handlers.parsing.words import words_of
from handlers.question import InvalidInput, ParseContext
from handlers.views.parts.portfolio_request import PortfolioRequest
from tiercore.access import plain
from tiercore.portfolio.state import By, Filter, Show

CONTEXT = ParseContext(date(2022, 9, 5), ("gold", "platinum"))
CAMS = st.sampled_from([None, "Carla", "Carla Conti", "Tier Gold", "by points"])
FILTERS = st.builds(Filter, st.sampled_from(Show), st.sampled_from([None, "gold", "platinum", "none"]), CAMS)
REQUESTS = st.builds(PortfolioRequest, FILTERS, st.sampled_from(By), st.integers(1, 99))


@given(REQUESTS)
def test_a_request_is_understood_as_it_is_typed_again(request: PortfolioRequest):
    [reading] = parse(request.typed, CONTEXT)
    assert reading.request == request
    assert reading.partner is None, "it is never about one partner"


@given(st.text(max_size=60))
def test_any_text_is_understood_or_answered_with_what_can_be_typed(text: str):
    [reading] = parse(text, CONTEXT)
    for _, meant in reading.request.choices if isinstance(reading.request, InvalidInput) else ():
        assert parse(meant, CONTEXT)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("red in 60 days", "red in 30 days"),
        ("movrs tier gold", "movers tier gold"),
        ("at rsik by points", "at risk by points"),
        ("tier platnum", "tier platinum"),
        ("platnum by points", "platinum by points"),
    ],
)
def test_mistyped_words_are_corrected_and_the_others_kept(text: str, meant: str):
    [reading] = parse(text, CONTEXT)
    refused = reading.request if isinstance(reading.request, InvalidInput) else reading.request.unclear
    assert refused is not None
    assert [text for _, text in refused.choices] == [meant]


@pytest.mark.parametrize("text", ["untiered", "no tier", "tier none", "Without a tier", "tier untiered"])
def test_partners_without_a_tier_are_asked_for_in_many_words(text: str):
    [reading] = parse(text, CONTEXT)
    assert reading.request == PortfolioRequest(Filter(tier="none"))


def test_tier_may_follow_its_name():
    [reading] = parse("gold tier by points", CONTEXT)
    assert reading.request == PortfolioRequest(Filter(tier="gold"), By.POINTS)


@given(st.text('ab"“”„«»', min_size=1, max_size=12).filter(plain))
def test_a_cam_with_quotes_in_the_name_is_asked_for_again_by_a_button(cam: str):
    [reading] = parse(PortfolioRequest(Filter(Show.CLOSE, cam=cam)).typed, CONTEXT)
    assert plain(reading.request.of.cam) == plain(cam)
    assert reading.request.of.show is Show.CLOSE


@pytest.mark.parametrize("text", ["P1 P2 P3", '"P1" P2 P3', "P1 P2, P3", 'P1 and "P2" P3', "P1 vs P2 vs P3"])
def test_partners_to_compare_are_told_apart_with_or_without_quotes_and_commas(text: str):
    assert ["P1", "P2", "P3"] in list(names_in(words_of(text)))


@pytest.mark.parametrize("text", ["“at risk”", '"at risk" "gold"', "“at risk gold”", "«Tier Gold» at risk"])
def test_quotes_around_what_is_asked_for_dont_matter(text: str):
    [reading] = parse(text, CONTEXT)
    assert reading.request.of.show is Show.AT_RISK
    assert reading.request.of.tier == ("gold" if "old" in text else None)


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("at risk close", ["at risk", "close"]),
        ("gold platinum", ["tier gold", "tier platinum"]),
        ("close by points by days", ["close by points", "close by days"]),
        ("expiring 60 days", ["expiring"]),
    ],
)
def test_words_that_contradict_each_other_are_asked_about_and_none_is_left_out_silently(text: str, choices: list[str]):
    [reading] = parse(text, CONTEXT)
    refused = reading.request if isinstance(reading.request, InvalidInput) else reading.request.unclear
    assert [meant for _, meant in refused.choices] == choices
