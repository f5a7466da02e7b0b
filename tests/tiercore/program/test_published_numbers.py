"""Every public number, on its days, and nothing else (how-tiers-work#thresholds)."""

from datetime import date

import pytest

from tiercore.facts.entries import DealType
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, Source
from tiercore.facts.unknown import NotConfigured
from tiercore.program import Program, Rules, load_program
from tiercore.program.rules import GoldDeadline

PROGRAM: Program = load_program()
POINTS_TIERS = ("gold", "platinum", "diamond", "elite")


def on(text: str) -> Rules:
    return PROGRAM.on(date.fromisoformat(text))


@pytest.mark.parametrize(
    ("first", "last", "version", "model"),
    [
        ("2016-01-01", "2017-12-31", "2016", "dollars"),
        ("2018-01-01", "2020-12-31", "2018", "dollars"),
        ("2021-01-01", "2022-07-17", "2021", "dollars"),
        ("2022-07-18", "2024-02-26", "2022", "points"),
        ("2024-02-27", "2025-07-14", "2024", "points"),
        ("2025-07-15", "2026-01-14", "2025", "points"),
        ("2026-01-15", "2026-07-14", "2026", "points"),
        ("2026-07-15", "2040-01-01", "2026b", "points"),
    ],
)
def test_a_version_applies_from_its_first_day_to_its_last(first: str, last: str, version: str, model: str) -> None:
    for day in (first, last):
        assert (on(day).version, on(day).model) == (version, model)


def test_the_lowest_tier_was_silver_and_has_been_gold_since_2021() -> None:
    assert [tier.name for tier in on("2020-12-31").tiers] == ["silver", "gold", "platinum", "diamond"]
    assert [tier.name for tier in on("2021-01-01").tiers] == list(POINTS_TIERS)


@pytest.mark.parametrize(
    ("day", "tier", "sold", "managed"),
    [
        ("2016-11-03", "silver", 625, 3_500),
        ("2016-11-03", "gold", 1_125, 6_500),
        ("2016-11-03", "platinum", 3_750, 20_000),
        ("2016-11-03", "diamond", 10_000, 50_000),
        ("2018-01-22", "silver", 1_125, 1_125),
        ("2018-01-22", "gold", 2_100, 6_000),
        ("2018-01-22", "platinum", 3_750, 20_000),
        ("2018-01-22", "diamond", 10_000, 50_000),
        ("2022-07-17", "elite", 65_000, 170_000),
    ],
)
def test_the_dollar_models_require_sold_and_managed_dollars(day: str, tier: str, sold: int, managed: int) -> None:
    rules = on(day).tier(tier)
    assert rules.sold_dollars == Money(sold * 100, "USD")
    assert rules.managed_dollars == Money(managed * 100, "USD")
    assert rules.minimums == ()


@pytest.mark.parametrize("tier", ["gold", "platinum", "diamond"])
def test_the_dollar_targets_of_2021_are_public_only_for_elite(tier: str) -> None:
    rules = on("2021-06-01").tier(tier)
    assert isinstance(rules.sold_dollars, NotConfigured)
    assert isinstance(rules.managed_dollars, NotConfigured)


def test_the_points_model_has_no_dollar_targets() -> None:
    for tier in on("2022-07-18").tiers:
        assert isinstance(tier.sold_dollars, NotConfigured)
        assert isinstance(tier.managed_dollars, NotConfigured)


def test_platinum_requires_645_combined_points_from_18_july_2022_to_14_july_2025() -> None:
    assert isinstance(on("2022-07-17").tier("platinum").combined, NotConfigured)
    assert on("2022-07-18").tier("platinum").combined == 645 * MICRO
    assert on("2025-07-14").tier("platinum").combined == 645 * MICRO
    assert isinstance(on("2025-07-15").tier("platinum").combined, NotConfigured)


def test_every_other_points_threshold_is_reported_as_not_configured() -> None:
    for day in ("2022-07-18", "2024-02-27", "2025-07-15", "2026-01-15", "2026-07-15"):
        for tier in on(day).tiers:
            path = f"thresholds.{tier.name}"
            expected = {f"{path}.{minimum.source}_minimum": minimum.points for minimum in tier.minimums}
            if tier.name != "platinum" or day >= "2025-07-15":
                expected[f"{path}.combined"] = tier.combined
            for name, value in expected.items():
                assert isinstance(value, NotConfigured), (day, name)
                assert (value.name, value.reason) == (name, f"{name} isn't set")


def test_upper_bounds_in_the_published_example_are_not_taken_as_minimums() -> None:
    texts = {dated.text for parameter in PROGRAM.parameters for dated in parameter.dated}
    assert not texts & {"270", "150", "420", "225"}


