"""What each kind of step costs by the program's table, and how that decides a plan (how-tiers-work#plans)."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.partner_books import partner_books
from tests.support.plans import BY, CERTIFIED, DAY, PARTNER, RULES, client, deal, planned, rules_of
from tiercore.facts.money import Money
from tiercore.facts.points import Source
from tiercore.planning.plan import Plan, plan_for
from tiercore.planning.steps import Kind, PlanStep, Wish
from tiercore.program import Program
from tiercore.program.rules import EFFORTS

SOLD = client(3, 3_000, began=date(2025, 3, 1))  # what it bought meets the sourced minimum of Platinum
ENDS = date(2025, 10, 31)
OWN = {
    Kind.CROSS_SELL: {Source.SOURCED: "sourced", Source.ASSISTED: "assisted"},
    Kind.UPSELL: {Source.SOURCED: "sourced", Source.ASSISTED: "assisted"},
    Kind.NEW_CLIENTS: {Source.SOURCED: "sourced", Source.ASSISTED: "assisted", Source.MANAGED: "taken_on"},
}


def with_efforts(folder: Path, **efforts: int) -> Program:
    tables = (f"[effort.{name}]\n2025-07-15 = {{ value = {value} }}\n" for name, value in efforts.items())
    return rules_of(folder, RULES + "".join(tables))


def won(program: Program) -> Plan:
    books = partner_books(PARTNER, [client(2, 6_000)], program, DAY, "gold", [CERTIFIED])
    return plan_for(Wish("platinum", BY), DAY, program, books, [deal(1, date(2025, 11, 1))])


def to_manage(program: Program) -> Plan:
    return planned(program, client(2, 6_000, managed=False), SOLD)


def to_extend(program: Program) -> Plan:
    return planned(program, client(2, 6_000, ends_on=ENDS), SOLD)


def to_sell(program: Program) -> Plan:
    return planned(program, client(2, 6_000), SOLD)


def effort_of(step: PlanStep) -> str:
    if step.kind is Kind.DEAL:
        return "won"
    if step.kind is Kind.EXTEND:
        return "extended"
    if step.kind is Kind.MANAGE:
        return "managed" if step.client else "taken_on"
    return OWN[step.kind][step.source]


@pytest.mark.parametrize(
    ("name", "cheap", "dear", "ask"),
    [
        ("sourced", 100, 250, to_sell),
        ("assisted", 40, 100, to_sell),
        ("won", 50, 500, won),
        ("managed", 5, 500, to_manage),
        ("extended", 5, 500, to_extend),
        ("taken_on", 1, 500, to_manage),
    ],
)
def test_a_way_is_taken_while_it_costs_less_effort_than_the_others(
    tmp_path: Path, name: str, cheap: int, dear: int, ask: Callable[[Program], Plan]
):
    plans = [ask(with_efforts(tmp_path, **{name: value})) for value in (cheap, dear)]
    assert all(each.feasible for each in plans)
    assert [name in map(effort_of, each.steps) for each in plans] == [True, False]


@settings(max_examples=25)
@given(st.fixed_dictionaries({name: st.integers(1, 400) for name in EFFORTS}))
def test_the_effort_of_a_plan_is_the_mrr_of_each_step_weighed_by_the_table(
    tmp_path_factory: pytest.TempPathFactory, efforts: dict[str, int]
):
    program = with_efforts(tmp_path_factory.getbasetemp(), **efforts)
    for plan in (to_sell(program), to_manage(program), to_extend(program), won(program)):
        assert plan.feasible
        weighed = sum(each.mrr.minor * efforts[effort_of(each)] for each in plan.steps if each.mrr)
        assert plan.effort == Money(-(-weighed // 100), "USD")
