"""The sample's partners as they are known on a day, and what is said of them then and later if nothing is added."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from bot.playground.sample import Sample
from bot.playground.sample.known_by_day import known_on
from tiercore.facts.entries import ToolUsage
from tiercore.program import Program
from tiercore.questions.gap import Gap, gap_to
from tiercore.questions.recalibration import Recalibration, recalibration_on
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import Standing, standing_on
from tiercore.questions.verdict import verdict_of
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.rating import credits_of
from tiercore.rating.retention import retention_on
from tiercore.rating.retention_months import retention_months
from tiercore.rating.timeline import Balance, balance_on, timeline_of
from tiercore.storage.decoding import credited


@dataclass(frozen=True)
class KnownPartner:
    """A partner by what is known on a day; every question is answered as of any day from that alone."""

    facts: Facts
    timeline: tuple[Balance, ...]
    program: Program

    def _on(self, day: date) -> tuple[date, Program, Facts, Balance]:
        facts = replace(self.facts, retention=self.facts.retention.on(day))
        return day, self.program, facts, balance_on(self.timeline, day)

    def recalibration(self, day: date) -> Recalibration:
        return recalibration_on(*self._on(day), self.timeline)

    def standing(self, day: date) -> Standing:
        """The standing with its verdict."""
        return replace(standing_on(*self._on(day)), verdict=verdict_of(self.recalibration(day)))

    def gap(self, tier: str, day: date) -> Gap:
        return gap_to(tier, *self._on(day))


def known_partners(sample: Sample, program: Program, day: date) -> Iterator[KnownPartner]:
    """Every partner of the sample by what is known on the day."""
    known = known_on(sample, day)
    books = {client.client_id: ClientBook(client) for client in known.clients}
    for sale in known.sales:
        books[sale.client_id].sales.append(sale)
    for level in known.levels:
        books[level.client_id].levels.append(level)
    for agreement in known.agreements:
        books[agreement.client_id].agreements.append(agreement)
    credits, usage = defaultdict[str, list[Credit]](list), defaultdict[str, list[ToolUsage]](list)
    for book in books.values():
        for credit in credits_of(book, program):
            credits[credit.partner_id].append(credit)
    for each in known.usage:
        usage[each.client_id].append(each)
    for partner in known.partners:
        own = credits[partner.partner_id]
        levels = [level for client in {each.client_id for each in own} for level in books[client].levels]
        tiers = sorted((t.credited_on, t.tier) for t in known.tiers if t.partner_id == partner.partner_id)
        tier, since, before = credited([(name, on.isoformat()) for on, name in tiers], day)
        certified = [each for each in known.certifications if each.partner_id == partner.partner_id]
        retention = retention_on(retention_months(own, levels, program), day)
        facts = Facts(partner, certified, tier, since, retention, credited_before=before)
        yield KnownPartner(facts, tuple(timeline_of(own, usage)), program)
