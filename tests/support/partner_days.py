"""Random partners whose requirements fail in any combination, and every answer about one of them on a day."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from hypothesis import strategies as st

from handlers.views.answers import digest as digest_view
from handlers.views.answers import expiring, gap, portfolio, progress, recalibration, tier
from handlers.views.parts.blocks import Message
from tests.support.recalibration import TABLE
from tests.support.retained import retained
from tiercore.facts.entries import Certification, Partner
from tiercore.facts.holds import HOLDABLE
from tiercore.facts.points import MICRO
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, load_program
from tiercore.questions.advice import advice_on
from tiercore.questions.changes import Changes, changes_between
from tiercore.questions.digest import Digest
from tiercore.questions.doubts import doubts_on
from tiercore.questions.expiry import Expiry, expiry_within
from tiercore.questions.gap_on import GapOn, gap_on
from tiercore.questions.portfolio import PartnerWeek, partner_week, portfolio_of
from tiercore.questions.progress import Progress, progress_on
from tiercore.questions.recalibration import Recalibration, recalibration_on
from tiercore.questions.requirements import Facts
from tiercore.questions.signals import SOON_DAYS, Signals, signals_on
from tiercore.questions.standing import Standing, standing_on
from tiercore.questions.verdict import Verdict, verdict_of
from tiercore.rating.retention import NO_RETENTION
from tiercore.rating.timeline import Balance, balance_on

DAY = date(2023, 6, 20)
TARGETS = "".join(
    f'[retention.{name}]\nunit = "percent"\n2022-07-18 = {{ value = 80 }}\n' for name in ("gold", "platinum")
)
TOOLS = '[requirements.tool_usage_median]\nunit = "tools"\n2022-07-18 = { value = 4 }\n'
RAISED = "2023-06-29 = { value = 260 }\n"


def programs(folder: Path) -> dict[str, Program]:
    """Rules in which everything is set, one in which Gold's total rises in nine days, and the shipped ones alone."""
    texts = {"set": TABLE + TARGETS + TOOLS, "unset": ""}
    head = '[thresholds.gold.combined]\nunit = "points"\n2022-07-18 = { value = 200 }\n'
    assert head in texts["set"]
    texts["raised"] = texts["set"].replace(head, head + RAISED)
    found = {}
    for name, text in texts.items():
        path = folder / f"{name}.toml"
        path.write_text(text)
        found[name] = load_program(path)
    return found


@dataclass(frozen=True)
class PartnerDay:
    """A partner's facts and timeline, and the answers about it on DAY."""

    facts: Facts
    rows: tuple[Balance, ...]
    program: Program

    @cached_property
    def balance(self) -> Balance:
        return balance_on(self.rows, DAY)

    def ahead(self, days: int) -> list[Balance]:
        """The timeline of so many days after DAY."""
        return [row for row in self.rows if 0 < row.day - DAY.toordinal() <= days]

    @cached_property
    def standing(self) -> Standing:
        found = standing_on(DAY, self.program, self.facts, self.balance)
        return replace(found, verdict=self.verdict)

    @cached_property
    def verdict(self) -> Verdict:
        return verdict_of(self.recalibration)

    @cached_property
    def before(self) -> Standing:
        week_ago = DAY - timedelta(7)
        return standing_on(week_ago, self.program, self.facts, balance_on(self.rows, week_ago))

    def expiry(self, days: int) -> Expiry:
        return expiry_within(days, DAY, self.program, self.facts, self.balance, self.ahead(days), [], [])

    def gap_on_in(self, days: int) -> GapOn:
        """The gap to Platinum in so many days."""
        by = DAY + timedelta(days)
        balances = self.balance, balance_on(self.rows, by)
        return gap_on(by, "platinum", DAY, self.program, self.facts, balances)

    @cached_property
    def recalibration(self) -> Recalibration:
        return recalibration_on(DAY, self.program, self.facts, self.balance, self.rows)

    @cached_property
    def progress(self) -> Progress:
        past = [row for row in self.rows if row.day < DAY.toordinal()]
        return progress_on(DAY, self.program, self.facts, self.balance, past, self.ahead(365))

    @cached_property
    def changes(self) -> Changes:
        since = DAY - timedelta(7)
        return changes_between(since, DAY, self.program, self.facts, balance_on(self.rows, since), self.balance, [], [])

    @cached_property
    def week(self) -> PartnerWeek:
        return partner_week(self.standing, self.before.balance, self.expiry(30), self.recalibration)

    @cached_property
    def signals(self) -> Signals:
        return signals_on(
            DAY, self.program, self.facts, self.balance, self.ahead(SOON_DAYS), self.recalibration, self.standing.notes
        )

    def digest(self, topic: str) -> Digest:
        expiry = self.expiry(90)
        advice = advice_on(self.standing, expiry, self.recalibration)
        verdict, doubts = verdict_of(self.recalibration), doubts_on(self.standing, expiry, self.recalibration)
        seen = self.standing, self.before, self.changes, self.progress, expiry, self.recalibration
        return Digest(topic, *seen, verdict, advice, doubts=tuple(dict.fromkeys(doubts)))

    def messages(self) -> Iterator[Message]:
        """Every answer about the partner."""
        yield tier.message(self.standing)
        for days in (0, 10, 200):
            yield gap.message(self.gap_on_in(days))
        yield expiring.message(self.expiry(365))
        yield progress.message(progress.ProgressAnswer(self.progress))
        yield recalibration.message(self.recalibration)
        yield digest_view.message(self.digest("digest"))
        yield digest_view.message(self.digest("digest"), stop="/digest pause")
        yield digest_view.message(self.digest("progress"))
        yield digest_view.message(self.digest("expiry"))
        yield portfolio.message(portfolio_of(DAY, [self.week]))


