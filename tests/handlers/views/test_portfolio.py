"""The digest of several partners: who can't be judged is counted, with the reason."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views.answers import gap_headline, portfolio_rows, tier
from handlers.views.answers import portfolio as view
from handlers.views.answers.portfolio_rows import LABELS, Part, PortfolioPage
from tests.support.partner_days import DAY, PartnerDay, lines_of, partner_days, programs, row_of
from tests.support.recalibration import PARTNER, VALID
from tests.support.retained import retained
from tiercore.facts.entries import Certification
from tiercore.facts.points import MICRO
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, load_program
from tiercore.questions.gap_on import gap_on
from tiercore.questions.portfolio import PartnerWeek, Portfolio, portfolio_of
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import standing_on
from tiercore.rating.timeline import Balance

HELD = Unknown("under correction since 2023-06-01: sales of May are missing")


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Program]:
    return programs(tmp_path_factory.mktemp("rules"))


def partner(program: Program, name: str, *steps: tuple[date, int], certified: bool = True, **more) -> PartnerDay:
    """A partner with these sourced points from each day on; everything else is met unless `more` says otherwise."""
    known = {"retention": retained(DAY, 95 * MICRO), **more}
    facts = Facts(replace(PARTNER, name=name), [VALID] if certified else [], "gold", date(2021, 1, 15), **known)
    rows = [
        Balance(day.toordinal(), sourced=points * MICRO, managed=60 * MICRO, tools_median_twice=8, portals=1)
        for day, points in (steps or ((date(2022, 1, 1), 300),))
    ]
    return PartnerDay(facts, tuple(rows), program)


def of(*partners: PartnerDay) -> Portfolio:
    """The portfolio of the partners, each with an ID of its own."""
    weeks = list[PartnerWeek]()
    for number, each in enumerate(partners):
        facts = replace(each.facts, partner=replace(each.facts.partner, partner_id=f"P{number}"))
        weeks.append(PartnerDay(facts, each.rows, each.program).week)
    return portfolio_of(DAY, weeks)


def test_nobody_is_said_to_be_fine_while_no_threshold_is_set(rules):
    portfolio = of(*(partner(rules["unset"], each) for each in ("Quay", "Rhein")))
    assert view.headline(portfolio) == "2 partners: 2 can't be judged: 3 thresholds not set"
    message = view.message(portfolio)
    assert "⚪ Can't be judged (2)" in lines_of(message)
    assert "No threshold is set for Gold (2): Quay and Rhein" in lines_of(message)
    assert "An admin sets thresholds with /tier setup." in lines_of(message)
    assert "Can't be judged: No threshold is set for Gold (2): Quay and Rhein." in message.text


def test_each_reason_has_its_line_with_its_partners(rules):
    portfolio = of(
        partner(rules["set"], "Fine"),
        partner(rules["set"], "Held", holds={"expiry": HELD}),
        partner(rules["set"], "No certificate", certified=False),
        partner(rules["set"], "Churn", retention=retained(DAY, 95 * MICRO), holds={"retention": HELD}),
        partner(rules["set"], "Red", (date(2022, 1, 1), 20)),
    )
    assert view.headline(portfolio) == "🔴 1 of 5 partners needs attention, Red first"
    said = lines_of(view.message(portfolio))
    assert said[1].startswith("3 can't be judged")
    assert "Expiry under correction since 1 Jun 2023: sales of May are missing (1): Held" in said
    assert "Certification unknown: no Solutions Partner Certification on file (1): No certificate" in said
    assert "C$R unknown: under correction since 1 Jun 2023: sales of May are missing (1): Churn" in said


def test_reasons_and_names_are_bounded_and_the_rest_is_counted(rules):
    portfolio = of(*(partner(rules["unset"], f"Partner {number:02}") for number in range(40)))
    [line] = [each for each in lines_of(view.message(portfolio)) if each.startswith("No threshold")]
    assert line.endswith("Partner 03, Partner 04 and 35 more")


def test_unknown_is_null_in_the_json_and_never_false(rules):
    [found] = view.record(of(partner(rules["unset"], "Quay")))["partners"]
    assert (found["at_risk"], found["close"]) == (None, None)
    assert found["not_judged"] == ["no threshold is set for Gold"]
    [known] = view.record(of(partner(rules["set"], "Quay")))["partners"]
    assert (known["at_risk"], known["close"], known["not_judged"]) == (False, False, [])


def test_a_partner_that_cant_be_judged_is_never_said_to_have_nothing_urgent(rules):
    [unsure] = of(partner(rules["unset"], "Quay")).weeks
    [fine] = of(partner(rules["set"], "Quay")).weeks
    said = [portfolio_rows.to_do_of(each) for each in (unsure, fine)]
    assert said == ["Can't tell", "Nothing urgent"]


def test_a_row_says_which_figure_of_the_tier_turns_red_and_when(rules):
    row = row_of(partner(rules["set"], "Quay", (date(2022, 1, 1), 300), (DAY + timedelta(12), 139)).week)
    assert (
        row
        == "Quay: Gold's combined points turn red on 2 Jul 2023, in 12 days: 199 of 200; Gold is kept on 15 Jul 2023."
    )


def test_a_row_says_that_a_figure_turns_red_because_the_rules_raise_it(rules):
    row = row_of(partner(rules["raised"], "Quay", (date(2022, 1, 1), 190)).week)
    assert "turn red on 29 Jun 2023, in 9 days, when the rules raise it" in row


def test_a_certification_that_expires_within_a_month_is_a_risk_by_its_name(rules):
    ends = Certification("P1", "Solutions Partner Certification", date(2019, 1, 1), DAY + timedelta(4))
    quay = partner(rules["set"], "Quay")
    week = PartnerDay(
        Facts(quay.facts.partner, [ends], "gold", date(2021, 1, 15), quay.facts.retention), quay.rows, quay.program
    )
    assert row_of(week.week) == "Quay: Gold at risk on 15 Jul 2023, in 25 days: certification expires on 24 Jun 2023"


def test_more_points_at_stake_for_each_day_that_is_left_come_first(rules):
    """Both tiers are in danger until the same recalibration: the larger partner has more to lose."""
    large = partner(rules["set"], "Zenith", (date(2022, 1, 1), 130))
    small = partner(rules["set"], "Acorn", (date(2022, 1, 1), 20))
    same = partner(rules["set"], "Basalt", (date(2022, 1, 1), 20))
    found = of(small, same, large).at_risk
    assert [each.name for each in found] == ["Zenith", "Acorn", "Basalt"], "equal ones by name"
    assert [each.days_left for each in found] == [25, 25, 25]
    assert [each.at_stake for each in found] == [190 * MICRO, 80 * MICRO, 80 * MICRO]


def test_fewer_days_left_come_first_where_as_many_points_are_at_stake(rules):
    def certified_until(name: str, days: int) -> PartnerDay:
        ends = Certification("P1", "Solutions Partner Certification", date(2019, 1, 1), DAY + timedelta(days))
        known = Facts(replace(PARTNER, name=name), [ends], "gold", date(2021, 1, 15), retained(DAY, 95 * MICRO))
        return PartnerDay(known, partner(rules["set"], name).rows, rules["set"])

    portfolio = of(certified_until("Acorn", 20), certified_until("Zenith", 4), partner(rules["set"], "Quay"))
    assert [each.name for each in portfolio.at_risk] == ["Zenith", "Acorn"]
    assert [each.days_left for each in portfolio.at_risk] == [4, 20]
    [table] = [block for block in view.message(portfolio).blocks if block["type"] == "data_table"]
    said = [[cell.get("text") for cell in row] for row in table["rows"][1:]]
    assert said[0][0] == "Zenith"
    assert said[0][2] == "Renew the certification by 24 Jun 2023, in 4 days, to keep Gold"
    assert [row[-1]["element"]["accessibility_label"] for row in table["rows"][1:]] == ["Open Zenith", "Open Acorn"]


def test_a_row_names_everything_that_it_takes_to_keep_the_tier(rules):
    ends = Certification("P1", "Solutions Partner Certification", date(2019, 1, 1), DAY + timedelta(4))
    quay = partner(rules["set"], "Quay", (date(2022, 1, 1), 90))
    week = PartnerDay(replace(quay.facts, certifications=[ends]), quay.rows, quay.program).week
    renew, earn = "Renew the certification by 24 Jun 2023, in 4 days", "earn 50 points by 15 Jul 2023, in 25 days"
    assert portfolio_rows.act_of(week) == f"{renew}, and {earn}, to keep Gold"


@given(data=st.data())
def test_every_partner_can_be_reached_and_each_has_its_one_act(rules, data):
    which = data.draw(st.sampled_from(["set", "raised", "unset"]))
    drawn = data.draw(st.lists(partner_days(rules[which], held=True), min_size=1, max_size=4))
    portfolio = of(*drawn)
    listed = [line for part in Part for line in portfolio_rows.lines_of(portfolio, part)]
    assert all(any(line is each for each in listed) for line in portfolio.lines)
    assert all(week.days_left >= 1 for week in portfolio.weeks)
    assert not any(week.doubts and portfolio_rows.to_do_of(week) == "Nothing urgent" for week in portfolio.weeks)
    order = [(-line.urgency, line.days_left) for line in portfolio.at_risk]
    assert order == sorted(order)
    for part in Part:
        shown = lines_of(portfolio_rows.message(PortfolioPage(portfolio, part)))
        answer, everyone = PortfolioPage(portfolio, part), portfolio_rows.lines_of(portfolio, part)
        assert len(portfolio_rows.table("", answer.rows)) == bool(everyone)
        assert shown[0].startswith(LABELS[part])


def test_a_long_part_is_listed_in_pages_until_the_last_partner(rules):
    portfolio = of(*(partner(rules["unset"], f"Partner {number:02}") for number in range(60)))
    names = []
    for page in (1, 2, 3):
        message = portfolio_rows.message(PortfolioPage(portfolio, Part.UNJUDGED, page))
        [table] = [block for block in message.blocks if block["type"] == "data_table"]
        names += [row[0]["text"] for row in table["rows"][1:]]
        labels = [
            each["text"]["text"] for block in message.blocks for each in block.get("elements", []) if "value" in each
        ]
        assert labels == [["Next ›"], ["‹ Previous", "Next ›"], ["‹ Previous"]][page - 1]
    assert names == [f"Partner {number:02}" for number in range(60)]


def test_what_is_missing_is_a_lower_bound_while_a_minimum_is_not_set(rules):
    portfolio = of(partner(rules["unset"], "Quay", (date(2022, 1, 1), 560)))
    assert "Quay: at least 25 points to Platinum" in lines_of(view.message(portfolio))
    assert "1 known to be close to the next tier" in view.headline(portfolio)


def test_in_dollar_years_nothing_is_missing_only_if_both_minimums_are_set(tmp_path_factory: pytest.TempPathFactory):
    table = tmp_path_factory.mktemp("dollars") / "table.toml"
    table.write_text('[thresholds.platinum.sold_dollars]\nunit = "US$"\n2021-01-01 = { value = 1000 }\n')
    day = date(2022, 3, 1)
    balance = Balance(date(2021, 1, 1).toordinal(), sold_cents=2_000_00, managed_cents=10_00)
    who = Facts(PARTNER, [VALID], "gold", date(2021, 1, 15))
    program = load_program(table)
    assert tier.headline(standing_on(day, program, who, balance)) == "no MRR known to be missing for Platinum"
    missing = gap_on(day, "platinum", day, program, who, (balance, balance))
    assert gap_headline.headline(missing) == "no MRR known to be missing for Platinum"
