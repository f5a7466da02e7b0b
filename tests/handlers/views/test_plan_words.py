"""How the steps of a plan and their amounts are said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from handlers.views.answers.plan import PlanAnswer, headline, lines, message
from handlers.views.parts.plan_steps import acts, whole
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
