"""A partner's books once a plan is carried out, and what it renews (how-tiers-work#plans)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from dateutil.relativedelta import relativedelta

from tiercore.facts.entries import Certification, Entry
from tiercore.planning.aims import Aim
from tiercore.planning.market import Market
from tiercore.planning.steps import Kind, PlanStep
from tiercore.program import Program
from tiercore.questions.requirements import is_qualifying
from tiercore.scenarios.applying import with_entries
from tiercore.scenarios.books import PartnerBooks

_QUALIFYING = "Solutions Partner Certification"


def carried_out(books: PartnerBooks, entries: Sequence[Entry], program: Program) -> PartnerBooks:
    """The books with the entries of one step after the other: each of their clients' levels goes on from the last."""
    for entry in entries:
        if isinstance(entry, Certification):
            books = replace(books, certifications=(*books.certifications, entry))
    others = [each for each in entries if not isinstance(each, Certification)]
    return with_entries(books, others, program) if others else books


def renewed(aim: Aim, market: Market) -> tuple[PartnerBooks, tuple[PlanStep, ...]]:
    """What has to be renewed: steps that cost no MRR, and the books with a membership that goes on."""
    books, steps = market.books, list[PlanStep]()
    for each in aim.renewals:
        day = aim.by if each in aim.requirements else aim.recalibration or aim.by
        ends = each.have if isinstance(each.have, date) and each.have >= market.as_of else day
        entries: tuple[Entry, ...] = ()
        if each.name == "membership":
            lasts = aim.by + relativedelta(years=1)
            books = replace(books, partner=replace(books.partner, membership_until=lasts))
        else:
            entries = (_certification(market),)
        steps.append(PlanStep(Kind(each.name), None, None, None, 0, None, min(ends, day), entries=entries))
    return books, tuple(steps)


def _certification(market: Market) -> Certification:
    known = (each.certification for each in market.books.certifications if is_qualifying(each))
    valid = (market.as_of, market.by + relativedelta(years=1))
    return Certification(market.books.partner.partner_id, next(known, _QUALIFYING), *valid)
