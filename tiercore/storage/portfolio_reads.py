"""What is read of many partners at a time, and the data that the rows are (digests-and-alerts#several-partners)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any

from tiercore.access import PartnerName
from tiercore.portfolio.data import PartnerData
from tiercore.portfolio.plain_partner import PlainPartner
from tiercore.portfolio.plain_rules import PlainRules
from tiercore.program import Program
from tiercore.questions.credited import credited_on
from tiercore.questions.expiry import UnknownExpiry
from tiercore.questions.portfolio import SOON
from tiercore.questions.requirements import Facts, is_qualifying
from tiercore.rating.install_base import month_of
from tiercore.rating.retention import RetentionMonth, retention_on
from tiercore.rating.timeline import Balance
from tiercore.storage import portfolio_statements as sets
from tiercore.storage.decoding import Rows, a_date, certification_of, credited, holds_of, partner_of
from tiercore.storage.partner_ids import ids_of
from tiercore.storage.reader import Query
from tiercore.storage.review_statements import review_days


def window_of(as_of: date) -> dict[str, int]:
    """The SOON days after the day, as parameters."""
    return {"day": as_of.toordinal(), "until": (as_of + timedelta(SOON)).toordinal()}


def data_queries(partner_ids: Sequence[str], as_of: date, since: date, program: Program) -> list[Query]:
    """What partner_data needs of the partners: everything that the questions about a portfolio ask for."""
    review = review_days(as_of, program)
    days = sorted({as_of, since, *review})
    months = sorted(month_of(each) for each in (as_of, review[0], review[-1]))
    key = {"partner_ids": ids_of(partner_ids)}
    numbered = {f"day_{number}": each.toordinal() for number, each in enumerate(days)}
    return [
        (sets.PARTNERS, key),
        (sets.TIERS, key),
        (sets.CERTIFICATIONS, key),
        (sets.RETENTION_MONTHS, {**key, "first_month": months[0], "last_month": months[-1]}),
        (sets.HOLDS, key),
        (sets.CAMS, key),
        (sets.WITH_GOALS, key),
        (sets.balances_of(len(days)), {**key, **numbered}),
        (sets.BALANCES_AHEAD, {**key, **window_of(as_of)}),
        (sets.UNKNOWN_EXPIRY, {**key, "day": as_of.toordinal()}),
    ]


def partner_data(found: Sequence[Rows], as_of: date) -> Iterator[PartnerData]:
    """The data of each partner, from the rows of data_queries."""
    partners, tiers, certifications, months, holds, cams, goals, balances, ahead, unknown = found
    of_tiers, of_months, of_holds, of_cams = (
        _by_partner(tiers),
        _by_partner(months),
        _by_partner(holds),
        _by_partner(cams),
    )
    of_balances, of_ahead, of_unknown = _by_partner(balances), _by_partner(ahead), _by_partner(unknown)
    with_goals = {row[0] for row in goals}
    certified = _by_partner([(row[0], *row) for row in certifications])
    for row in partners:
        partner_id = row[0]
        tier, since, former = credited(of_tiers.get(partner_id, ()), as_of)
        held = [*of_holds.get("", ()), *of_holds.get(partner_id, ())]
        retention = retention_on(map(RetentionMonth._make, of_months.get(partner_id, ())), as_of)
        valid = [certification_of(each) for each in certified.get(partner_id, ())]
        facts = Facts(partner_of(row), valid, tier, since, retention, holds_of(held), former)
        yield PartnerData(
            facts,
            sorted(map(Balance._make, of_balances.get(partner_id, ()))),
            [Balance._make(each) for each in of_ahead.get(partner_id, ())],
            [UnknownExpiry(*each) for each in of_unknown.get(partner_id, ())],
            tuple(name for (name,) in of_cams.get(partner_id, ())),
            has_goal=partner_id in with_goals,
        )


def plain_queries(partner_ids: Sequence[str], rules: PlainRules) -> list[Query]:
    """What plain_partners needs of the partners: whole numbers, and whether there is more to know."""
    key, days = {"partner_ids": ids_of(partner_ids)}, rules.days
    numbered = {f"day_{number}": each.toordinal() for number, each in enumerate(days)}
    return [
        (sets.NAMES, key),
        (sets.TIERS, key),
        (sets.MAYBE_QUALIFYING, {**key, "first": rules.first.isoformat(), "last": rules.last.isoformat()}),
        (sets.HOLDS, key),
        (sets.CAMS, key),
        (sets.WITH_DOUBTS, key),
        (sets.WITH_GOALS, key),
        (sets.figures_of(len(days)), {**key, **numbered}),
        (sets.FIGURES_AHEAD, {**key, **window_of(rules.as_of)}),
    ]


def plain_partners(found: Sequence[Rows], as_of: date) -> Iterator[PlainPartner]:
    """Each partner by its whole numbers, from the rows of plain_queries."""
    names, tiers, certifications, holds, cams, doubts, goals, figures, ahead = found
    of_tiers, of_cams, of_figures, of_ahead = map(_grouped, (tiers, cams, figures, ahead))
    with_holds, with_goals = {row[0] for row in holds}, {row[0] for row in goals}
    with_more = with_holds | {row[0] for row in doubts}
    certified = _certified(certifications)
    for partner_id, name, member_until, invited_on in names:
        tier, since, former = credited_on([(row[1], _date_of(row[2])) for row in of_tiers.get(partner_id, ())], as_of)
        yield PlainPartner(
            PartnerName(partner_id, name),
            sorted(of_figures.get(partner_id, ())),
            sorted(of_ahead.get(partner_id, ())),
            tier,
            since,
            former,
            certified.get(partner_id, ()),
            member_until and _ordinal_of(member_until),
            invited_on and _ordinal_of(invited_on),
            tuple([row[1] for row in of_cams.get(partner_id, ())]),
            "" in with_holds or partner_id in with_more,
            partner_id in with_goals,
        )


def _certified(certifications: Rows) -> dict[str, list[tuple[int, int]]]:
    """By partner the days on which a qualifying certification begins that lasts longer than those before, and its last
    day.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    qualifies: dict[str, bool] = {}
    for row in sorted(certifications, key=_FIRST_DAY):
        partner_id, name, first, last = row
        if name not in qualifies:
            qualifies[name] = is_qualifying(certification_of(row))
        if qualifies[name]:
            until, known = _ordinal_of(last), found.setdefault(partner_id, [])
            if not known or until > known[-1][1]:
                known.append((_ordinal_of(first), until))
    return found


def _ordinal_of(value: Any) -> int:
    return _date_of(value).toordinal()


_date_of = lru_cache(maxsize=4_096)(a_date)


_FIRST_DAY = itemgetter(2)


def _grouped(rows: Rows) -> Mapping[str, list[tuple[Any, ...]]]:
    """The rows by their first column."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        if known := found.get(row[0]):
            known.append(row)
        else:
            found[row[0]] = [row]
    return found


def _by_partner(rows: Iterable[Sequence[Any]]) -> Mapping[str, list[tuple[Any, ...]]]:
    """The rows without their first column, by it."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(tuple(row[1:]))
    return found
