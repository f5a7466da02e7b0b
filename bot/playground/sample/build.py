"""Build the sample: fixed histories, simulated sales around them, and the facts that follow from both."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from bot.playground.sample.agencies import AGENCIES, Agency
from bot.playground.sample.catalogue import FIRST_DAY, LAST_DAY
from bot.playground.sample.draft_ledger import DraftLedger, Sample
from bot.playground.sample.history_parser import HistoryParser
from bot.playground.sample.monthly_facts import certifications_of, usage_of
from bot.playground.sample.names import ClientNames
from bot.playground.sample.partner_histories import (
    BILLS_IN_EUR_HISTORY,
    EXACT_MINIMUM_HISTORY,
    EXPIRED_AGREEMENT_HISTORY,
    LOWER_THAN_A_YEAR_AGO_HISTORY,
    NASTY_NAMES_HISTORY,
    PARTNER_A_HISTORY,
    UNKNOWN_DATA_HISTORY,
)
from bot.playground.sample.people import people
from bot.playground.sample.pipeline import open_deals
from bot.playground.sample.stories import (
    BILLS_IN_EUR,
    EXACT_MINIMUM,
    EXPIRED_AGREEMENT,
    LOWER_THAN_A_YEAR_AGO,
    NASTY_NAMES,
    PARTNER_A,
    UNKNOWN_DATA,
)
from bot.playground.sample.tier_history import PointsEstimate, credited_tiers
from bot.playground.sample.trade import TradeSimulation
from tiercore.facts.entries import Agreement, Partner

# Partners whose figures must be exact on the demo's day: simulated sales only begin after the 90 days that it shows.
_EXACT = {PARTNER_A.partner_id: PARTNER_A_HISTORY, EXACT_MINIMUM.partner_id: EXACT_MINIMUM_HISTORY}
_SIMULATED_FROM = date(2022, 12, 12)
_WITH_HISTORY = {
    BILLS_IN_EUR.partner_id: BILLS_IN_EUR_HISTORY,
    EXPIRED_AGREEMENT.partner_id: EXPIRED_AGREEMENT_HISTORY,
    LOWER_THAN_A_YEAR_AGO.partner_id: LOWER_THAN_A_YEAR_AGO_HISTORY,
    NASTY_NAMES.partner_id: NASTY_NAMES_HISTORY,
}
_SHARED_AGREEMENTS = 80
_FIRST_SALE_AFTER = timedelta(days=20)


def build_sample(seed: int) -> Sample:
    """The sample of a seed; the same seed always gives the same sample."""
    draft = DraftLedger()
    names = ClientNames(_random(seed, "names"))
    fixed = {agency.partner_id: _add_partner(draft, names, agency, seed) for agency in AGENCIES}
    _share(draft, set().union(*fixed.values()), _random(seed, "shared"))
    draft.sample.levels = [level for lines in draft.lines.values() for line in lines for level in line.levels()]
    _number_by_day(draft)
    _add_dependent_facts(draft, seed)
    draft.sample.pipeline = [*open_deals(draft.sample.sales, draft.sample.clients, LAST_DAY)]
    return draft.sample


def _random(seed: int, part: str) -> Random:
    """A random generator per part, so that a change to one part leaves the others unchanged."""
    return Random(f"{seed}:{part}")  # noqa: S311 - a sample must be repeatable, nothing here is secret


def _add_partner(draft: DraftLedger, names: ClientNames, agency: Agency, seed: int) -> set[str]:
    """Add a partner's fixed history and simulated sales; the ids of clients that no other partner may share."""
    random = _random(seed, agency.partner_id)
    trade, history = TradeSimulation(draft, names, agency, random), HistoryParser(draft, agency.partner_id)
    if agency.partner_id in _EXACT:
        history.add(_EXACT[agency.partner_id])
        trade.lines = history.lines
        trade.run(_SIMULATED_FROM)
    else:
        history.add(_WITH_HISTORY.get(agency.partner_id, ""))
        trade.run(max(FIRST_DAY, agency.joined_on + _FIRST_SALE_AFTER))
    if agency.partner_id == UNKNOWN_DATA.partner_id:
        _add_unknown_data(history)
    return {line.client.client_id for line in history.lines}


def _add_unknown_data(history: HistoryParser) -> None:
    """Two clients with incomplete data: levels in another currency than the sale, and no levels."""
    history.add(UNKNOWN_DATA_HISTORY)
    other_currency, no_levels = history.lines
    other_currency.billed_in, no_levels.billed_in = "USD", None


def _share(draft: DraftLedger, fixed_clients: set[str], random: Random) -> None:
    """Give some clients a second partner with its own agreement."""
    free = [agreement for agreement in draft.sample.agreements if agreement.client_id not in fixed_clients]
    others = [agency for agency in AGENCIES if agency.partner_id not in _EXACT]
    for agreement in random.sample(free, _SHARED_AGREEMENTS):
        _add_second_partner(draft, agreement, random.choice(others), random)


def _add_second_partner(draft: DraftLedger, agreement: Agreement, agency: Agency, random: Random) -> None:
    starts_on = max(agreement.starts_on, agency.joined_on) + timedelta(days=random.randint(60, 300))
    if agency.partner_id == agreement.partner_id or starts_on > min(LAST_DAY, agreement.ends_on or LAST_DAY):
        return
    client = next(client for client in draft.sample.clients if client.client_id == agreement.client_id)
    ends_on = random.choice((None, starts_on + timedelta(days=random.randint(300, 900))))
    draft.add_agreement(agency.partner_id, client, starts_on, ends_on)


def _number_by_day(draft: DraftLedger) -> None:
    """Number the sales by day."""
    by_day = sorted(draft.sample.sales, key=lambda sale: (sale.sold_on, sale.sale_id))
    draft.sample.sales = [replace(sale, sale_id=f"S{number:05d}") for number, sale in enumerate(by_day, 1)]


def _add_dependent_facts(draft: DraftLedger, seed: int) -> None:
    """Tool usage, people, partners, tiers and certifications."""
    estimate, sample = PointsEstimate(draft), draft.sample
    sample.usage = list(usage_of(draft, lambda client_id: _random(seed, client_id)))
    sample.people = list(people())
    for number, agency in enumerate(AGENCIES):
        sample.partners.append(_partner(number, agency))
        sample.tiers += credited_tiers(estimate, agency)
        sample.certifications += certifications_of(agency, _random(seed, f"{agency.partner_id}:certifications"))


def _partner(number: int, agency: Agency) -> Partner:
    """The partner's entry: most memberships are paid, a few have run out, and of a few nothing is known."""
    until = (None, date(2026, 10, 31))[number % 2] if number % 10 in (7, 8) else date(2027, 7, 14)
    return Partner(
        partner_id=agency.partner_id,
        name=agency.name,
        country=agency.country,
        currency=agency.currency,
        joined_on=agency.joined_on,
        elite_invited_on=agency.invited_on,
        membership_until=until,
    )
