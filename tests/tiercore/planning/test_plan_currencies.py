"""A plan of a partner that counts in another currency: what its table says, in amounts of it (how-tiers-work#plans)."""

from dataclasses import replace

import pytest

from tests.support.partner_books import partner_books
from tests.support.plans import BY, CERTIFIED, DAY, PARTNER, RULES, client, is_held, other_line, planned, rules_of
from tiercore.facts.money import Money
from tiercore.planning.aims import Obstacle
from tiercore.planning.plan import Plan, plan_for
from tiercore.planning.steps import Kind, Wish
from tiercore.program import Program
from tiercore.rating.credits import ClientBook

PER_100_USD = {"EUR": 80_00, "JPY": 15_000, "GBP": 64_31}
TABLES = "".join(
    f"[currencies.{code}]\n2025-07-15 = {{ value = {value} }}\n"
    for code, value in (("EUR", "80"), ("JPY", "15000"), ("GBP", "64.31"))
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return rules_of(tmp_path_factory.mktemp("rules"), RULES + TABLES)


def plan_in(code: str, program: Program, *clients: ClientBook, **wished: object) -> Plan:
    partner = replace(PARTNER, currency=code)
    return planned(program, *clients, partner=partner, wish=Wish("platinum", BY, **wished))


@pytest.mark.parametrize("currency", PER_100_USD)
def test_a_plan_asks_for_the_amount_of_its_currency_that_its_table_rates_as_what_is_missing(
    program: Program, currency: str
):
    """99.995 points are missing, at 5 for what stands for US$100: 19.999 times as much, in whole minor units.

    Where the table doesn't divide evenly, five millionths more are asked for than are needed.
    """
    plan = plan_in(currency, program, client(1, 30_000))
    assert plan.feasible
    assert [each.kind for each in plan.steps] == [Kind.NEW_CLIENTS]
    least = (99_995_000 + (0 if currency == "EUR" else 5)) * PER_100_USD[currency]
    assert plan.cost == Money(-(-least // 5_000_000), currency) == plan.steps[0].mrr


@pytest.mark.parametrize("currency", PER_100_USD)
def test_a_plan_in_another_currency_reaches_the_tier_and_without_a_step_it_does_not(program: Program, currency: str):
    partner, clients = replace(PARTNER, currency=currency), [other_line(1, 100), client(2, 2_000)]
    books = partner_books(partner, clients, program, DAY, "gold", [CERTIFIED])
    plan = plan_for(Wish("platinum", BY), DAY, program, books)
    assert len(plan.steps) > 1
    assert {each.mrr.currency for each in plan.steps if each.mrr} == {currency}
    assert is_held(books, plan, program)
    assert not any(is_held(books, plan, program, without=step) for step in range(len(plan.steps)))


def test_a_client_that_pays_in_dollars_is_sold_at_most_what_that_is_in_the_plans_currency(program: Program):
    plan = plan_in("EUR", program, other_line(1, 100), client(2, 2_000))
    cross_sold = [each.mrr for each in plan.steps if each.client and each.client.name == "Client 2"]
    assert cross_sold == [Money(1_600_00, "EUR")]


@pytest.mark.parametrize(
    ("most", "currency", "limit"),
    [(10_00, None, Money(50_00, "EUR")), (10_00, "EUR", Money(50_00, "EUR")), (10_00, "USD", Money(40_00, "EUR"))],
)
def test_a_limit_a_month_is_in_its_own_currency_or_in_the_plans(
    program: Program, most: int, currency: str | None, limit: Money
):
    plan = plan_in("EUR", program, client(1, 30_000), most_a_month=most, currency=currency)
    assert (plan.most_sold, plan.obstacle) == (limit, Obstacle.LIMIT)


def test_a_plan_without_a_table_for_its_currency_is_in_dollars_and_says_so(program: Program):
    plan = plan_in("INR", program, client(1, 30_000))
    assert plan.cost == plan_in("USD", program, client(1, 30_000)).cost == Money(1_999_90, "USD")
    assert "amounts in US$: currencies.INR isn't set" in plan.notes
