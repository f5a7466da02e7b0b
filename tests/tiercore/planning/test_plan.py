"""Plans in sentences: what is planned from a partner's books, and why there may be no plan."""

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.partner_books import partner_books
from tests.support.plans import (
    BY,
    CERTIFIED,
    DAY,
    PARTNER,
    RULES,
    SALES,
    client,
    deal,
    is_held,
    other_line,
    planned,
    rules_of,
    usd,
)
from tests.support.sampled_partners import TABLE, sampled_partner
from tiercore.facts.entries import Agreement, Motion, ToolUsage
from tiercore.facts.holds import EXPIRY
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, Source, hundredths
from tiercore.facts.unknown import Unknown
from tiercore.planning.aims import Obstacle
from tiercore.planning.candidates import sales_of, wholes_of
from tiercore.planning.market import Market
from tiercore.planning.offer import Offer, steps_of
from tiercore.planning.plan import Plan, plan_for
from tiercore.planning.problem import Chosen
from tiercore.planning.steps import Kind, Wish
from tiercore.program import Program
from tiercore.questions.gap_on import NotAhead
from tiercore.questions.pipeline import OpenDeal
from tiercore.questions.requirements import State
from tiercore.scenarios.books import PartnerBooks


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return rules_of(tmp_path_factory.mktemp("rules"), RULES)


