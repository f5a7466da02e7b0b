"""The sample written once, its files read as plain rows of text, and the core's answers about it."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from bot.playground.sample import DEMO_DAY, Sample, write_sample
from tiercore.program import Program, load_program
from tiercore.questions.requirements import Facts, State
from tiercore.questions.standing import Standing, standing_on
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.rating import credits_of
from tiercore.rating.timeline import Balance, balance_on, timeline_of

Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="session")
def sample(folder: Path) -> Sample:
    return write_sample(folder)


@pytest.fixture(scope="session")
def files(folder: Path, sample: Sample) -> dict[str, Rows]:
    """The rows of every CSV file by file name."""
    found = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = list(csv.DictReader(file))
    return found


@dataclass
class Answers:
    """The sample's credits and the standings computed from them."""

    sample: Sample
    program: Program
    credits: dict[str, list[Credit]]
    timelines: dict[str, list[Balance]]

    def standing(self, partner_id: str, day: date = DEMO_DAY) -> Standing:
        sample = self.sample
        [partner] = [each for each in sample.partners if each.partner_id == partner_id]
        credited = [t for t in sample.tiers if t.partner_id == partner_id and t.credited_on <= day]
        current = max(credited, key=lambda tier: tier.credited_on, default=None)
        certifications = [each for each in sample.certifications if each.partner_id == partner_id]
        facts = Facts(
            partner, certifications, current.tier if current else None, current.credited_on if current else None
        )
        balance = balance_on(self.timelines[partner_id], day)
        return standing_on(day, self.program, facts, balance)

    def state(self, partner_id: str, requirement: str, day: date = DEMO_DAY) -> State:
        [found] = [r for r in self.standing(partner_id, day).requirements if r.name == requirement]
        return found.state

    def clients_of(self, partner_id: str) -> list[str]:
        return [sale.client_id for sale in self.sample.sales if sale.partner_id == partner_id]


@pytest.fixture(scope="session")
def answers(folder, sample: Sample) -> Answers:
    program = load_program(folder / "program.toml")
    books = {client.client_id: ClientBook(client) for client in sample.clients}
    for sale in sample.sales:
        books[sale.client_id].sales.append(sale)
    for level in sample.levels:
        books[level.client_id].levels.append(level)
    for agreement in sample.agreements:
        books[agreement.client_id].agreements.append(agreement)
    credits = defaultdict(list)
    for book in books.values():
        for credit in credits_of(book, program):
            credits[credit.partner_id].append(credit)
    usage = defaultdict(list)
    for each in sample.usage:
        usage[each.client_id].append(each)
    timelines = {p.partner_id: timeline_of(credits[p.partner_id], usage) for p in sample.partners}
    return Answers(sample, program, credits, timelines)
