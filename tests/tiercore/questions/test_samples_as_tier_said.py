"""A past sample of the recalibration is what /tier says of that day, for partners of all sorts.

Their points, retention, certifications, tool usage, membership, invitation and holds differ, as do the days' rules and
thresholds (sampled_partners).
"""

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from tests.support.sampled_partners import FIRST, TABLE, SampledPartner, sampled_partner, write_partners
from tiercore.access import Mailbox
from tiercore.answers import Answers
from tiercore.facts.entries import ToolUsage
from tiercore.facts.unknown import Unknown
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.people.holds import hold
from tiercore.program import Program, load_program
from tiercore.questions.judging import Reached
from tiercore.questions.recalibration import Recalibration, Sample, recalibration_on
from tiercore.questions.recalibration_days import recalibration_of
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import Standing, standing_on
from tiercore.rating.install_base import month_of
from tiercore.rating.rating import credits_of
from tiercore.rating.retention import MONTHS, RetentionMonth, retention_on
from tiercore.rating.retention_months import retention_months
from tiercore.rating.timeline import balance_on, timeline_of
from tiercore.storage.engine import create_database_engine
from tiercore.storage.reader import create_reader
from tiercore.storage.schema import upgrade

Compared = tuple[Sample, Standing]
JUDGED = (  # each of them has to be met in some sample and missed in another
    *("combined_threshold", "sold_minimum", "sourced_minimum", "managed_minimum", "median_tool_usage", "certification"),
    *("membership", "customer_dollar_retention", "gross_revenue_retention", "elite_invitation", "team_certifications"),
)
UNKNOWN = ("median_tool_usage", "certification", "membership", "customer_dollar_retention", "gross_revenue_retention")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    table = tmp_path_factory.mktemp("rules") / "table.toml"
    table.write_text(TABLE)
    return load_program(table)


def asked_on(chance: random.Random) -> date:
    return date(2023, 1, 1) + timedelta(chance.randrange(1_800))


def past(found: Recalibration) -> list[Sample]:
    return [sample for sample in found.samples if not sample.projected]


def read(rows: list[RetentionMonth], first: date, last: date) -> list[RetentionMonth]:
    """The rows that the ledger reads for the days from the one to the other."""
    newest = max((row.month for row in rows if row.month < month_of(first)), default=0)
    return [row for row in rows if newest - MONTHS < row.month < month_of(last)]


def compared(program: Program, seed: int) -> list[Compared]:
    """The past samples of a random partner, each with the standing of its day."""
    chance = random.Random(seed)
    one, day = sampled_partner(chance), asked_on(chance)
    usage: dict[str, list[ToolUsage]] = {}
    for month in one.usage:
        usage.setdefault(month.client_id, []).append(month)
    credits = [credit for book in one.books for credit in credits_of(book, program)]
    rows = retention_months(credits, [level for book in one.books for level in book.levels], program)
    timeline = timeline_of(credits, usage)
    holds = {figure: Unknown("under correction") for figure in one.held}
    known = Facts(one.partner, one.certifications, one.credited, FIRST, holds=holds)
    ends, begins = recalibration_of(day, program)
    facts = replace(known, retention=retention_on(read(rows, min(begins, day), ends), day))
    samples = past(recalibration_on(day, program, facts, balance_on(timeline, day), timeline))
    said = []
    for sample in samples:
        then = replace(known, retention=retention_on(read(rows, sample.day, sample.day), sample.day))
        said.append(standing_on(sample.day, program, then, balance_on(timeline, sample.day)))
    return list(zip(samples, said, strict=True))


def differing(found: list[Compared]) -> list[Compared]:
    """Where the sample reached another tier than the standing says, or misses something else of the credited one."""
    return [
        (sample, said)
        for sample, said in found
        if sample.reached != said.performing or sample.amiss != (said.amiss if sample.enough is False else ())
    ]


def expect_all_sorts(found: list[Compared]) -> None:
    """Every requirement was met, missed and, where it can be, unknown; and every tier and none was reached."""
    judged = {(each.name, each.state.value) for _, said in found for each in (*said.requirements, *said.amiss)}
    assert {(name, state) for name in JUDGED for state in ("green", "red")} <= judged
    assert {(name, "unknown") for name in UNKNOWN} <= judged
    reached = {sample.reached.tier for sample, _ in found if isinstance(sample.reached, Reached)}
    assert reached == {None, "gold", "platinum", "diamond", "elite"}


def test_a_past_sample_is_what_tier_said_on_that_day(program: Program):
    assert [found for seed in range(200) if (found := differing(compared(program, seed)))] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_past_sample_is_what_tier_said_on_that_day_on_10_000_random_partners(
    program: Program, share_of: Callable[[int], int]
):
    found = [each for seed in range(share_of(10_000)) for each in compared(program, seed)]
    assert differing(found) == []
    expect_all_sorts(found)


@pytest.fixture(scope="module")
def partners() -> list[SampledPartner]:
    return [sampled_partner(random.Random(seed), f"P{seed}") for seed in range(500)]


@pytest.fixture
async def answers(program: Program, partners: list[SampledPartner], tmp_path: Path) -> AsyncIterator[Answers]:
    """The answers from a database into which the partners were imported, with their figures on hold."""
    write_partners(tmp_path / "files", partners)
    url = URL.create("sqlite", database=str(tmp_path / "tierbot.db"))
    engine = create_database_engine(url)
    upgrade(engine)
    assert import_folder(engine, program, tmp_path / "files", today=date(2027, 12, 31)).problems == []
    with engine.begin() as connection:
        for each in partners:
            for figure in each.held:
                hold(
                    connection, figure, each.partner.partner_id, "wrong at the source", datetime(2023, 1, 1, tzinfo=UTC)
                )
    engine.dispose()
    reader = create_reader(url)
    await reader.open()
    yield Answers(Ledger(reader, program))
    await reader.close()


@pytest.mark.slow
async def test_a_past_sample_is_what_tier_answers_of_that_day_from_a_database(
    answers: Answers, partners: list[SampledPartner]
):
    found, reach = [], await answers.reach(Mailbox("admin@example.com"))
    for seed, one in enumerate(partners):
        grant, day = reach.grant(one.partner.partner_id), asked_on(random.Random(seed))
        samples = past(await answers.recalibration(grant, day))
        found += [(sample, await answers.standing_in_detail(grant, sample.day)) for sample in samples]
    assert differing(found) == []
    expect_all_sorts(found)