def lines_of(message: Message) -> list[str]:
    """Everything that a message says, line by line; the sentences of its text are lines, too."""
    return [*_lines(message.blocks), *sentences_of(message)]


def sentences_of(message: Message, having: str = "") -> list[str]:
    """The sentences of a message's text, or those with a phrase."""
    return [each for each in message.text.split(". ") if having in each]


def row_of(week: PartnerWeek) -> str:
    """What a portfolio's first sentence about a partner says."""
    return sentences_of(portfolio.message(portfolio_of(DAY, [week])), f"{week.standing.partner.name}: ")[0]


def _lines(held: object) -> Iterator[str]:
    if isinstance(held, dict):
        if held.get("type") == "rich_text_section":
            yield from "".join(each.get("text", "") for each in held["elements"]).split("\n")
        elif isinstance(held.get("text"), str):
            yield held["text"]  # a panel is one line: its mark stands for all of it
        else:
            for each in held.values():
                yield from _lines(each)
    elif isinstance(held, list):
        for each in held:
            yield from _lines(each)


@st.composite
def partner_days(draw: st.DrawFn, program: Program, *, held: bool = False) -> PartnerDay:
    """A partner with points, tools, certification, membership and retention that may suffice or not, or be unknown.

    Two of three keep all that their tier requires today, so that what comes later costs it.
    """
    healthy = draw(st.sampled_from([True, True, False]))
    until = st.integers(0, 120) if healthy else st.none() | st.integers(-60, 400)
    certified = draw(until.map(lambda days: None if days is None else DAY + timedelta(days)))
    partner = Partner("P1", "Quay", "US", "USD", date(2019, 1, 1))
    certifications = [Certification("P1", "Solutions Partner Certification", date(2019, 1, 1), certified)]
    percent = draw(st.sampled_from([95, 95, None] if healthy else [None, 70, 80, 95]))
    held_figures = draw(st.sets(st.sampled_from(HOLDABLE))) if held else ()
    facts = Facts(
        partner,
        certifications if certified else [],
        draw(st.sampled_from(["gold", "platinum"] if healthy else [None, "gold", "platinum"])),
        date(2021, 1, 15),
        NO_RETENTION if percent is None else retained(DAY, percent * MICRO),
        dict.fromkeys(held_figures, Unknown("under correction since 2023-06-01: being corrected")),
    )
    past = [] if healthy else draw(st.lists(st.integers(-150, 0), max_size=3, unique=True))
    offsets = [*past, *draw(st.lists(st.integers(1, 200), max_size=4, unique=True))]
    first = Balance(date(2022, 1, 1).toordinal(), 700 * MICRO, 0, 60 * MICRO, tools_median_twice=8, portals=1)
    rows = [first, *(draw(_balances(DAY + timedelta(each))) for each in sorted(offsets))]
    return PartnerDay(facts, tuple(rows), program)


@st.composite
def _balances(draw: st.DrawFn, day: date) -> Balance:
    sourced = draw(st.sampled_from([0, 5, 100, 190, 210, 250, 300, 590, 700]))
    managed = draw(st.sampled_from([0, 5, 10, 60]))
    return Balance(
        day.toordinal(),
        sourced * MICRO,
        managed=managed * MICRO,
        tools_median_twice=draw(st.sampled_from([None, 4, 7, 8])),
        portals=1,
        unrated_sold=draw(st.sampled_from([0, 0, 0, 1])),
    )