@pytest.mark.parametrize(
    ("day", "sources"),
    [
        ("2022-07-18", ["sold", "managed"]),
        ("2025-07-14", ["sold", "managed"]),
        ("2025-07-15", ["sourced", "managed"]),
        ("2026-01-14", ["sourced", "managed"]),
        ("2026-01-15", ["sourced"]),
    ],
)
def test_each_version_has_its_own_minimums(day: str, sources: list[str]) -> None:
    for tier in on(day).tiers:
        assert [minimum.source for minimum in tier.minimums] == sources


@pytest.mark.parametrize(
    ("day", "source", "standard", "growth"),
    [
        ("2016-01-01", Source.SOURCED, 3, 6),
        ("2021-10-01", Source.SOURCED, 3, 6),
        ("2024-02-26", Source.SOURCED, 3, 6),
        ("2024-02-27", Source.SOURCED, 5, 10),
        ("2024-02-26", Source.ASSISTED, 3, 6),
        ("2024-02-27", Source.ASSISTED, 3, 6),
        ("2026-07-15", Source.ASSISTED, 3, 6),
        ("2022-07-18", Source.MANAGED, 1, 2),
        ("2024-02-27", Source.MANAGED, 1, 2),
        ("2025-07-15", Source.MANAGED, 1, 2),
    ],
)
def test_rates_are_points_per_us_100_of_mrr(day: str, source: Source, standard: int, growth: int) -> None:
    assert on(day).rate(source, growth_market=False) == standard
    assert on(day).rate(source, growth_market=True) == growth


def test_the_growth_market_rate_of_managing_is_inferred_before_2025() -> None:
    path = "rates.managed.growth_market"
    assert PROGRAM.provenance(path, date(2024, 12, 31)).confidence == "inferred"
    assert PROGRAM.provenance(path, date(2025, 1, 1)).confidence == "stated"


@pytest.mark.parametrize(
    ("currency", "table_a", "table_b"),
    [
        ("USD", 100_00, 100_00),
        ("AUD", 105_00, 154_00),
        ("COP", 300_300_00, 408_000_00),
        ("EUR", 75_00, 88_00),
        ("GBP", 62_50, 74_00),
        ("SGD", 140_00, 129_00),
        ("JPY", 12_000, 14_400),
        ("ZAR", 1_545_00, 1_768_00),
        ("CAD", 130_00, 130_00),
    ],
)
def test_both_published_tables_give_the_amount_equal_to_us_100(currency: str, table_a: int, table_b: int) -> None:
    for day in ("2016-01-01", "2022-07-18", "2025-07-14"):
        assert on(day).per_100_usd(currency) == Money(table_a, currency)
    assert on("2025-07-15").per_100_usd(currency) == Money(table_b, currency)


def test_table_a_is_inferred_before_spring_2025() -> None:
    assert PROGRAM.provenance("currencies.EUR", date(2025, 3, 31)).confidence == "inferred"
    assert PROGRAM.provenance("currencies.EUR", date(2025, 4, 1)).confidence == "stated"


def test_every_currency_but_us_dollars_is_approximate() -> None:
    assert not on("2025-07-15").is_approximate("USD")
    assert on("2025-07-15").is_approximate("EUR")
    assert on("2024-01-01").is_approximate("CAD")


def test_the_growth_markets_of_asia_are_those_listed() -> None:
    listed = "IN CN MN KR BD BN KH HK ID LA MY MV MM NP PK PH LK SG TW TH TL VN".split()
    assert all(on("2022-07-18").is_growth_market(country) for country in listed)
    assert not any(on("2022-07-18").is_growth_market(country) for country in "US DE JP AU ZA KP NZ ES".split())


def test_latin_america_is_all_of_un_m49_region_419() -> None:
    caribbean = "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI".split()
    central = "BZ CR GT HN MX NI PA SV".split()
    south = "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE".split()
    listed = PROGRAM.provenance("growth_markets.countries.latin_america", date(2022, 7, 18))
    assert listed.value == (*caribbean, *central, *south)
    assert listed.confidence == "chosen"


def test_growth_markets_follow_the_client_since_july_2022_and_the_partner_before() -> None:
    before, after = on("2022-07-17"), on("2022-07-18")
    assert (before.growth_market_by, before.growth_market_target_percent) == ("partner", 50)
    assert (after.growth_market_by, after.growth_market_target_percent) == ("client", 100)


def test_sold_points_expire_after_twelve_months_in_every_version() -> None:
    for day in ("2016-01-01", "2018-01-01", "2021-07-20", "2022-07-18", "2026-07-15"):
        assert on(day).expire_after_months == 12


def test_a_decrease_consumes_the_newest_lot_by_choice() -> None:
    assert on("2022-07-18").decrease_consumes == "newest"
    assert PROGRAM.provenance("sold.decrease_consumes", date(2022, 7, 18)).confidence == "chosen"


