"""Contradictions in the client's view: one sentence each, with the figures (data#contradictions)."""

from datetime import date

import pytest

from handlers.views.parts.contradictions import record, sentence, to_check
from tests.support.entries import agreement, sale, usd
from tiercore.facts.points import MICRO
from tiercore.program import load_program
from tiercore.rating.contradictions import (
    Contradiction,
    Multiple,
    NothingManaged,
    OtherCurrency,
    Oversold,
    SameDeal,
    SoldAfterEnd,
    SoldBeforeZero,
    StatesDifference,
)
from tiercore.rating.lines import LineKey

RULES = load_program().on(date(2022, 9, 5))
LINE, DAY = LineKey("Marketing Hub", ""), date(2022, 1, 10)
SALE, COPY = sale(DAY, 1000), sale(DAY, 1000, sale_id="S1-copy")

FOUND: list[tuple[Contradiction, str]] = [
    (
        Oversold(LINE, (SALE, COPY), DAY, usd(1500), usd(1000), 45 * MICRO, 30 * MICRO),
        "Marketing Hub is sold for US$1,500 a month on 10 Jan 2022 but pays US$1,000: at most 30 of 45 points can stand"
        " behind it",
    ),
    (
        Oversold(LINE, (SALE,), DAY, usd(1500), usd(1000), None, None),
        "Marketing Hub is sold for US$1,500 a month on 10 Jan 2022 but pays US$1,000",
    ),
    (
        SoldAfterEnd(LINE, SALE, date(2021, 5, 1), 30 * MICRO),
        "Marketing Hub was sold on 10 Jan 2022 but pays nothing from 1 May 2021 on, yet it counts 30 points",
    ),
    (
        SoldBeforeZero(LINE, SALE, date(2022, 6, 10), 30 * MICRO),
        "Marketing Hub was sold on 10 Jan 2022 but its first level on file is 0, from 10 Jun 2022 on: what it paid"
        " before is unknown, yet it counts 30 points",
    ),
    (
        Multiple(LINE, SALE, 12, usd(83), DAY, is_rise=False),
        "The sale of US$1,000 on 10 Jan 2022 is 12 times the US$83 that Marketing Hub pays: it may be a year's amount",
    ),
    (
        Multiple(LINE, SALE, 1000, usd(1), DAY, is_rise=True),
        "The sale of US$1,000 on 10 Jan 2022 is 1,000 times the US$1 by which Marketing Hub rises: it may be a slip"
        " with a thousands separator",
    ),
    (
        Multiple(LINE, SALE, 12, usd(12_000), DAY, is_rise=False, of_sale=True),
        "Marketing Hub pays US$12,000, which is 12 times the sale of US$1,000 on 10 Jan 2022: it may be a year's"
        " amount",
    ),
    (
        SameDeal(LINE, (SALE, COPY), 60 * MICRO, 30 * MICRO),
        "S1 and S1-copy may be one deal (Marketing Hub, US$1,000, 10 Jan 2022): 60 points as they stand, 30 if it is"
        " one deal",
    ),
    (
        StatesDifference(LINE, SALE, usd(1800), DAY),
        "The upsell of US$1,000 on 10 Jan 2022 states the difference, not the line's new MRR: Marketing Hub pays"
        " US$1,800 from 10 Jan 2022 on",
    ),
    (
        SameDeal(LINE, (SALE, COPY), 60 * MICRO, 60 * MICRO),
        "S1 and S1-copy may be one deal (Marketing Hub, US$1,000, 10 Jan 2022)",
    ),
    (SameDeal(LINE, (SALE, COPY), 0, 0), "S1 and S1-copy may be one deal (Marketing Hub, US$1,000, 10 Jan 2022)"),
    (
        OtherCurrency(LINE, SALE, sale(DAY, 900, currency="EUR").mrr, DAY),
        "Marketing Hub was sold for US$1,000 on 10 Jan 2022 but pays €900 from 10 Jan 2022 on: two currencies on one"
        " line",
    ),
    (
        OtherCurrency(LINE, SALE, sale(DAY, 900, currency="EUR").mrr, DAY, other_sale=COPY),
        "Marketing Hub was sold for US$1,000 on 10 Jan 2022 and for €900 on 10 Jan 2022: two currencies on one line",
    ),
    (
        NothingManaged(agreement(DAY)),
        "Agreement A1 earned no managed points: no subscription data is on file",
    ),
]


@pytest.mark.parametrize(("found", "said"), FOUND, ids=[type(found).__name__ for found, _ in FOUND])
def test_a_contradiction_is_one_sentence_with_its_figures(found: Contradiction, said: str):
    assert sentence(found, RULES) == said
    assert record(found, RULES)["text"] == said


def test_nothing_is_shown_where_nothing_contradicts_itself():
    assert to_check([], RULES) == []


def test_of_many_contradictions_five_are_shown_and_the_rest_counted():
    found = [NothingManaged(agreement(DAY, agreement_id=f"A{number}")) for number in range(8)]
    [title, bullets, more] = to_check(found, RULES)
    assert title["elements"][0]["text"] == "Check these entries"
    assert len(bullets["elements"]) == 5
    assert more["elements"][0]["text"] == "… and 3 more"
