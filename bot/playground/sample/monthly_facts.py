"""Facts that recur over the months: clients' tool usage and partners' certifications."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

from bot.playground.sample.agencies import Agency
from bot.playground.sample.catalogue import FIRST_DAY, LAST_DAY
from bot.playground.sample.draft_ledger import DraftLedger, ProductLine
from bot.playground.sample.trade import months
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
_TEAM_SIZES = {"untiered": 1, "gold": 2, "platinum": 3, "diamond": 5, "elite": 11, "large": 8}
_QUALIFYING_VALIDITY, _COURSE_VALIDITY = timedelta(days=394), timedelta(days=759)

# Gaps in the qualifying certification: its last valid day, and the first day of the next one, None if there is none.
_GAPS: dict[str, tuple[date, date | None]] = {
    "P022": (date(2022, 8, 20), date(2022, 10, 24)),
    "P028": (date(2022, 10, 31), date(2022, 11, 21)),
    "P033": (date(2021, 12, 31), None),
    "P016": (date(2024, 5, 31), date(2024, 7, 1)),
    "P030": (date(2026, 11, 13), None),
}
_LOW_USAGE = frozenset({"P024", "P038"})


def usage_of(draft: DraftLedger, random_for: Callable[[str], Random]) -> Iterator[ToolUsage]:
    """Every client's tool usage: its first month, and every month in which the number of tools changes."""
    seller = {sale.client_id: sale.partner_id for sale in reversed(draft.sample.sales)}
    for client_id, lines in draft.lines.items():
        limit = 2 if seller.get(client_id) in _LOW_USAGE else 12
        yield from _usage(client_id, lines, random_for(client_id), limit)


def _usage(client_id: str, lines: list[ProductLine], random: Random, limit: int) -> Iterator[ToolUsage]:
    tools, reported = min(limit, random.choice((2, 3, 3, 4, 4, 5, 5, 6, 7))), 0
    for month in months(min(line.steps[0][0] for line in lines)):
        if tools != reported:
            yield ToolUsage(client_id, month, tools)
        reported = tools
        if random.random() < 0.2:
            tools = min(limit, max(2, tools + random.choice((-1, 1))))


def certifications_of(agency: Agency, random: Random) -> Iterator[Certification]:
    """A partner's certifications: the qualifying one, renewed every year, and its team's courses."""
    yield from _with_gap(agency.partner_id, list(_qualifying(agency, random)))
    members = [f"{agency.person} and colleagues"] if agency.size == "untiered" else _team(agency)
    courses = _COURSES if len(members) > 10 else random.sample(_COURSES, 3)
    for member in members:
        for course in courses:
            yield from _course_renewals(agency, f"{course} ({member})", random)


def _team(agency: Agency) -> list[str]:
    return [f"{agency.person}'s team {number}" for number in range(1, _TEAM_SIZES[agency.size] + 1)]


def _qualifying(agency: Agency, random: Random) -> Iterator[Certification]:
    valid_from = agency.joined_on + timedelta(days=random.randint(10, 60))
    while valid_from <= LAST_DAY:
        yield Certification(agency.partner_id, QUALIFYING, valid_from, valid_from + _QUALIFYING_VALIDITY)
        valid_from += timedelta(days=random.randint(355, 385))


def _with_gap(partner_id: str, certifications: list[Certification]) -> Iterator[Certification]:
    """The certifications, with the partner's gap if it has one."""
    last, resumed = _GAPS.get(partner_id, (date.max, None))
    for each in certifications:
        if each.valid_from < last:
            yield Certification(partner_id, QUALIFYING, each.valid_from, min(each.valid_until, last))
        elif resumed and each.valid_from > resumed + timedelta(days=300):
            yield each
    if resumed:
        yield Certification(partner_id, QUALIFYING, resumed, resumed + _QUALIFYING_VALIDITY)


def _course_renewals(agency: Agency, course: str, random: Random) -> Iterator[Certification]:
    valid_from = max(FIRST_DAY, agency.joined_on) + timedelta(days=random.randint(0, 400))
    while valid_from <= LAST_DAY:
        yield Certification(agency.partner_id, course, valid_from, valid_from + _COURSE_VALIDITY)
        valid_from += timedelta(days=random.randint(735, 755))