def test_every_sale_earns_points_and_a_plain_renewal_never_does() -> None:
    for day in ("2016-01-01", "2022-07-18", "2025-07-14", "2026-07-15"):
        assert [kind for kind in DealType if not on(day).earns(kind)] == [DealType.RENEWAL]


def test_an_increase_without_a_deal_earns_points_by_choice_after_14_july_2025() -> None:
    path = "sold.earns.increase"
    assert PROGRAM.provenance(path, date(2025, 7, 14)).confidence == "stated"
    assert PROGRAM.provenance(path, date(2025, 7, 15)).confidence == "chosen"


def test_a_rate_follows_the_origin_of_the_product_line_since_27_february_2024() -> None:
    assert not on("2024-02-26").rate_follows_origin
    assert on("2024-02-27").rate_follows_origin


@pytest.mark.parametrize(
    ("day", "tools"), [("2016-01-01", 5), ("2017-12-31", 5), ("2018-01-01", 3), ("2021-06-01", 3), ("2026-07-15", 3)]
)
def test_the_median_tool_usage_is_required(day: str, tools: int) -> None:
    assert on(day).tool_usage_median == tools


def test_every_tier_requires_a_certification() -> None:
    assert on("2016-01-01").certification_required
    assert on("2026-07-15").certification_required


def test_grr_replaces_customer_dollar_retention_on_15_january_2026() -> None:
    assert on("2026-01-14").retention_measure == "customer_dollar_retention"
    assert on("2026-01-15").retention_measure == "gross_revenue_retention"


def test_customer_dollar_retention_counts_churn_only_and_grr_downgrades_too() -> None:
    path = "requirements.retention_counts"
    assert (on("2026-01-14").retention_counts, on("2026-01-15").retention_counts) == ("churn_only", "gross")
    assert PROGRAM.provenance(path, date(2026, 1, 15)).confidence == "stated"
    assert PROGRAM.provenance(path, date(2026, 1, 14)).confidence == "inferred"


def test_elite_requires_retention_from_2021_and_no_tier_before() -> None:
    assert on("2021-01-01").tier("elite").retention_above == 85
    assert {tier.retention_above for tier in on("2020-12-31").tiers} == {None}


def test_the_awards_require_gold_20000_managed_90_percent_retention_and_five_reviews() -> None:
    awards = on("2022-07-18").awards
    assert (awards.tier, awards.managed_dollars) == ("gold", Money(20_000_00, "USD"))
    assert (awards.retention, awards.reviews) == (90, 5)


def test_partners_that_joined_before_17_january_2021_had_until_15_july_2023_to_reach_gold() -> None:
    assert on("2023-01-16").gold_earlier is None
    assert on("2023-01-17").gold_earlier == GoldDeadline(date(2021, 1, 17), date(2023, 7, 15))


def test_elite_requires_an_invitation_retention_and_a_hundred_certifications() -> None:
    elite = on("2022-07-18").tier("elite")
    assert (elite.by_invitation, elite.certifications) == (True, 100)
    assert (elite.retention_above, elite.retention_score) == (85, 85)


@pytest.mark.parametrize("name", ["gold", "platinum", "diamond"])
def test_other_tiers_require_no_invitation_and_their_retention_is_not_public(name: str) -> None:
    tier = on("2022-07-18").tier(name)
    assert (tier.by_invitation, tier.certifications, tier.retention_score) == (False, None, None)
    assert isinstance(tier.retention_above, NotConfigured)
    assert tier.retention_above.name == f"retention.{name}"


def test_gold_must_be_reached_within_24_months_from_january_2023() -> None:
    assert isinstance(on("2023-01-16").gold_within_months, NotConfigured)
    assert on("2023-01-17").gold_within_months == 24


def test_a_membership_is_required_from_15_july_2026() -> None:
    assert not on("2026-07-14").membership_required
    assert on("2026-07-15").membership_required


def test_the_programs_calendar_is_as_published() -> None:
    rules = on("2022-07-18")
    assert (rules.uptier_day, rules.sampling_day) == (15, 15)
    assert (rules.lookback_months, rules.protection_months) == (5, 6)
    assert rules.recalibration_days == ((1, 15), (7, 15))


def test_a_day_before_all_versions_has_rules_without_thresholds() -> None:
    rules = PROGRAM.on(date.min)
    assert rules.version == "before 2016"
    assert all(isinstance(tier.sold_dollars, NotConfigured) for tier in rules.tiers)
    assert rules.rate(Source.SOURCED, growth_market=False) == 3


def test_every_shipped_number_names_its_source() -> None:
    for parameter in PROGRAM.parameters:
        assert parameter.unit
        for dated in parameter.dated:
            assert len(dated.source) > 10
            assert dated.file.endswith(".toml")
            assert dated.confidence in ("stated", "inferred", "chosen", "unknown")
            assert not dated.overlay
