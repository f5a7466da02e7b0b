"""Databases of random partners under random thresholds."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.support.databases import Databases
from tests.support.reading_answers import answers_from
from tests.support.sampled_partners import FIRST, TABLE, SampledPartner, sampled_partner, write_partners
from tiercore.access import Mailbox
from tiercore.answers import Answers
from tiercore.facts.entries import Certification, ToolUsage
from tiercore.ingest.importing import import_folder
from tiercore.people.holds import hold
from tiercore.program import Program, load_program
from tiercore.questions.portfolio import SOON
from tiercore.storage.engine import create_database_engine
from tiercore.storage.schema import upgrade

ADMIN = Mailbox("admin@example.com")


def a_program(chance: random.Random, folder: Path) -> Program:
    """The sampled partners' thresholds: other values for some, some that aren't set, and in two of three programs no
    target of retention but Elite's.
    """
    sections = [f"[{each}" for each in TABLE.split("[")[1:]]
    if chance.random() < 0.7:
        sections = [each for each in sections if not each.startswith("[retention")]
    if chance.random() < 0.3:
        del sections[chance.randrange(len(sections))]
    lines = "".join(sections).splitlines()
    for at, line in enumerate(lines):
        if line.startswith("2025-07-15") and chance.random() < 0.3:
            lines[at] = f"2025-07-15 = {{ value = {chance.choice((5, 20, 60, 80))} }}"
    if chance.random() < 0.5:
        lines += ["[requirements.tool_usage_median]", 'unit = "tools"', "2022-07-18 = { value = 4 }"]
    path = folder / "table.toml"
    path.write_text("\n".join(lines))
    return load_program(path)


def a_partner(chance: random.Random, partner_id: str, asked_about: Sequence[date]) -> SampledPartner:
    """A sampled partner; most of them have nothing that can't be known, and something that ends soon after a day that
    is `asked_about`.
    """
    found = sampled_partner(chance, partner_id)
    if chance.random() < 0.3:
        return found
    soon = chance.choice(asked_about) + timedelta(chance.randrange(-1, SOON + 3))
    until, member_until = (chance.choice((soon, day)) for day in (date(2028, 1, 1), date(2032, 1, 1)))
    certification = Certification(partner_id, "Solutions Partner Certification", FIRST, until)
    usage = [ToolUsage(book.client.client_id, FIRST, chance.choice((3, 5, 8))) for book in found.books]
    for book in found.books:
        sold_on = soon.replace(year=soon.year - 1, day=min(soon.day, 28))
        book.sales[0] = replace(book.sales[0], sold_on=chance.choice((sold_on, book.sales[0].sold_on)))
    invited_on = chance.choice((None, soon, found.partner.elite_invited_on))
    partner = replace(found.partner, membership_until=member_until, elite_invited_on=invited_on)
    tier = chance.choice((found.credited, "untiered", "gold", "gold"))
    return replace(found, partner=partner, certifications=[certification], usage=usage, held=(), credited=tier)


@asynccontextmanager
async def answers_about(seed: int, count: int, databases: Databases, folder: Path) -> AsyncIterator[Answers]:
    """The answers from a database of random partners, with some of their figures on hold."""
    chance = random.Random(seed)
    folder.mkdir()
    program = a_program(chance, folder)
    days = days_of(random.Random(seed), 4)
    partners = [a_partner(chance, f"P{number}", days) for number in range(count)]
    write_partners(folder / "files", partners)
    url = databases.filled(upgrade)
    engine = create_database_engine(url)
    assert import_folder(engine, program, folder / "files", today=date(2027, 12, 31)).problems == []
    with engine.begin() as connection:
        for each in partners:
            for figure in each.held:
                hold(connection, figure, each.partner.partner_id, "wrong", datetime(2023, 1, 1, tzinfo=UTC))
    engine.dispose()
    async with answers_from(url, program) as answers:
        yield answers


def days_of(chance: random.Random, count: int) -> list[date]:
    return [date(2023, 1, 1) + timedelta(chance.randrange(1_800)) for _ in range(count)]
