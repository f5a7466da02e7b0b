"""The cheapest choice: as cheap as an optimizer's, enough, and without a step too many."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.plan_problems import least_cost, problem_of
from tiercore.facts.money import Money
from tiercore.facts.points import Source
from tiercore.planning.cheapest import cheapest
from tiercore.planning.problem import Chosen, Needs, Problem, SaleOption, TakenOn, WholeOption
from tiercore.rating.credits import rated

CASES = 10_000
TABLES = (100_00, 75_00, 62_50, 12_000, 105_00, 1_545_00, 300_300_00, 88_00, 408_000_00, 14_400)


def added(problem: Problem, chosen: Chosen, without: int | None = None) -> Needs:
    """The micropoints that the choice adds, each credit rated; without one of its steps if wished."""
    per_100 = Money(problem.per_100_usd, "USD")
    sales = [(problem.sales[place], minor) for place, minor in chosen.sold]
    wholes = [problem.wholes[place] for place in chosen.wholes]
    taken = [(problem.taken_on.rate, chosen.taken_on)] if problem.taken_on and chosen.taken_on else []
    steps = [*sales, *wholes, *taken]
    steps = [each for number, each in enumerate(steps) if number != without]
    sold = managed = sourced = 0
    for each in steps:
        if isinstance(each, WholeOption):
            managed += each.managed + each.points * (each.source is Source.MANAGED)
            sold += each.points * (each.source is not Source.MANAGED)
            sourced += each.points * (each.source is Source.SOURCED)
        elif isinstance(each[0], SaleOption):
            points = rated(each[1], each[0].rate, per_100)
            sold += points
            sourced += points * (problem.source is Source.SOURCED)
            if each[0].whole is None or problem.wholes[each[0].whole] in steps:
                managed += rated(each[1], each[0].managed, per_100)
        else:
            managed += rated(each[1], each[0], per_100)
    return Needs(sold + managed, sold, sourced, managed)


def is_enough(problem: Problem, found: Needs) -> bool:
    return all(have >= need for have, need in zip(found, problem.needs, strict=True))


def count(chosen: Chosen) -> int:
    return len(chosen.sold) + len(chosen.wholes) + bool(chosen.taken_on)


def test_no_plan_is_cheaper_than_the_optimizer_finds_and_none_dearer(share_of: Callable[[int], int]):
    cases = share_of(CASES)
    for seed in range(cases if cases == CASES else cases // 10):
        problem = problem_of(seed)
        chosen = cheapest(problem)
        assert (chosen.cost if chosen else None) == least_cost(problem), seed


@given(st.integers(0, 1_000_000))
def test_a_plan_is_enough_and_without_any_one_step_it_is_not(seed: int):
    problem = problem_of(seed)
    chosen = cheapest(problem)
    if chosen is None:
        return
    assert is_enough(problem, added(problem, chosen))
    assert count(chosen) <= problem.steps
    for step in range(count(chosen)):
        assert not is_enough(problem, added(problem, chosen, without=step))


@example(37, 300_300_00)  # where rating takes away more than the last cent brings
@example(64, 408_000_00)
@given(st.integers(0, 1_000_000), st.sampled_from(TABLES))
def test_in_every_currency_what_rating_rounds_is_enough_and_costs_no_more_than_the_table_says(seed: int, per_100: int):
    """The same problem, in amounts as much larger as the currency's table says, and in millions of points."""
    small = problem_of(seed)
    small = replace(
        small,
        sales=(*(replace(each, whole=None) for each in small.sales), SaleOption(4, None)),
        wholes=(),
        most_sold=None,
        taken_on=small.taken_on and TakenOn(1, small.taken_on.weight),
        source=Source.SOURCED,
    )
    problem = replace(
        small,
        needs=Needs(*(each * 999_983 for each in small.needs)),
        per_100_usd=per_100,
        sales=tuple(
            replace(each, most=None if each.most is None else each.most * (per_100 + 1)) for each in small.sales
        ),
    )
    fewer, chosen = cheapest(small), cheapest(problem)
    assert chosen is None or is_enough(problem, added(problem, chosen))
    if fewer:
        assert chosen is not None
        assert chosen.cost <= fewer.cost * per_100


def test_where_two_ways_cost_the_same_a_client_is_named():
    sales = (SaleOption(5, None, is_named=False), SaleOption(5, 600_00), SaleOption(5, 800_00))
    problem = Problem(Needs(combined=62_500_000), 100_00, sales)
    assert cheapest(problem) == Chosen(125_000_00, ((2, 800_00), (1, 450_00)), ())


def test_an_old_line_at_three_points_is_not_sold_where_a_new_one_at_five_is_open():
    sales = (SaleOption(3, 5_000_00), SaleOption(5, 5_000_00))
    assert cheapest(Problem(Needs(combined=50_000_000), 100_00, sales)) == Chosen(100_000_00, ((1, 1_000_00),), ())


def test_what_is_sold_to_a_managed_client_counts_twice():
    sales = (SaleOption(5, 5_000_00), SaleOption(5, 5_000_00, managed=1))
    assert cheapest(Problem(Needs(combined=60_000_000), 100_00, sales)) == Chosen(100_000_00, ((1, 1_000_00),), ())


def test_an_agreement_is_extended_before_more_is_sold():
    extended = WholeOption(Source.MANAGED, 15_000_000, 1_500_00, 1_500_00 * 5)
    problem = Problem(Needs(combined=15_000_000), 100_00, (SaleOption(5, None),), (extended,))
    assert cheapest(problem) == Chosen(1_500_00 * 5, (), (0,))


def test_clients_are_taken_on_for_the_managed_minimum_alone():
    problem = Problem(
        Needs(combined=40_000_000, managed=10_000_000), 100_00, (SaleOption(3, None),), taken_on=TakenOn(1, 25)
    )
    assert cheapest(problem) == Chosen(125_000_00, ((0, 1_000_00),), (), 1_000_00)


def test_no_plan_sells_more_than_the_limit():
    problem = Problem(Needs(combined=50_000_000), 100_00, (SaleOption(5, None),), most_sold=999_99)
    assert cheapest(problem) is None


def test_assisted_sales_never_meet_a_sourced_minimum():
    problem = Problem(Needs(sourced=1), 100_00, (SaleOption(3, None),), source=Source.ASSISTED)
    assert cheapest(problem) is None
