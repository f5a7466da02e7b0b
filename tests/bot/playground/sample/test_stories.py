"""Each story of the sample is visible on the demo's day under the core's rules."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from bot.playground.sample import DEMO_DAY, STORIES, stories
from tiercore.facts.entries import Motion
from tiercore.facts.points import MICRO, Source, as_decimal
from tiercore.questions.requirements import State
from tiercore.rating.credits import Cause, is_active

GROWTH = set("IN BR MX CO SG PE MY PH ID".split())


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.email)
def test_each_storys_person_belongs_to_its_partner(sample, story):
    rows = {(person.email, person.partner_id or "") for person in sample.people}
    assert (story.email, story.partner_id) in rows
    assert story.sentence.endswith(".")


def test_partner_a_needs_225_more_points(answers):
    standing = answers.standing(stories.PARTNER_A.partner_id)
    assert (as_decimal(standing.balance.sold), as_decimal(standing.balance.managed)) == ("270.00", "150.00")
    assert (standing.credited_tier, standing.performing.tier, standing.next_tier) == ("gold", "gold", "platinum")
    states = {r.name: (r.state, r.short) for r in standing.requirements}
    assert states["combined_threshold"] == (State.RED, 225 * MICRO)
    assert states["sold_minimum"] == states["managed_minimum"] == (State.GREEN, 0)
    assert standing.notes[0] == "SAMPLE thresholds, invented for the demo"


def test_the_partner_at_the_minimum_meets_it_until_the_next_expiry(answers):
    partner_id = stories.EXACT_MINIMUM.partner_id
    standing = answers.standing(partner_id)
    assert (standing.balance.sold, as_decimal(standing.balance.sold)) == (269_996_000, "270.00")
    assert standing.performing.tier == "platinum"
    assert answers.standing(partner_id, date(2022, 9, 28)).performing.tier == "gold"


def test_the_unknown_data_story_has_a_line_in_two_currencies_and_a_client_without_levels(answers, sample):
    partner_id = stories.UNKNOWN_DATA.partner_id
    assert answers.standing(partner_id).balance.doubtful == 1
    assert answers.standing(partner_id).balance.assumed == 1
    managed = {a.client_id for a in sample.agreements if a.partner_id == partner_id and a.ends_on is None}
    assert managed - {level.client_id for level in sample.levels}


def test_an_agreement_that_ended_five_days_ago_earns_nothing(answers):
    credits = answers.credits[stories.EXPIRED_AGREEMENT.partner_id]
    [ended] = {c.lapses_on for c in credits if c.source is Source.MANAGED and c.lapses_on == date(2022, 9, 1)}
    before = answers.standing(stories.EXPIRED_AGREEMENT.partner_id, ended - timedelta(days=1)).balance.managed
    assert answers.standing(stories.EXPIRED_AGREEMENT.partner_id, ended).balance.managed < before


def test_a_client_whose_mrr_fell_below_last_years_has_no_sold_points_left(answers, sample):
    [client] = [each.client_id for each in sample.clients if each.name == "Barossa Vineyards Pty Ltd"]
    levels = {level.effective_on: level.mrr.minor for level in sample.levels if level.client_id == client}
    year_ago = max(day for day in levels if day <= date(2021, 9, 5))
    assert levels[date(2022, 6, 21)] < levels[year_ago]
    credits = [c for c in answers.credits[stories.LOWER_THAN_A_YEAR_AGO.partner_id] if c.client_id == client]
    sold = [credit for credit in credits if credit.source is not Source.MANAGED]
    assert sold
    assert not [credit for credit in sold if is_active(credit, as_of=DEMO_DAY)]


def test_growth_market_clients_earn_double(answers, sample):
    countries = {client.client_id: client.country for client in sample.clients}
    ids = answers.clients_of(stories.GROWTH_MARKETS.partner_id)
    assert {countries[client_id] for client_id in ids} <= GROWTH
    active = [c for c in answers.credits[stories.GROWTH_MARKETS.partner_id] if is_active(c, as_of=DEMO_DAY)]
    assert {credit.rate for credit in active if credit.source is not Source.MANAGED} == {6}


@pytest.mark.parametrize(("story", "currency"), [(stories.BILLS_IN_EUR, "EUR"), (stories.BILLS_IN_JPY, "JPY")])
def test_partners_bill_in_their_own_currency(answers, sample, story, currency):
    sold = {sale.mrr.currency for sale in sample.sales if sale.partner_id == story.partner_id}
    assert sold == {currency}
    assert answers.standing(story.partner_id).balance.sold > 0


def test_a_new_partner_has_no_tier_and_has_started_to_sell(answers):
    standing = answers.standing(stories.JOINED_LATELY.partner_id)
    assert (standing.credited_tier, standing.performing.tier) == (None, None)
    assert standing.partner.joined_on > DEMO_DAY - timedelta(days=90)
    assert standing.balance.sold > 0


def test_the_elite_partner_is_invited_and_has_a_hundred_certifications(answers, sample):
    standing = answers.standing(stories.ELITE_BY_INVITATION.partner_id)
    assert (standing.credited_tier, standing.performing.tier) == ("elite", "elite")
    assert standing.partner.elite_invited_on is not None
    assert [p.partner_id for p in sample.partners if p.elite_invited_on] == [stories.ELITE_BY_INVITATION.partner_id]


@pytest.mark.parametrize("day", [DEMO_DAY, date(2024, 5, 1), date(2026, 11, 23)])
def test_the_elite_partner_always_has_its_hundred_certifications(sample, day):
    certifications = [c for c in sample.certifications if c.partner_id == stories.ELITE_BY_INVITATION.partner_id]
    assert sum(c.valid_from <= day <= c.valid_until for c in certifications) >= 100


def test_a_credited_diamond_performs_below_diamond(answers):
    standing = answers.standing(stories.DIAMOND_PERFORMING_LOWER.partner_id)
    assert (standing.credited_tier, standing.performing.tier) == ("diamond", "platinum")


def test_the_sample_contains_malicious_names_unchanged(answers, sample):
    names = {client.client_id: client.name for client in sample.clients}
    mine = {names[client_id] for client_id in answers.clients_of(stories.NASTY_NAMES.partner_id)}
    assert "<!channel> *Acme* & Söhne" in mine
    assert any(name.startswith("=") for name in mine)


def test_the_large_partner_has_about_1500_sales(answers):
    assert 1_400 <= len(answers.clients_of(stories.LARGE_PARTNER.partner_id)) <= 1_600


def test_bert_belongs_to_two_partners(sample):
    mine = [person.partner_id for person in sample.people if person.email == stories.TWO_PARTNERS.email]
    assert mine == ["P014", "P015"]


def test_cams_have_about_the_same_number_of_partners(sample):
    cams = Counter(person.email for person in sample.people if person.role == "cam")
    assert sorted(cams.values()) == [13, 13, 14]
    assert cams[stories.CHANNEL_ACCOUNT_MANAGER.email] == 14


def test_some_clients_have_two_managing_partners(sample):
    holders = defaultdict(set)
    for agreement in sample.agreements:
        if agreement.starts_on <= DEMO_DAY <= (agreement.ends_on or DEMO_DAY):
            holders[agreement.client_id].add(agreement.partner_id)
    assert sum(len(partners) == 2 for partners in holders.values()) >= 5


def test_some_agreements_end_soon_on_any_day(sample):
    ends = [agreement.ends_on for agreement in sample.agreements if agreement.ends_on]
    for day in (DEMO_DAY, date(2024, 5, 1), date(2026, 11, 23)):
        assert sum(day <= end <= day + timedelta(days=90) for end in ends) >= 5


def test_certifications_are_valid_expired_expiring_or_long_missing(answers):
    assert answers.state("P022", "certification") is State.RED
    assert answers.state("P033", "certification") is State.RED
    assert answers.state("P028", "certification") is State.GREEN
    assert answers.state("P028", "certification", date(2022, 11, 1)) is State.RED


@pytest.mark.parametrize("day", [DEMO_DAY, date(2024, 5, 1), date(2026, 11, 23)])
def test_the_partners_are_spread_over_the_tiers(answers, day):
    standings = [answers.standing(partner.partner_id, day) for partner in answers.sample.partners]
    for tier in ("gold", "platinum", "diamond", "elite"):
        assert any(standing.credited_tier == tier for standing in standings), tier
        assert any(standing.performing.tier == tier for standing in standings), tier
    assert sum(standing.performing.tier is None for standing in standings) < 20
    assert sum(standing.credited_tier in (None, "untiered") for standing in standings) >= 5


def test_most_partners_are_credited_with_the_tier_they_perform_at(answers):
    standings = [answers.standing(partner.partner_id) for partner in answers.sample.partners]
    assert sum(standing.credited_tier == standing.performing.tier for standing in standings) >= 28


def test_sales_are_sourced_and_assisted(sample):
    motions = Counter(sale.motion for sale in sample.sales)
    assert motions[Motion.SOURCED] > 1_000 < motions[Motion.ASSISTED]


def test_an_edition_change_is_an_upsell_of_the_same_line(answers, sample):
    [client] = [each for each in sample.clients if each.name == "Moselblick Reederei GmbH"]
    sold = [each for each in answers.credits[stories.BILLS_IN_EUR.partner_id] if each.client_id == client.client_id]
    assert {(each.product_line, each.edition, each.closed_by) for each in sold} == {
        ("Marketing Hub", "Professional", Cause.SALE_EXPIRED),
        ("Marketing Hub", "Enterprise", Cause.SALE_EXPIRED),
    }
