"""SQL for many partners at a time, each statement filtered by the IDs of partners that the asker may see."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, array

from tiercore.facts.entries import Role
from tiercore.rating.retention import MONTHS, RetentionMonth
from tiercore.rating.timeline import Balance
from tiercore.storage.bulk import table
from tiercore.storage.compiled import ON_POSTGRESQL
from tiercore.storage.partner_ids import OneOf
from tiercore.storage.statements import lapses, unknown_expiry
from tiercore.storage.tables.derived import BalanceRow, CreditRow, RetentionRow
from tiercore.storage.tables.goals import GoalRow
from tiercore.storage.tables.history import CorrectionRow, FirstImportRow, ImportRow
from tiercore.storage.tables.ledger import CertificationRow, ClientRow, PartnerRow, PersonRow, TierCreditedRow
from tiercore.storage.tables.people import HoldRow

_partner, _person, _timeline = table(PartnerRow), table(PersonRow), table(BalanceRow)
_credit, _client, _retention = table(CreditRow), table(ClientRow), table(RetentionRow)
_log, _first, _correction = table(ImportRow), table(FirstImportRow), table(CorrectionRow)
_tier, _certification, _hold, _goal = table(TierCreditedRow), table(CertificationRow), table(HoldRow), table(GoalRow)
_earlier = _timeline.alias("earlier")
_BALANCE = [_timeline.c[name] for name in Balance._fields]

# The columns of portfolio.plain_partner.Figures after the partner's ID.
_COUNTED = [
    _timeline.c.day,
    _timeline.c.sourced,
    _timeline.c.assisted,
    _timeline.c.managed,
    _timeline.c.tools_median_twice,
    _timeline.c.unrated_sold + _timeline.c.unrated_managed,
    _timeline.c.doubtful,
    _timeline.c.lapsed,
]

PARTNERS = select(
    _partner.c.partner_id,
    _partner.c.name,
    _partner.c.country,
    _partner.c.currency,
    _partner.c.joined_on,
    _partner.c.elite_invited_on,
    _partner.c.membership_until,
).where(OneOf(_partner.c.partner_id))

TIERS = (
    select(_tier.c.partner_id, _tier.c.tier, _tier.c.credited_on)
    .where(OneOf(_tier.c.partner_id))
    .order_by(_tier.c.partner_id, _tier.c.credited_on)
)

CERTIFICATIONS = select(
    _certification.c.partner_id,
    _certification.c.certification,
    _certification.c.valid_from,
    _certification.c.valid_until,
).where(OneOf(_certification.c.partner_id))

_other = _retention.alias("other")
_BEFORE_FIRST = (_other.c.partner_id == _partner.c.partner_id) & (_other.c.month < bindparam("first_month"))
_NEWEST_MONTH = select(func.max(_other.c.month)).where(_BEFORE_FIRST).correlate(_partner).scalar_subquery()
_LAST_BY_MONTH = (
    select(_other.c.month)
    .where(_BEFORE_FIRST)
    .order_by(_other.c.month.desc())
    .limit(literal_column("1"))
    .correlate(_partner)
    .scalar_subquery()
)
_MONTHS = [_retention.c[name] for name in RetentionMonth._fields]


def _asked(**found: ColumnElement[Any]) -> Subquery:
    """The partners that are asked about, each with what is found for it first. PostgreSQL would otherwise look it up
    again for every row that is joined; and under a policy it takes no maximum from an index.
    """
    columns = [each.label(name) for name, each in found.items()]
    return (
        select(_partner.c.partner_id, *columns)
        .where(OneOf(_partner.c.partner_id))
        .offset(literal_column("0"))
        .subquery()
    )


def _months_found_first() -> Select[Any]:
    asked = _asked(after=func.coalesce(_LAST_BY_MONTH, 0) - MONTHS)
    same = (_retention.c.partner_id == asked.c.partner_id) & (_retention.c.month > asked.c.after)
    joined = asked.join(_retention, same)
    return select(asked.c.partner_id, *_MONTHS).select_from(joined).where(_retention.c.month < bindparam("last_month"))


# What the retention of days in `first_month` needs, and that of days up to `last_month`.
RETENTION_MONTHS = (
    select(_partner.c.partner_id, *_MONTHS)
    .select_from(_partner.join(_retention, _retention.c.partner_id == _partner.c.partner_id))
    .where(
        OneOf(_partner.c.partner_id),
        _retention.c.month > func.coalesce(_NEWEST_MONTH, 0) - MONTHS,
        _retention.c.month < bindparam("last_month"),
    )
    .execution_options(**{ON_POSTGRESQL: _months_found_first()})
)

# Those of every partner have no partner; a partner's own come last and win.
HOLDS = (
    select(_hold.c.partner_id, _hold.c.figure, _hold.c.reason, _hold.c.since)
    .where((_hold.c.partner_id == "") | OneOf(_hold.c.partner_id))
    .order_by(_hold.c.partner_id)
)


@cache
def people_with(role: Role) -> Select[Any]:
    """The names of each partner's people in this role."""
    return (
        select(_person.c.partner_id, _person.c.name)
        .where(_person.c.role == role.value, OneOf(_person.c.partner_id))
        .order_by(_person.c.partner_id, _person.c.name)
    )


