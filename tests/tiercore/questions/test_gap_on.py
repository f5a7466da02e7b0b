"""The gap on a day to come: what that day will say if nothing is added (how-tiers-work#gap-on-a-day)."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from tests.support.answers_from_entries import end_event, start_event
from tests.support.partner_a import DAY, PARTNER_A, balance, facts
from tests.support.partner_a import TABLE as PARTNER_A_TABLE
from tests.support.sampled_partners import FIRST, TABLE, SampledPartner, sampled_partner, write_partners
from tiercore.access import Mailbox
from tiercore.answers import Answers
from tiercore.facts.entries import ToolUsage
from tiercore.facts.points import MICRO, Source
from tiercore.facts.unknown import Unknown
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.program import Program, UnknownTier, load_program
from tiercore.questions.gap import Gap, gap_to, points_missing
from tiercore.questions.gap_on import GapOn, NotAhead, credit_day, gap_on, last_day, period_end
from tiercore.questions.requirements import Facts, State
from tiercore.rating.rating import credits_of
from tiercore.rating.retention import retention_on
from tiercore.rating.retention_months import retention_months
from tiercore.rating.timeline import Balance, balance_on, timeline_of
from tiercore.storage.reader import create_reader

TIERS = ("gold", "platinum", "diamond", "elite")
SHIPPED = load_program()
JANUARY = date(2023, 1, 15)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    path = tmp_path_factory.mktemp("rules") / "table.toml"
    path.write_text(PARTNER_A_TABLE)
    return load_program(path)


@pytest.fixture(scope="module")
def sampled_program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    path = tmp_path_factory.mktemp("rules") / "table.toml"
    path.write_text(TABLE)
    return load_program(path)


def said(gap: Gap) -> tuple[object, ...]:
    """All that a gap says but what selling would take."""
    points = gap.balance.sourced, gap.balance.assisted, gap.balance.managed
    return gap.tier, gap.judged_on, gap.requirements, gap.remainder, gap.parts, gap.is_met, points


def days_of(chance: random.Random) -> tuple[date, date]:
    """A day, and one to come."""
    day = FIRST + timedelta(chance.randrange(200, 1_800))
    return day, day + timedelta(chance.randrange((last_day(day) - day).days + 1))


def asked(program: Program, seed: int) -> tuple[GapOn, Gap]:
    """The gap on a day to come of a random partner, and the gap that is computed once that day has come."""
    chance = random.Random(seed)
    one, (day, by), tier = sampled_partner(chance), days_of(chance), chance.choice(TIERS)
    usage: dict[str, list[ToolUsage]] = {}
    for month in one.usage:
        usage.setdefault(month.client_id, []).append(month)
    credits = [credit for book in one.books for credit in credits_of(book, program)]
    timeline = timeline_of(credits, usage)
    months = retention_months(credits, [level for book in one.books for level in book.levels], program)
    known = Facts(one.partner, one.certifications, one.credited, FIRST)
    opened = [start_event(each) for each in credits if day < each.starts_on <= by]
    closed = [end_event(each) for each in credits if each.lapses_on and day < each.lapses_on <= by]
    now, then = (replace(known, retention=retention_on(months, each)) for each in (day, by))
    balances = balance_on(timeline, day), balance_on(timeline, by)
    return gap_on(by, tier, day, program, now, balances, (opened, closed)), gap_to(tier, by, program, then, balances[1])


def expect_what_the_day_will_say(found: GapOn, later: Gap) -> None:
    """The same requirements and points; what starts and expires is the difference; the parts are the whole."""
    assert said(found.then) == said(later)
    for source in Source:
        moved = [each.micropoints for each in (*found.starting, *found.expiring) if each.source is source]
        assert getattr(found.balance, source) + sum(moved) == getattr(later.balance, source)
    assert sum(part.micropoints for part in later.parts) == points_missing(later.requirements)


def test_a_gap_by_a_day_is_the_gap_on_that_day_with_nothing_added(sampled_program: Program):
    for seed in range(150):
        expect_what_the_day_will_say(*asked(sampled_program, seed))


@pytest.mark.slow
def test_a_gap_by_a_day_is_the_gap_on_that_day_with_nothing_added_for_many_partners(
    sampled_program: Program, share_of: Callable[[int], int]
):
    seen = set()
    for seed in range(share_of(4_000)):
        found, later = asked(sampled_program, seed)
        expect_what_the_day_will_say(found, later)
        seen.add((found.is_met_today, later.is_met))
    assert {(True, False), (False, True), (True, True), (False, False)} <= seen


async def test_what_is_answered_for_a_day_to_come_is_answered_on_that_day(
    engine: Engine, sampled_program: Program, tmp_path: Path
):
    partners: list[SampledPartner] = [sampled_partner(random.Random(seed), f"P{seed}") for seed in range(25)]
    write_partners(tmp_path / "files", partners)
    assert import_folder(engine, sampled_program, tmp_path / "files", today=date(2027, 12, 31)).problems == []
    reader = create_reader(engine.url)
    await reader.open()
    answers = Answers(Ledger(reader, sampled_program))
    reach = await answers.reach(Mailbox("admin@example.com"))
    for seed, one in enumerate(partners):
        grant, (day, by) = reach.grant(one.partner.partner_id), days_of(random.Random(seed))
        for tier in TIERS:
            found = await answers.gap(grant, tier, day, by=by)
            later = await answers.gap(grant, tier, by, by=by)
            expect_what_the_day_will_say(found, later.then)
    await reader.close()


def ahead(program: Program, then: Balance, by: date = JANUARY, tier: str | None = "platinum", **known) -> GapOn:
    return gap_on(by, tier, DAY, program, facts(**known), (PARTNER_A, then))


def test_a_minimum_and_the_total_add_up_to_one_number_to_earn(program: Program):
    """Sourced 40 + managed 10 + any source 25 = 75."""
    found = ahead(program, balance(assisted=230, managed=140, sourced=200)).then
    assert [(each.requirement, each.micropoints) for each in found.parts] == [
        ("managed_minimum", 10 * MICRO),
        (None, 65 * MICRO),
    ]
    assert points_missing(found.requirements) == 75 * MICRO


def test_a_tier_met_today_whose_certification_ends_before_the_day_is_not_met_on_it(program: Program):
    met = balance(assisted=400, managed=250, tools_median_twice=8)
    found = gap_on(date(2023, 2, 1), "gold", DAY, program, facts(), (met, met))
    assert (found.is_met_today, found.then.is_met) == (True, False)
    [certification] = [each for each in found.then.requirements if each.name == "certification"]
    assert (certification.state, certification.have) == (State.RED, date(2023, 1, 31))


def test_the_rules_of_the_day_decide_and_those_of_today_rate_what_one_sells(program: Program):
    before, after = date(2024, 2, 1), date(2024, 3, 15)
    found = gap_on(after, "platinum", before, program, facts(), (PARTNER_A, PARTNER_A))
    assert found.then.rules.version == "2024"
    assert found.then.ways[Source.SOURCED].rate == 3
    later = gap_on(after, "platinum", after, program, facts(), (PARTNER_A, PARTNER_A))
    assert later.then.ways[Source.SOURCED].rate == 5


def test_the_next_tier_is_the_one_above_what_is_reached_today(program: Program):
    assert ahead(program, balance(), tier=None).then.tier.name == "platinum"


def test_a_tier_that_the_rules_of_the_day_do_not_have_is_refused(program: Program):
    with pytest.raises(UnknownTier):
        ahead(program, PARTNER_A, tier="silver")


@pytest.mark.parametrize("by", [DAY - timedelta(1), last_day(DAY) + timedelta(1)])
def test_a_day_that_is_over_or_beyond_the_known_future_is_refused(program: Program, by: date):
    with pytest.raises(NotAhead):
        ahead(program, PARTNER_A, by)


def test_while_expiry_is_under_correction_nothing_is_said_of_days_to_come(program: Program):
    held = replace(facts(), holds={"expiry": Unknown("being corrected")})
    found = gap_on(JANUARY, "platinum", DAY, program, held, (PARTNER_A, balance()))
    assert found.held == Unknown("being corrected")
    assert not found.is_ahead
    assert found.then == found.today
    assert found.expiring == found.starting == ()


@given(st.dates(date(2022, 7, 18), date(2027, 12, 31)))
def test_without_a_day_it_is_the_next_15th(day: date):
    found = credit_day(day, SHIPPED)
    assert found.day == 15
    assert timedelta(0) <= found - day < timedelta(31)


@given(st.dates(), st.sampled_from([1, 3, 12]))
def test_a_period_ends_on_the_day_before_the_next_one(day: date, months: int):
    if day.year < date.max.year:
        end = period_end(months, day)
        assert end >= day
        assert (end + timedelta(1)).day == 1
        assert end.month % months == 0
