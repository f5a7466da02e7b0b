"""What is known of the sample on a day: nothing from the future, except announced ends of agreements."""

from dataclasses import replace
from datetime import date, timedelta

from bot.playground.sample.draft_ledger import Sample
from bot.playground.sample.pipeline import open_deals
from tiercore.facts.entries import Agreement, Partner

NOTICE = timedelta(days=60)


def known_on(sample: Sample, day: date) -> Sample:
    """The part of the sample that is known at the end of the day."""
    partners = [_partner(each, day) for each in sample.partners if each.joined_on <= day]
    partner_ids = {each.partner_id for each in partners}
    sales = [each for each in sample.sales if each.sold_on <= day]
    levels = [each for each in sample.levels if each.effective_on <= day]
    agreements = [_agreement(each, day) for each in sample.agreements if each.starts_on <= day]
    client_ids = {each.client_id for kind in (sales, levels, agreements) for each in kind}
    clients = [each for each in sample.clients if each.client_id in client_ids]
    return Sample(
        partners=partners,
        clients=clients,
        sales=sales,
        levels=levels,
        agreements=agreements,
        usage=[each for each in sample.usage if each.month <= day and each.client_id in client_ids],
        certifications=[
            each for each in sample.certifications if each.valid_from <= day and each.partner_id in partner_ids
        ],
        tiers=[each for each in sample.tiers if each.credited_on <= day and each.partner_id in partner_ids],
        people=[each for each in sample.people if each.partner_id is None or each.partner_id in partner_ids],
        pipeline=[*open_deals(sales, clients, day)],
    )


def _partner(partner: Partner, day: date) -> Partner:
    invited = partner.elite_invited_on
    return replace(partner, elite_invited_on=None) if invited and invited > day else partner


def _agreement(agreement: Agreement, day: date) -> Agreement:
    """Without its end, unless that is near enough to have been announced."""
    ends_on = agreement.ends_on
    return replace(agreement, ends_on=None) if ends_on and ends_on > day + NOTICE else agreement