CAMS = people_with(Role.CAM)

WITH_GOALS = select(_goal.c.partner_id).where(OneOf(_goal.c.partner_id), _goal.c.withdrawn_at.is_(None)).distinct()


@cache
def balances_of(count: int) -> Select[Any]:
    """Each partner's balances of `count` days, `day_0` and so on: for each the last one on or before it, in any order.

    So many look-ups per partner instead of a range: the months in between may have a row for every day.
    """
    return _balances_of(count, _BALANCE)


def _balances_of(count: int, columns: Sequence[Any]) -> Select[Any]:
    latest = [
        select(func.max(_earlier.c.day)).where(_is_earlier(number)).correlate(_partner).scalar_subquery()
        for number in range(count)
    ]
    same = (_timeline.c.partner_id == _partner.c.partner_id) & _timeline.c.day.in_(latest)
    return (
        select(_partner.c.partner_id, *columns)
        .select_from(_partner.join(_timeline, same))
        .where(OneOf(_partner.c.partner_id))
        .execution_options(**{ON_POSTGRESQL: _found_first(count, columns)})
    )


def _found_first(count: int, columns: Sequence[Any]) -> Select[Any]:
    last_first = select(_earlier.c.day).order_by(_earlier.c.day.desc()).limit(literal_column("1")).correlate(_partner)
    latest = array([last_first.where(_is_earlier(number)).scalar_subquery() for number in range(count)])
    asked = _asked(days=cast(latest, ARRAY(Integer)))
    same = (_timeline.c.partner_id == asked.c.partner_id) & (_timeline.c.day == any_(asked.c.days))
    return select(asked.c.partner_id, *columns).select_from(asked.join(_timeline, same))


def _is_earlier(number: int) -> ColumnElement[bool]:
    return and_(_earlier.c.partner_id == _partner.c.partner_id, _earlier.c.day <= bindparam(f"day_{number}"))


@cache
def figures_of(count: int) -> Select[Any]:
    """The same with the columns of portfolio.plain_partner.Figures alone."""
    return _balances_of(count, _COUNTED)


BALANCES_AHEAD = (
    select(_partner.c.partner_id, *_BALANCE)
    .select_from(_partner.join(_timeline, _timeline.c.partner_id == _partner.c.partner_id))
    .where(
        OneOf(_partner.c.partner_id),
        _timeline.c.day > bindparam("day"),
        _timeline.c.day <= bindparam("until"),
    )
    .order_by(_partner.c.partner_id, _timeline.c.day)
)

UNKNOWN_EXPIRY = unknown_expiry(OneOf(_credit.c.partner_id), _credit.c.partner_id)

LAPSES = lapses(OneOf(_credit.c.partner_id), _credit.c.partner_id)

FIGURES_AHEAD = (
    select(_partner.c.partner_id, *_COUNTED)
    .select_from(_partner.join(_timeline, _timeline.c.partner_id == _partner.c.partner_id))
    .where(
        OneOf(_partner.c.partner_id),
        _timeline.c.day > bindparam("day"),
        _timeline.c.day <= bindparam("until"),
    )
)

NAMES = select(_partner.c.partner_id, _partner.c.name, _partner.c.membership_until, _partner.c.elite_invited_on).where(
    OneOf(_partner.c.partner_id)
)

CORRECTED = (
    select(_correction.c.partner_id)
    .select_from(_correction.join(_log, _log.c.import_id == _correction.c.import_id))
    .where(
        OneOf(_correction.c.partner_id),
        _correction.c.import_id > bindparam("known_version"),
        _log.c.day > bindparam("known_day"),
    )
    .distinct()
)

# The first import on record that has each partner, where that isn't the very first one.
FIRSTS = select(_first.c.partner_id, _first.c.import_id, _first.c.day).where(OneOf(_first.c.partner_id))

# A superset of those that qualify, which only Python can say. All of a name that begin by the day `first` are one.
MAYBE_QUALIFYING = (
    select(
        _certification.c.partner_id,
        _certification.c.certification,
        func.min(_certification.c.valid_from),
        func.max(_certification.c.valid_until),
    )
    .where(
        OneOf(_certification.c.partner_id),
        _certification.c.certification.ilike("%olution%artner%"),
        _certification.c.valid_from <= bindparam("last"),
    )
    .group_by(
        _certification.c.partner_id,
        _certification.c.certification,
        case((_certification.c.valid_from > bindparam("first"), _certification.c.valid_from)),
    )
)

WITH_DOUBTS = select(_credit.c.partner_id).where(OneOf(_credit.c.partner_id), _credit.c.doubt.is_not(None)).distinct()
