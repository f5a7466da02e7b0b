"""SQL for the partners without a day on which their signals may be at another level (digests-and-alerts#looks)."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, or_, select, true

from tiercore.questions.signals import SOON_DAYS
from tiercore.storage.bulk import table
from tiercore.storage.partner_ids import OneOf, ids_of
from tiercore.storage.reader import Query
from tiercore.storage.tables.derived import BalanceRow
from tiercore.storage.tables.goals import GoalRow
from tiercore.storage.tables.ledger import CertificationRow, PartnerRow, TierCreditedRow

_partner, _timeline, _goal = table(PartnerRow), table(BalanceRow), table(GoalRow)
_certification, _tier = table(CertificationRow), table(TierCreditedRow)


def _is_due(column: Any, first: str, last: str) -> ColumnElement[bool]:
    """Whether the day is one of those that come, or that come into sight SOON_DAYS ahead."""
    here = column.between(bindparam(first), bindparam(last))
    ahead = column.between(bindparam(f"{first}_ahead"), bindparam(f"{last}_ahead"))
    found: ColumnElement[bool] = here | ahead
    return found


def _has(of: Any, *conditions: Any) -> ColumnElement[bool]:
    return exists(select(of.c.partner_id).where(of.c.partner_id == _partner.c.partner_id, *conditions))


_FIRST, _LAST = "first_date", "last_date"

_WITHOUT_DAYS = select(_partner.c.partner_id).where(
    OneOf(_partner.c.partner_id),
    or_(
        _has(_timeline, _timeline.c.day.between(bindparam("first"), bindparam("last"))),
        _has(_timeline, _timeline.c.day.between(bindparam("first_ahead"), bindparam("last_ahead"))),
        _is_due(_partner.c.membership_until, _FIRST, _LAST),
        _is_due(_partner.c.elite_invited_on, _FIRST, _LAST),
        _has(_tier, _is_due(_tier.c.credited_on, _FIRST, _LAST)),
        _has(
            _certification,
            _is_due(_certification.c.valid_from, _FIRST, _LAST) | _is_due(_certification.c.valid_until, _FIRST, _LAST),
        ),
        _has(_goal, _goal.c.withdrawn_at.is_(None)),
    ).is_not(true()),
)


def without_days(partner_ids: Iterable[str], since: date, day: date) -> Query:
    """The partners, of those that the viewer is shown, that have no day after `since` up to `day`, nor SOON_DAYS after
    these, on which something begins or ends: points, a certification, the membership, a tier. A last day counts as
    well as the one after it. Partners with a goal aren't among them: each day counts for it.
    """
    ahead = timedelta(SOON_DAYS)
    days = {"first": since + timedelta(1), "last": day}
    ordinals = {name: each.toordinal() for name, each in days.items()}
    ordinals |= {f"{name}_ahead": (each + ahead).toordinal() for name, each in days.items()}
    dates = {_FIRST: since, _LAST: day, f"{_FIRST}_ahead": since + ahead, f"{_LAST}_ahead": day + ahead}
    texts = {name: each.isoformat() for name, each in dates.items()}
    return _WITHOUT_DAYS, {"partner_ids": ids_of(partner_ids), **ordinals, **texts}
