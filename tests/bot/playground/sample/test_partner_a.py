"""Partner A's points by plain arithmetic over the rows of the files, without the core."""

from collections import defaultdict
from fractions import Fraction

import pytest

from bot.playground.sample.stories import EXACT_MINIMUM, PARTNER_A

DAY, YEAR_AGO, IN_90_DAYS = "2022-09-05", "2021-09-05", "2022-12-04"


def open_lots(files, partner_id, currency):
    """The past year's sales that still count on the day: (sold_on, amount sold, amount left)."""
    lots = defaultdict(list)
    for row in files["sales"]:
        if row["partner_id"] == partner_id and YEAR_AGO < row["sold_on"] <= DAY and row["deal_type"] != "renewal":
            assert row["currency"] == currency
            mrr = Fraction(row["mrr"])
            lots[row["client_id"], row["product_line"]].append([row["sold_on"], mrr, mrr])
    for line, day, fallen in decreases(files):
        if day <= DAY:
            consume([lot for lot in lots.get(line, []) if lot[0] <= day], fallen)
    return [tuple(lot) for line in lots.values() for lot in line]


def decreases(files):
    """Every decrease of a line's level."""
    before = {}
    for row in sorted(files["subscriptions"], key=lambda row: row["effective_on"]):
        line, mrr = (row["client_id"], row["product_line"]), Fraction(row["mrr"])
        if mrr < before.get(line, 0):
            yield line, row["effective_on"], before[line] - mrr
        before[line] = mrr


def consume(lots, fallen):
    for lot in reversed(lots):
        taken = min(lot[2], fallen)
        lot[2] -= taken
        fallen -= taken


def managed(files, partner_id, day=DAY):
    """The day's MRR of clients under the partner's agreements, by currency."""
    levels = {}
    for row in sorted(files["subscriptions"], key=lambda row: row["effective_on"]):
        if row["effective_on"] <= day:
            levels[row["client_id"], row["product_line"]] = (row["currency"], Fraction(row["mrr"]))
    in_force = [a for a in files["agreements"] if a["starts_on"] <= day <= (a["ends_on"] or "9999")]
    managed_clients = {a["client_id"] for a in in_force if a["partner_id"] == partner_id}
    assert not [a for a in in_force if a["client_id"] in managed_clients and a["partner_id"] != partner_id]
    total = defaultdict(Fraction)
    for (client_id, _), (currency, mrr) in levels.items():
        if client_id in managed_clients:
            total[currency] += mrr
    return dict(total)


@pytest.fixture
def lots(files):
    return open_lots(files, PARTNER_A.partner_id, "USD")


def test_partner_a_has_exactly_270_sold_points(lots):
    assert sum(left for _, _, left in lots) * 3 / 100 == 270


def test_partner_a_has_exactly_150_managed_points(files):
    assert managed(files, PARTNER_A.partner_id) == {"USD": 15_000}


def test_partner_a_is_credited_gold(files):
    tiers = [r for r in files["tiers"] if r["partner_id"] == PARTNER_A.partner_id and r["credited_on"] <= DAY]
    assert max(tiers, key=lambda row: row["credited_on"])["tier"] == "gold"


def test_a_downgrade_split_two_of_partner_as_lots(lots):
    assert sorted((sold, left) for _, sold, left in lots if left != sold) == [(800, 500), (1600, 1250)]


def test_many_of_partner_as_sold_points_expire_within_90_days(lots):
    year_before = f"2021{IN_90_DAYS[4:]}"
    assert sum(left for sold_on, _, left in lots if sold_on <= year_before) * 3 / 100 == Fraction("109.5")


def test_one_of_partner_as_agreements_ends_within_90_days_and_takes_15_points(files):
    ending = [r for r in files["agreements"] if r["partner_id"] == PARTNER_A.partner_id and r["ends_on"] >= DAY]
    assert [r["ends_on"] for r in ending if r["ends_on"] <= IN_90_DAYS] == ["2022-10-31"]
    assert managed(files, PARTNER_A.partner_id, "2022-11-01") == {"USD": 13_500}


def test_partner_a_sells_nothing_within_the_90_days_but_much_before_and_after(files):
    days = [row["sold_on"] for row in files["sales"] if row["partner_id"] == PARTNER_A.partner_id]
    assert not [day for day in days if DAY < day <= IN_90_DAYS]
    assert len([day for day in days if day <= YEAR_AGO]) >= 10
    assert len([day for day in days if day > IN_90_DAYS]) >= 30


def test_partner_a_sells_only_in_us_dollars_and_outside_growth_markets(files):
    clients = {r["client_id"] for r in files["sales"] if r["partner_id"] == PARTNER_A.partner_id}
    clients |= {r["client_id"] for r in files["agreements"] if r["partner_id"] == PARTNER_A.partner_id}
    rows = [row for name in ("sales", "subscriptions") for row in files[name] if row["client_id"] in clients]
    assert {row["currency"] for row in rows} == {"USD"}
    assert {row["country"] for row in files["clients"] if row["client_id"] in clients} == {"US", "CA"}
    assert {row["partner_id"] for row in files["sales"] if row["client_id"] in clients} == {PARTNER_A.partner_id}


def test_the_partner_at_the_minimum_meets_it_exactly(files):
    points = sum(left for _, _, left in open_lots(files, EXACT_MINIMUM.partner_id, "EUR")) * 3 / 75
    assert points == Fraction("269.996")
    assert managed(files, EXACT_MINIMUM.partner_id)["EUR"] / 75 + points > 645
