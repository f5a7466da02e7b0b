"""What may happen, as people type it."""

from datetime import date

import pytest

from handlers.parsing.scenarios import scenario_in
from handlers.parsing.words import words_of
from handlers.question import InvalidInput
from tiercore.facts.entries import DealType, Motion
from tiercore.scenarios.wishes import Asked, Wish, WishKind

TODAY = date(2022, 9, 5)


def asked(text: str) -> list[Asked]:
    found = scenario_in(words_of(text), TODAY)
    assert not isinstance(found, InvalidInput), found
    return list(found.asked)


def refused(text: str) -> str:
    found = scenario_in(words_of(text), TODAY)
    assert isinstance(found, InvalidInput)
    return str(found)


@pytest.mark.parametrize(
    ("text", "wish", "words"),
    [
        (
            "sell 7,500 sourced Acme 20 Sep",
            Wish(WishKind.SELL, hundredths=7_500_00, motion=Motion.SOURCED, day=date(2022, 9, 20)),
            "Acme",
        ),
        (
            "sell 500 assisted Marketing Hub Enterprise to Acme on 20 Sep",
            Wish(WishKind.SELL, hundredths=500_00, motion=Motion.ASSISTED, day=date(2022, 9, 20)),
            "Marketing Hub Enterprise Acme",
        ),
        ("sell €1.5k Acme", Wish(WishKind.SELL, hundredths=1_500_00, currency="EUR"), "Acme"),
        ("sell 900 GBP net-new Acme", Wish(WishKind.SELL, None, None, 900_00, "GBP", None, DealType.NET_NEW), "Acme"),
        ("sell $900 to a new client", Wish(WishKind.SELL, hundredths=900_00, currency="USD"), ""),
        ("lose Acme", Wish(WishKind.LOSE), "Acme"),
        ('lose "Lose and Sons" tomorrow', Wish(WishKind.LOSE, day=date(2022, 9, 6)), "Lose and Sons"),
        ("lose Smith and Sons on 2022-10-01", Wish(WishKind.LOSE, day=date(2022, 10, 1)), "Smith and Sons"),
        ("downgrade Acme Marketing Hub to 800", Wish(WishKind.DOWNGRADE, hundredths=800_00), "Acme Marketing Hub"),
        ("downgrade Acme to 0 in 2 months", Wish(WishKind.DOWNGRADE, hundredths=0, day=date(2022, 11, 5)), "Acme"),
        (
            "sell 500 Acme in October",
            Wish(WishKind.SELL, hundredths=500_00, day=date(2022, 10, 1), is_day_assumed=True),
            "Acme",
        ),
        ("sell 500 Acme next week", Wish(WishKind.SELL, hundredths=500_00, day=date(2022, 9, 12)), "Acme"),
        ("upgrade Acme Marketing Hub to 2,000", Wish(WishKind.UPGRADE, hundredths=2_000_00), "Acme Marketing Hub"),
        ("renew the certification by 20 nov", Wish(WishKind.RENEW, starts_on=date(2022, 11, 20)), ""),
        ("certification renewed by 20 nov", Wish(WishKind.RENEW, starts_on=date(2022, 11, 20)), ""),
        ("the certification renewed", Wish(WishKind.RENEW), ""),
        ("end agreement Dune", Wish(WishKind.END), "Dune"),
        ("end the agreement with Dune 30 Sep", Wish(WishKind.END, day=date(2022, 9, 30)), "Dune"),
        ("extend agreement Dune until 2025-12-31", Wish(WishKind.EXTEND, day=date(2025, 12, 31)), "Dune"),
        (
            "renew the agreement with Dune until June",
            Wish(WishKind.EXTEND, day=date(2023, 6, 30), is_day_assumed=True),
            "Dune",
        ),
        ("renew certification", Wish(WishKind.RENEW), ""),
        ("renew certification until 30 Nov 2024", Wish(WishKind.RENEW, day=date(2024, 11, 30)), ""),
    ],
)
def test_a_step_is_read_with_its_amount_motion_day_and_names(text: str, wish: Wish, words: str):
    [found] = asked(text)
    assert (found.wish, " ".join(found.words)) == (wish, words)


@pytest.mark.parametrize("joined", ["; ", ", ", " and ", ", and ", " then "])
def test_several_steps_are_told_apart_by_commas_semicolons_and_words(joined: str):
    steps = ["sell 7,500 sourced Acme 20 Sep", "lose Smith and Sons", "renew certification"]
    found = asked(joined.join(steps))
    assert [each.wish.kind for each in found] == [WishKind.SELL, WishKind.LOSE, WishKind.RENEW]
    assert found[1].words == ("Smith", "and", "Sons")


def test_the_words_before_the_first_step_are_a_partners_name():
    found = scenario_in(words_of('"Partner A": lose Acme'), TODAY)
    assert not isinstance(found, InvalidInput)
    assert next(each.text for each in found.before) == "Partner A"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Type what may happen"),
        ("hello there", "Type what may happen"),
        ("sell Acme", "How much MRR?"),
        ("downgrade Acme", "How much MRR?"),
        ("sell 225 points Acme", "Type MRR, not points"),
        ("sell 0 Acme", "above zero"),
        ("sell 1.234 Acme", "could mean"),
        ("sell 500 Acme 31 Sep", "isn't a day"),
        ("sell 500 Acme 2021-01-01", "is over"),
        ("renew Acme", "What is renewed?"),
        ("; ".join(["lose Acme"] * 11), "more than 10 steps"),
    ],
)
def test_what_cannot_be_read_is_said_with_an_example_that_works(text: str, said: str):
    assert said in refused(text)
