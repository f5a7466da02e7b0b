"""What is told of clients and partners month by month: tool usage and certifications."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

from bot.playground.sample.agencies import Agency
from bot.playground.sample.book import Book, Line
from bot.playground.sample.catalogue import FIRST_DAY, LAST_DAY
from bot.playground.sample.trading import months
from tiercore.facts.entries import Certification, ToolUsage

QUALIFYING = "Solutions Partner Certification"
_COURSES = (
    "Inbound",
    "Inbound Sales",
    "Marketing Software",
    "Sales Software",
    "Service Software",
    "Reporting",
    "Email Marketing",
    "SEO",
    "Revenue Operations",
    "CMS for Developers",
    "Objectives-Based Onboarding",
)
_MEMBERS = {"untiered": 1, "gold": 2, "platinum": 3, "diamond": 5, "elite": 11, "large": 8}
_VALID, _TEAM_VALID = timedelta(days=394), timedelta(days=759)

# Spells without a valid certification: from the day after, until the day of the next (None: none follows).
_GAPS: dict[str, tuple[date, date | None]] = {
    "P022": (date(2022, 8, 20), date(2022, 10, 24)),
    "P028": (date(2022, 10, 31), date(2022, 11, 21)),
    "P033": (date(2021, 12, 31), None),
    "P016": (date(2024, 5, 31), date(2024, 7, 1)),
    "P030": (date(2026, 11, 13), None),
}
_FEW_TOOLS = frozenset({"P024", "P038"})


def usage_of(book: Book, chance: Callable[[str], Random]) -> Iterator[ToolUsage]:
    """Every client's tool usage: its first month, and each month in which the number changes."""
    seller = {sale.client_id: sale.partner_id for sale in reversed(book.sample.sales)}
    for client_id, lines in book.lines.items():
        most = 2 if seller.get(client_id) in _FEW_TOOLS else 12
        yield from _usage(client_id, lines, chance(client_id), most)


def _usage(client_id: str, lines: list[Line], random: Random, most: int) -> Iterator[ToolUsage]:
    tools, told = min(most, random.choice((2, 3, 3, 4, 4, 5, 5, 6, 7))), 0
    for month in months(min(line.steps[0][0] for line in lines)):
        if tools != told:
            yield ToolUsage(client_id, month, tools)
        told = tools
        if random.random() < 0.2:
            tools = min(most, max(2, tools + random.choice((-1, 1))))


def certifications_of(agency: Agency, random: Random) -> Iterator[Certification]:
    """A partner's certifications: the qualifying one year by year, and its team's."""
    yield from _with_gap(agency.partner_id, list(_qualifying(agency, random)))
    members = [f"{agency.person} and colleagues"] if agency.size == "untiered" else _team(agency)
    courses = _COURSES if len(members) > 10 else random.sample(_COURSES, 3)
    for member in members:
        for course in courses:
            yield from _renewed(agency, f"{course} ({member})", random)


def _team(agency: Agency) -> list[str]:
    return [f"{agency.person}'s team {number}" for number in range(1, _MEMBERS[agency.size] + 1)]


def _qualifying(agency: Agency, random: Random) -> Iterator[Certification]:
    valid_from = agency.joined_on + timedelta(days=random.randint(10, 60))
    while valid_from <= LAST_DAY:
        yield Certification(agency.partner_id, QUALIFYING, valid_from, valid_from + _VALID)
        valid_from += timedelta(days=random.randint(355, 385))


def _with_gap(partner_id: str, held: list[Certification]) -> Iterator[Certification]:
    last, again = _GAPS.get(partner_id, (date.max, None))
    for each in held:
        if each.valid_from < last:
            yield Certification(partner_id, QUALIFYING, each.valid_from, min(each.valid_until, last))
        elif again and each.valid_from > again + timedelta(days=300):
            yield each
    if again:
        yield Certification(partner_id, QUALIFYING, again, again + _VALID)


def _renewed(agency: Agency, course: str, random: Random) -> Iterator[Certification]:
    valid_from = max(FIRST_DAY, agency.joined_on) + timedelta(days=random.randint(0, 400))
    while valid_from <= LAST_DAY:
        yield Certification(agency.partner_id, course, valid_from, valid_from + _TEAM_VALID)
        valid_from += timedelta(days=random.randint(735, 755))