@pytest.fixture(scope="module")
def sampled_rules(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return rules_of(tmp_path_factory.mktemp("rules"), TABLE)


def kinds(plan: Plan) -> list[Kind]:
    return [each.kind for each in plan.steps]


def test_a_plan_extends_an_agreement_that_ends_before_the_day_and_sells_the_rest(program: Program):
    ends = date(2025, 10, 31)
    plan = planned(program, other_line(1, 2_000), client(2, 6_000, ends_on=ends))
    assert plan.feasible
    extended = next(each for each in plan.steps if each.kind is Kind.EXTEND)
    assert (extended.client.name, extended.points, extended.last_day) == ("Client 2", 60 * MICRO, ends)
    assert hundredths(plan.margin) == 0


def test_a_cross_sell_goes_to_a_client_that_does_not_have_the_line(program: Program):
    plan = planned(program, other_line(1, 20_000), client(2, 6_000))
    sales = [each for each in plan.steps if each.kind is Kind.CROSS_SELL]
    assert [(each.client.name, each.product_line, each.source) for each in sales] == [
        ("Client 2", SALES, Source.SOURCED)
    ]


def test_two_sales_to_one_client_both_count(program: Program):
    clients = [other_line(1, 100), client(2, 4_000, began=date(2024, 9, 1))]
    plan = planned(program, *clients, wish=Wish("platinum", date(2025, 10, 15)))
    assert [(each.kind, each.client.name) for each in plan.steps] == [
        (Kind.CROSS_SELL, "Client 2"),
        (Kind.UPSELL, "Client 2"),
    ]
    books = partner_books(PARTNER, clients, program, DAY, "gold", [CERTIFIED])
    assert is_held(books, plan, program)
    assert [is_held(books, plan, program, without=step) for step in range(2)] == [False, False]


@pytest.mark.parametrize(("began", "rate"), [(date(2023, 3, 1), 3), (date(2024, 9, 1), 5)])
def test_an_upsell_of_a_line_from_before_2024_keeps_three_points(program: Program, began: date, rate: int):
    books = partner_books(PARTNER, [client(1, 30_000, began=began)], program, DAY)
    market = Market(books, program, Wish(), DAY, BY, usd(100))
    assert [each.option.rate for each in sales_of(market, Motion.SOURCED) if each.kind is Kind.UPSELL] == [rate]


def test_an_upsell_goes_to_the_account_whose_line_pays(program: Program):
    """Without its account, the sale would open another line of the client."""
    book = client(1, 30_000)
    book.sales[:] = [replace(each, account="Europe") for each in book.sales]
    book.levels[:] = [replace(each, account="Europe") for each in book.levels]
    books = partner_books(PARTNER, [book], program, DAY, "gold", [CERTIFIED])
    market = Market(books, program, Wish(), DAY, BY, usd(100))
    offer = Offer(plan_for(Wish("platinum", BY), DAY, program, books).aim, None, market, Motion.SOURCED, [])
    [place] = [place for place, (each, _) in enumerate(offer.sales) if each.kind is Kind.UPSELL]
    [step] = steps_of(offer, Chosen(0, ((place, 1_000_00),), ()))
    assert {entry.account for entry in step.entries} == {"Europe"}
    assert step.points == (30 + 10) * MICRO  # sold at 3, as the line from before 2024, and managed at 1


def test_an_assisted_plan_cannot_meet_a_sourced_minimum(program: Program):
    plan = planned(program, client(1, 20_000), wish=Wish("platinum", BY, assisted=True))
    assert (plan.feasible, plan.obstacle, plan.steps) == (False, Obstacle.SOURCED, ())


def test_growth_sells_to_clients_in_growth_markets_alone(program: Program):
    plan = planned(
        program, other_line(1, 20_000), client(2, 6_000, country="IN"), wish=Wish("platinum", BY, growth=True)
    )
    named = [each.client.country for each in plan.steps if each.kind.sells and each.client]
    assert plan.feasible
    assert set(named) == {"IN"}


def test_without_managed_no_client_is_taken_on(program: Program):
    plan = planned(program, client(1, 1_000, managed=False), wish=Wish("platinum", BY, managed=False))
    assert (plan.feasible, plan.obstacle, plan.earliest) == (False, Obstacle.MANAGED, date(2026, 1, 15))


def test_a_limit_a_month_is_for_each_month_that_begins_by_the_day(program: Program):
    plan = planned(program, client(1, 20_000), wish=Wish("platinum", BY, most_a_month=10_00))
    assert plan.most_sold == Money(50_00, "USD")
    assert (plan.feasible, plan.obstacle) == (False, Obstacle.LIMIT)


def test_a_limit_that_is_too_low_for_the_day_names_the_first_credit_day_on_which_it_is_enough(program: Program):
    wish = Wish("gold", date(2025, 9, 15), most_a_month=500_00)
    plan = planned(program, client(1, 5_000), tier=None, wish=wish)
    assert plan.obstacle is Obstacle.LIMIT
    assert plan.earliest
    assert planned(program, client(1, 5_000), tier=None, wish=replace(wish, by=plan.earliest)).feasible


def test_a_certification_that_ends_before_the_day_is_renewed_and_costs_nothing(program: Program):
    until = date(2025, 11, 28)
    plan = planned(program, other_line(1, 60_000), certified=[replace(CERTIFIED, valid_until=until)])
    renewed = plan.steps[0]
    assert (renewed.kind, renewed.mrr, renewed.last_day) == (Kind.CERTIFICATION, None, until)
    assert plan.feasible


def test_where_no_certification_is_on_file_getting_one_is_a_step(program: Program):
    plan = planned(program, other_line(1, 60_000), certified=[])
    assert (plan.steps[0].kind, plan.steps[0].last_day) == (Kind.CERTIFICATION, BY)


def test_elite_without_an_invitation_has_no_plan_and_no_day(program: Program):
    plan = planned(program, client(1, 20_000), wish=Wish("elite", BY))
    assert (plan.obstacle, plan.earliest) == (Obstacle.REQUIREMENT, None)
    assert "elite_invitation" in [each.name for each in plan.aim.blocked]


def test_a_total_that_is_not_set_leaves_a_least_cost_and_no_most(program: Program):
    plan = planned(program, client(1, 20_000), wish=Wish("diamond", BY))
    assert (plan.feasible, plan.steps) == (None, ())
    assert [each.name for each in plan.aim.unset] == ["combined_threshold"]
    assert plan.spread
    assert plan.spread.least == Money(2_000_00 - 10, "USD")  # 99.995 points at 5 for US$100 are shown as 100
    assert plan.spread.most is None


def test_a_minimum_that_is_not_set_costs_between_nothing_and_the_whole_total(tmp_path: Path):
    rules = rules_of(
        tmp_path, RULES.replace("[thresholds.platinum.sourced_minimum]\n2025-07-15 = { value = 100 }\n", "")
    )
    plan = planned(rules, client(1, 6_000))
    assert plan.feasible is None
    assert plan.spread
    assert plan.spread.least == Money(4_800_00 - 10, "USD")  # 240 of 300 points are missing, at 5 for US$100
    assert plan.spread.most == usd(6_000)  # all 300 are sourced


def test_where_the_tier_holds_by_itself_there_is_nothing_to_do(program: Program):
    sold = client(1, 20_000, began=date(2025, 3, 1))
    plan = planned(program, sold, tier=None, wish=Wish("gold", DAY))
    assert (plan.feasible, plan.steps, plan.cost, plan.effort) == (True, (), usd(0), usd(0))
    assert planned(program, client(1, 20_000), tier=None, wish=Wish("gold", DAY)).steps


def test_keeping_the_tier_comes_before_climbing(program: Program):
    plan = planned(program, client(1, 100), tier="platinum", wish=Wish())
    assert (plan.aim.tier.name, plan.aim.keeps) == ("platinum", True)


def test_without_a_tier_a_partner_plans_for_the_next_one_on_the_next_credit_day(program: Program):
    plan = planned(program, client(1, 100), tier=None, wish=Wish())
    assert (plan.aim.tier.name, plan.by) == ("gold", date(2025, 9, 15))


def test_while_expiry_is_under_correction_a_day_to_come_has_no_plan(program: Program):
    plan = planned(program, client(1, 20_000), holds={EXPIRY: Unknown("being checked")})
    assert plan.obstacle is Obstacle.HELD


def test_a_dollar_year_has_no_plan(program: Program):
    day = date(2021, 6, 1)
    books = partner_books(PARTNER, [], program, day)
    assert plan_for(Wish("gold", day), day, program, books).obstacle is Obstacle.DOLLARS


@pytest.mark.parametrize("by", [date(2025, 9, 4), date(2026, 9, 5)])
def test_a_plan_needs_a_day_on_which_a_sale_of_today_counts(program: Program, by: date):
    with pytest.raises(NotAhead):
        planned(program, client(1, 100), wish=Wish("gold", by))


def test_another_partner_s_share_is_taken_off_before_a_client_is_planned_to_be_managed(program: Program):
    shared = client(1, 10_000, managed=False)
    shared.agreements.append(Agreement("B1", "P2", "C1", date(2024, 1, 1)))
    books = partner_books(PARTNER, [shared], program, DAY)
    market = Market(books, program, Wish(), DAY, BY, Money(100_00, "USD"))
    [managed] = [each.option for each in wholes_of(market) if each.kind is Kind.MANAGE]
    assert managed.points == 50 * MICRO


def two_clients(program: Program) -> PartnerBooks:
    clients = [other_line(1, 20_000), client(2, 6_000)]
    return partner_books(PARTNER, clients, program, DAY, "gold", [CERTIFIED])


def with_deals(program: Program, *deals: OpenDeal, wish: Wish | None = None) -> Plan:
    return plan_for(wish or Wish("platinum", BY), DAY, program, two_clients(program), deals)


def test_an_open_deal_that_is_expected_by_the_day_is_won_before_more_is_sold(program: Program):
    plan = with_deals(program, deal(1, date(2025, 11, 1)))
    [won] = [each for each in plan.steps if each.kind is Kind.DEAL]
    assert (won.client.name, won.product_line, won.source, won.mrr) == ("Client 2", SALES, Source.SOURCED, usd(1_500))
    assert won.points == (75 + 15) * MICRO  # sold at 5, and managed at 1
    assert not [each for each in plan.steps if each.kind is Kind.CROSS_SELL and each.client == won.client]
    assert plan.feasible
    assert is_held(two_clients(program), plan, program)


@pytest.mark.parametrize(("expected_on", "is_step"), [(BY, True), (BY + timedelta(1), False)])
def test_a_deal_expected_after_the_day_is_no_step(program: Program, expected_on: date, is_step: bool):
    assert (Kind.DEAL in kinds(with_deals(program, deal(1, expected_on)))) is is_step


def test_an_assisted_plan_wins_assisted_deals_alone(program: Program):
    days = date(2025, 11, 1), date(2025, 11, 2)
    both = deal(1, days[0]), deal(2, days[1], motion=Motion.ASSISTED)
    sold = client(3, 2_000, began=date(2025, 3, 1))  # so the sourced minimum is met
    books = partner_books(PARTNER, [client(2, 6_000), sold], program, DAY, "gold", [CERTIFIED])
    plan = plan_for(Wish("platinum", BY, assisted=True), DAY, program, books, both)
    assert [each.source for each in plan.steps if each.kind is Kind.DEAL] == [Source.ASSISTED]
    assert {each.source for each in plan.steps} == {Source.ASSISTED}
    assert plan.feasible


def test_a_deal_with_a_new_client_names_it(program: Program):
    new = replace(
        deal(1, date(2025, 11, 1), client_id=None, client_name="Nova", country="IN"), client="Nova", is_new=True
    )
    plan = with_deals(program, new)
    [won] = [each for each in plan.steps if each.kind is Kind.DEAL]
    assert (won.client.name, won.points) == ("Nova", 150 * MICRO)  # a growth market: 10 for US$100


def test_a_client_whose_tool_usage_would_break_a_requirement_is_left_out(program: Program):
    clients = [other_line(1, 9_000), client(2, 6_000, managed=False)]

    def named(tools: int) -> list[str]:
        usage = [ToolUsage("C1", DAY.replace(day=1), 3), ToolUsage("C2", DAY.replace(day=1), tools)]
        books = partner_books(PARTNER, clients, program, DAY, "gold", [CERTIFIED], usage)
        plan = plan_for(Wish("platinum", BY), DAY, program, books)
        assert plan.feasible
        return [each.client.name for each in plan.steps if each.client]

    assert "Client 2" in named(3)
    assert "Client 2" not in named(1)


@given(
    st.integers(0, 1_000_000),
    st.integers(0, 1_100),
    st.sampled_from(("gold", "platinum", "diamond")),
    st.sampled_from(("USD", "USD", "EUR", "JPY", "INR")),
)
def test_a_plan_that_is_carried_out_reaches_the_tier(
    sampled_rules: Program, seed: int, days: int, tier: str, currency: str
):
    sampled = sampled_partner(random.Random(seed))
    sampled = replace(sampled, partner=replace(sampled.partner, currency=currency))
    day = date.fromordinal(date(2025, 7, 20).toordinal() + days % 700)
    books = partner_books(
        sampled.partner, sampled.books, sampled_rules, day, sampled.credited, sampled.certifications, sampled.usage
    )
    plan = plan_for(Wish(tier), day, sampled_rules, books)
    if not plan.feasible:
        assert plan.feasible is None or plan.obstacle
        return
    assert is_held(books, plan, sampled_rules)
    assert not plan.steps or plan.margin is not None
    unknown = [each.name for each in plan.aim.renewals if each.state is not State.RED]
    for step, each in enumerate(plan.steps):
        assert each.kind.value in unknown or not is_held(books, plan, sampled_rules, without=step)
