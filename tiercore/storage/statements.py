"""SQL for the answers. Every statement filters by the grant's partner ID or the viewer's own identity."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select

from tiercore.questions.progress import MONTHS_BACK
from tiercore.rating.retention import MONTHS, RetentionMonth
from tiercore.rating.timeline import Balance
from tiercore.storage.bulk import table
from tiercore.storage.tables.derived import BalanceRow, CreditRow, DerivedRow, RetentionRow
from tiercore.storage.tables.ledger import CertificationRow, ClientRow, LinkRow, PartnerRow, PersonRow, TierCreditedRow
from tiercore.storage.tables.people import ChannelRow, HoldRow, PreferenceRow

_partner, _person, _link = table(PartnerRow), table(PersonRow), table(LinkRow)
_timeline, _credit, _client = table(BalanceRow), table(CreditRow), table(ClientRow)
# The "+ 0" keeps SQLite, which has no statistics, from choosing the index on starts_on over a better one.
STARTED = _credit.c.starts_on + 0 <= bindparam("day")
_derived, _preference, _channel = table(DerivedRow), table(PreferenceRow), table(ChannelRow)
_retention, _hold = table(RetentionRow), table(HoldRow)
_tier, _certification = table(TierCreditedRow), table(CertificationRow)

_BALANCE = [_timeline.c[name] for name in Balance._fields]
PARTNER_AND_BALANCE = (
    select(
        _partner.c.partner_id,
        _partner.c.name,
        _partner.c.country,
        _partner.c.currency,
        _partner.c.joined_on,
        _partner.c.elite_invited_on,
        _partner.c.membership_until,
        *_BALANCE,
    )
    .select_from(
        _partner.outerjoin(
            _timeline,
            and_(
                _timeline.c.partner_id == _partner.c.partner_id,
                _timeline.c.day
                == select(func.max(_timeline.c.day))
                .where(_timeline.c.partner_id == bindparam("partner_id"), _timeline.c.day <= bindparam("day"))
                .scalar_subquery(),
            ),
        )
    )
    .where(_partner.c.partner_id == bindparam("partner_id"))
)

TIERS_CREDITED = (
    select(_tier.c.tier, _tier.c.credited_on)
    .where(_tier.c.partner_id == bindparam("partner_id"))
    .order_by(_tier.c.credited_on)
)

CERTIFICATIONS = select(
    _certification.c.partner_id,
    _certification.c.certification,
    _certification.c.valid_from,
    _certification.c.valid_until,
).where(_certification.c.partner_id == bindparam("partner_id"))


@cache
def balances_on(count: int) -> Select[Any]:
    """The balances of `count` days, `day_0` and so on, ascending: for each the last one on or before it.

    So many lookups instead of a range: the months in between may have a row for every day.
    """
    latest = [
        select(func.max(_timeline.c.day))
        .where(_timeline.c.partner_id == bindparam("partner_id"), _timeline.c.day <= bindparam(f"day_{number}"))
        .scalar_subquery()
        for number in range(count)
    ]
    return (
        select(*_BALANCE)
        .where(_timeline.c.partner_id == bindparam("partner_id"), _timeline.c.day.in_(latest))
        .order_by(_timeline.c.day)
    )


BALANCES_BEFORE = balances_on(MONTHS_BACK)

_NEWEST_MONTH = select(func.max(_retention.c.month)).where(
    _retention.c.partner_id == bindparam("partner_id"), _retention.c.month < bindparam("first_month")
)

# What the retention of days in `first_month` needs, and that of days up to `last_month`.
RETENTION_MONTHS = select(*(_retention.c[name] for name in RetentionMonth._fields)).where(
    _retention.c.partner_id == bindparam("partner_id"),
    _retention.c.month > func.coalesce(_NEWEST_MONTH.scalar_subquery(), 0) - MONTHS,
    _retention.c.month < bindparam("last_month"),
)

_A_YEAR_AGO = (
    select(func.max(_timeline.c.day))
    .where(_timeline.c.partner_id == bindparam("partner_id"), _timeline.c.day <= bindparam("year_ago"))
    .scalar_subquery()
)

# The least managed MRR from a year ago on, what could not be rated, and since when, NULL where it began later.
MANAGED_LOW = select(func.min(_timeline.c.managed_cents), func.max(_timeline.c.unrated_managed), _A_YEAR_AGO).where(
    _timeline.c.partner_id == bindparam("partner_id"),
    _timeline.c.day >= func.coalesce(_A_YEAR_AGO, bindparam("year_ago")),
    _timeline.c.day <= bindparam("day"),
)

HOLDS = (
    select(_hold.c.figure, _hold.c.reason, _hold.c.since)
    .where((_hold.c.partner_id == bindparam("partner_id")) | (_hold.c.partner_id == ""))
    .order_by(_hold.c.partner_id)
)

BALANCES_AHEAD = (
    select(*_BALANCE)
    .where(
        _timeline.c.partner_id == bindparam("partner_id"),
        _timeline.c.day > bindparam("day"),
        _timeline.c.day <= bindparam("until"),
    )
    .order_by(_timeline.c.day)
)


def _last_balance(day: str) -> Select[Any]:
    """The balance of the day with this name: the last one on or before it."""
    return (
        select(*_BALANCE)
        .where(_timeline.c.partner_id == bindparam("partner_id"), _timeline.c.day <= bindparam(day))
        .order_by(_timeline.c.day.desc())
        .limit(1)
    )


BALANCE_BEFORE, BALANCE_THEN = _last_balance("since"), _last_balance("until")

BALANCES_SINCE = (
    select(*_BALANCE)
    .where(
        _timeline.c.partner_id == bindparam("partner_id"),
        _timeline.c.day > bindparam("since"),
        _timeline.c.day <= bindparam("until"),
    )
    .order_by(_timeline.c.day)
)


def lapses(of: ColumnElement[bool], *first: Any) -> Select[Any]:
    """What expires between two days of the partners that the condition is about, as decoding.lapse_of takes it; the
    columns in `first` come before, and order it.
    """
    return (
        select(
            *first,
            _credit.c.client_id,
            _client.c.name,
            _credit.c.product_line,
            _credit.c.source,
            _credit.c.lapsing,
            _credit.c.lapses_on,
            _credit.c.closed_by,
            _credit.c.assumed,
            _credit.c.edition,
            _credit.c.account,
        )
        .select_from(_credit.join(_client, _client.c.client_id == _credit.c.client_id))
        .where(
            of,
            _credit.c.lapses_on > bindparam("day"),
            _credit.c.lapses_on <= bindparam("until"),
            _credit.c.lapsing > 0,
        )
        .order_by(*first, _credit.c.lapses_on, _credit.c.lapsing.desc(), _credit.c.credit_id)
    )


def unknown_expiry(of: ColumnElement[bool], *first: Any) -> Select[Any]:
    """What counts on a day and has no known expiry, as UnknownExpiry; `of` and `first` as for lapses."""
    return (
        select(
            *first,
            _credit.c.client_id,
            _client.c.name,
            _credit.c.product_line,
            _credit.c.doubt,
            _credit.c.edition,
            _credit.c.account,
        )
        .select_from(_credit.join(_client, _client.c.client_id == _credit.c.client_id))
        .where(
            of,
            _credit.c.doubt.is_not(None),
            STARTED,
            (_credit.c.lapses_on.is_(None)) | (_credit.c.lapses_on > bindparam("day")),
        )
        .distinct()
        .order_by(*first, _client.c.name, _credit.c.product_line)
    )


_OF_THE_PARTNER = _credit.c.partner_id == bindparam("partner_id")
LAPSES = lapses(_OF_THE_PARTNER).limit(bindparam("limit"))
UNKNOWN_EXPIRY = unknown_expiry(_OF_THE_PARTNER)


def _credit_events(day: Any, cause: Any, after: str = "since", by: str = "day") -> Select[Any]:
    """The credits that begin or end (on the column `day`) after a day and up to another, as CreditEvent, unordered."""
    return (
        select(
            _credit.c.client_id,
            _client.c.name,
            _credit.c.product_line,
            _credit.c.source,
            day,
            cause,
            _credit.c.micropoints,
            _credit.c.shared_by,
            _credit.c.doubt,
            _credit.c.edition,
            _credit.c.account,
        )
        .select_from(_credit.join(_client, _client.c.client_id == _credit.c.client_id))
        .where(_credit.c.partner_id == bindparam("partner_id"), day > bindparam(after), day <= bindparam(by))
    )


CREDITS_OPENED = _credit_events(_credit.c.starts_on, _credit.c.opened_by)
CREDITS_CLOSED = _credit_events(_credit.c.lapses_on, _credit.c.closed_by)
CREDITS_TO_OPEN = _credit_events(_credit.c.starts_on, _credit.c.opened_by, "day", "until")
CREDITS_TO_CLOSE = _credit_events(_credit.c.lapses_on, _credit.c.closed_by, "day", "until")
