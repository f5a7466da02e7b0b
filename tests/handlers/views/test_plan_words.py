"""How the steps of a plan and their amounts are said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views.answers.plan import PlanAnswer, lines, message
from handlers.views.answers.plan_headline import headline
from handlers.views.parts.blocks import HEADER_LIMIT
from handlers.views.parts.plan_steps import acts, acts_in_short, whole
from tests.support.plans import BY, CERTIFIED, RULES, client, planned, rules_of
from tiercore.facts.entries import Client
from tiercore.facts.money import Money
from tiercore.planning.steps import Kind, PlanStep, Wish
from tiercore.program import Program

ACME, DUNE, NOVA = (Client(f"C{number}", name, "US") for number, name in enumerate(("Acme", "Dune", "Nova")))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return rules_of(tmp_path_factory.mktemp("rules"), RULES)


@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        (Money(8_737_38, "USD"), Money(8_738_00, "USD")),
        (Money(8_737_00, "USD"), Money(8_737_00, "USD")),
        (Money(1, "EUR"), Money(1_00, "EUR")),
        (Money(12_345, "JPY"), Money(12_345, "JPY")),
    ],
)
def test_an_amount_is_rounded_up_to_whole_units_of_its_currency(exact: Money, shown: Money):
    assert whole(exact) == shown


@pytest.mark.parametrize(
    ("clients", "said"),
    [
        ([ACME], "win the deal with Acme"),
        ([ACME, ACME], "win both deals with Acme"),
        ([ACME, ACME, ACME], "win the 3 deals with Acme"),
        ([ACME, DUNE, ACME], "win the 3 deals with Acme and Dune"),
        ([ACME, DUNE, NOVA, DUNE], "win the 4 deals with 3 clients"),
    ],
)
def test_the_deals_of_a_plan_are_counted_as_deals_and_its_clients_once(clients: Sequence[Client], said: str):
    assert acts([PlanStep(Kind.DEAL, each, "Sales Hub", None, 1, Money(100, "USD"), BY) for each in clients]) == said


NAMES = st.lists(st.text("abc XYZ", min_size=1, max_size=90).filter(str.strip), min_size=1, max_size=5)
STEPS = NAMES.flatmap(
    lambda names: st.lists(
        st.builds(
            PlanStep,
            st.sampled_from([Kind.CROSS_SELL, Kind.DEAL, Kind.EXTEND, Kind.MANAGE]),
            st.sampled_from([Client(f"C{at}", name, "US") for at, name in enumerate(names)]),
            st.just("Sales Hub"),
            st.just("sourced"),
            st.just(1),
            st.integers(1, 10**10).map(lambda dollars: Money(dollars * 100, "USD")),
            st.just(BY),
        ),
        min_size=1,
        max_size=5,
    )
)


@given(steps=STEPS, who=st.text("abc XYZ", min_size=1, max_size=90).filter(str.strip))
def test_a_plans_first_line_says_less_where_it_is_long_and_is_never_cut(
    program: Program, steps: Sequence[PlanStep], who: str
):
    plan = planned(program, client(1, 133, managed=False), tier=None, wish=Wish("platinum", BY))
    plan = replace(plan, steps=tuple(steps), partner=replace(plan.partner, name=who))
    header = message(PlanAnswer(plan, "platinum")).blocks[0]["text"]["text"]
    fuller = list(acts_in_short(plan.steps))
    said = next(each for each in fuller if header.endswith(f": {each}"))
    assert len(header) <= HEADER_LIMIT
    assert all(len(header) - len(said) + len(each) > HEADER_LIMIT for each in fuller[: fuller.index(said)])


def test_the_steps_of_a_plan_are_said_with_fewer_names_then_with_none():
    steps = [PlanStep(Kind.EXTEND, each, "Sales Hub", None, 1, Money(100, "USD"), BY) for each in (ACME, DUNE)]
    assert list(dict.fromkeys(acts_in_short(steps))) == [
        "extend Acme and Dune",
        "extend 2 clients",
        "extend 2 agreements",
        "2 steps",
    ]


def test_a_plan_says_of_its_sales_alone_that_they_are_rounded_up(program: Program):
    plan = planned(program, client(1, 133, managed=False), tier=None, wish=Wish("platinum", BY))
    plan = replace(plan, steps=tuple(replace(each, mrr=Money(123_45, "USD")) for each in plan.steps))
    said = message(PlanAnswer(plan, "gold")).text
    assert ("US$124 of MRR" in said, "US$123.45 of MRR" in said) == (True, True)  # what is sold, and what is managed
    assert "Sales are rounded up to whole currency units" in said
    assert "Amounts are rounded up" not in said


def test_a_plan_that_keeps_the_tier_names_the_recalibration_on_which_it_is_kept(program: Program):
    early = replace(CERTIFIED, valid_until=date(2025, 11, 25))
    plan = planned(program, client(1, 5_000), tier="gold", wish=Wish("gold", date(2025, 10, 15)), certified=[early])
    assert headline(plan).startswith("keep Gold by 15 Oct 2025: renew the certification")
    assert "Reached on 15 Oct 2025, Gold is kept at the recalibration on 15 Jan 2026." in lines(plan)
