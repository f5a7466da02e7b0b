"""What is known of the sample on a day: nothing that has yet to happen; an agreement's end once it is announced."""

from dataclasses import replace
from datetime import date, timedelta

from bot.playground.sample.book import Sample
from tiercore.facts.entries import Agreement, Partner

ANNOUNCED = timedelta(days=60)


def known_on(sample: Sample, day: date) -> Sample:
    """The sample as a database would hold it in the evening of the day."""
    partners = [_partner(each, day) for each in sample.partners if each.joined_on <= day]
    ids = {each.partner_id for each in partners}
    sales = [each for each in sample.sales if each.sold_on <= day]
    levels = [each for each in sample.levels if each.effective_on <= day]
    agreements = [_agreement(each, day) for each in sample.agreements if each.starts_on <= day]
    clients = {each.client_id for kind in (sales, levels, agreements) for each in kind}
    return Sample(
        partners=partners,
        clients=[each for each in sample.clients if each.client_id in clients],
        sales=sales,
        levels=levels,
        agreements=agreements,
        usage=[each for each in sample.usage if each.month <= day and each.client_id in clients],
        certifications=[each for each in sample.certifications if each.valid_from <= day and each.partner_id in ids],
        tiers=[each for each in sample.tiers if each.credited_on <= day and each.partner_id in ids],
        people=[each for each in sample.people if each.partner_id is None or each.partner_id in ids],
    )


def _partner(partner: Partner, day: date) -> Partner:
    invited = partner.elite_invited_on
    return replace(partner, elite_invited_on=None) if invited and invited > day else partner


def _agreement(agreement: Agreement, day: date) -> Agreement:
    """An end that is further away than it is announced is not known yet."""
    ends = agreement.ends_on
    return replace(agreement, ends_on=None) if ends and ends > day + ANNOUNCED else agreement
