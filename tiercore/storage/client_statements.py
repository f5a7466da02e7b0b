"""SQL for clients and credits. Every statement filters by the grant's partner ID."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, case, cast, exists, func, or_, select, union

from tiercore.facts.points import Source
from tiercore.questions.clients import ORDERS
from tiercore.questions.why import FIGURES_OF_POINTS, sources_of
from tiercore.storage.bulk import table
from tiercore.storage.decoding import AGREEMENT, CREDIT, LEVEL, SALE
from tiercore.storage.statements import STARTED
from tiercore.storage.tables.derived import CreditRow
from tiercore.storage.tables.ledger import AgreementRow, ClientRow, SaleRow, SubscriptionLevelRow
from tiercore.storage.tables.typed import TypedEntryRow

_credit, _client = table(CreditRow), table(ClientRow)
_typed = table(TypedEntryRow)
_sale, _level, _agreement = table(SaleRow), table(SubscriptionLevelRow), table(AgreementRow)

_ACTIVE = and_(
    _credit.c.partner_id == bindparam("partner_id"),
    STARTED,
    (_credit.c.lapses_on.is_(None)) | (_credit.c.lapses_on > bindparam("day")),
)
_STILL_OR_LATER = and_(
    _credit.c.partner_id == bindparam("partner_id"),
    (_credit.c.lapses_on.is_(None)) | (_credit.c.lapses_on > bindparam("day")),
)
_IS_MANAGED = _credit.c.source == Source.MANAGED.value
# What ends next may be a credit that has yet to begin: the one that goes on where a share rises.
_PER_CLIENT = (
    select(
        _credit.c.client_id,
        func.min(_client.c.name).label("client"),
        cast(func.sum(case((and_(STARTED, ~_IS_MANAGED), _credit.c.micropoints), else_=0)), BigInteger).label("sold"),
        cast(func.sum(case((and_(STARTED, _IS_MANAGED), _credit.c.micropoints), else_=0)), BigInteger).label("managed"),
        func.sum(case((and_(STARTED, _credit.c.micropoints.is_(None)), 1), else_=0)).label("unrated"),
        func.min(case((_credit.c.lapsing > 0, _credit.c.lapses_on))).label("lapses_on"),
        func.max(case((STARTED, _credit.c.doubt))).label("doubt"),
    )
    .select_from(_credit.join(_client, _client.c.client_id == _credit.c.client_id))
    .where(_STILL_OR_LATER)
    .group_by(_credit.c.client_id)
    .having(func.sum(case((STARTED, 1), else_=0)) > 0)
    .subquery()
)
_COMBINED = func.coalesce(_PER_CLIENT.c.sold, 0) + func.coalesce(_PER_CLIENT.c.managed, 0)
_ORDERED: dict[str, list[Any]] = {
    "points": [_COMBINED.desc()],
    "name": [],
    "lapsing": [_PER_CLIENT.c.lapses_on.is_(None), _PER_CLIENT.c.lapses_on, _PER_CLIENT.c.doubt.is_(None)],
    "sold": [func.coalesce(_PER_CLIENT.c.sold, 0).desc()],
    "managed": [func.coalesce(_PER_CLIENT.c.managed, 0).desc()],
}
_LAPSING_NEXT = (
    select(cast(func.sum(_credit.c.lapsing), BigInteger))
    .where(
        _credit.c.client_id == _PER_CLIENT.c.client_id,
        _credit.c.partner_id == bindparam("partner_id"),
        _credit.c.lapses_on == _PER_CLIENT.c.lapses_on,
    )
    .scalar_subquery()
)
# Counted by itself: a window over all clients takes longer than all the rest.
_CLIENTS = select(func.count(_credit.c.client_id.distinct())).where(_ACTIVE).scalar_subquery()


def _clients_in(order: str) -> Select[Any]:
    """A page of the clients with active credits, as ClientRow; its last column counts them all."""
    found = _PER_CLIENT.c
    columns = (found.client_id, found.client, found.sold, found.managed, found.unrated, found.lapses_on)
    return (
        select(*columns, _LAPSING_NEXT, found.doubt, _CLIENTS)
        .order_by(*_ORDERED[order], found.client, found.client_id)
        .limit(bindparam("limit"))
        .offset(bindparam("start"))
    )


CLIENTS = {order: _clients_in(order) for order in ORDERS}

# Clients with an agreement in force that earn no managed points, and how many levels each has by the day.
UNPAID = (
    select(
        _client.c.client_id,
        _client.c.name,
        select(func.count())
        .where(_level.c.client_id == _client.c.client_id, _level.c.effective_on <= bindparam("on"))
        .scalar_subquery(),
    )
    .select_from(_agreement.join(_client, _client.c.client_id == _agreement.c.client_id))
    .where(
        _agreement.c.partner_id == bindparam("partner_id"),
        _agreement.c.starts_on <= bindparam("on"),
        (_agreement.c.ends_on.is_(None)) | (_agreement.c.ends_on >= bindparam("on")),
        ~exists().where(_ACTIVE, _IS_MANAGED, _credit.c.client_id == _client.c.client_id),
    )
    .distinct()
    .order_by(_client.c.name)
)

# How many clients have an agreement in force and no subscription level by the day.
WITHOUT_LEVELS = select(func.count(_agreement.c.client_id.distinct())).where(
    _agreement.c.partner_id == bindparam("partner_id"),
    _agreement.c.starts_on <= bindparam("on"),
    (_agreement.c.ends_on.is_(None)) | (_agreement.c.ends_on >= bindparam("on")),
    ~exists().where(_level.c.client_id == _agreement.c.client_id, _level.c.effective_on <= bindparam("on")),
)

_later_level = _level.alias("later")
_next_agreement = _agreement.alias("next_agreement")
_NEXT_START = (  # the first day of another agreement with the client that ends later or is open-ended
    select(func.min(_next_agreement.c.starts_on))
    .where(
        _next_agreement.c.partner_id == _agreement.c.partner_id,
        _next_agreement.c.client_id == _agreement.c.client_id,
        or_(_next_agreement.c.ends_on.is_(None), _next_agreement.c.ends_on > _agreement.c.ends_on),
    )
    .scalar_subquery()
)
# Agreements of the partner that end, and subscriptions of its clients that renew, from day `on` through `last`.
AGREEMENTS_ENDING = (
    select(_agreement.c.client_id, _client.c.name, _agreement.c.agreement_id, _agreement.c.ends_on, _NEXT_START)
    .select_from(_agreement.join(_client, _client.c.client_id == _agreement.c.client_id))
    .where(
        _agreement.c.partner_id == bindparam("partner_id"),
        _agreement.c.starts_on <= bindparam("on"),
        _agreement.c.ends_on >= bindparam("on"),
        _agreement.c.ends_on <= bindparam("last"),
    )
    .order_by(_agreement.c.ends_on, _client.c.name)
)
_RENEWS = and_(
    _level.c.renews_on >= bindparam("on"),
    _level.c.renews_on <= bindparam("last"),
    _level.c.effective_on <= bindparam("on"),
    _level.c.mrr_minor > 0,
    ~exists().where(
        _later_level.c.client_id == _level.c.client_id,
        _later_level.c.product_line == _level.c.product_line,
        _later_level.c.account == _level.c.account,
        _later_level.c.effective_on > _level.c.effective_on,
        _later_level.c.effective_on <= bindparam("on"),
    ),
    _level.c.client_id.in_(select(_credit.c.client_id).where(_ACTIVE)),
)
RENEWALS = (
    select(_level.c.client_id, _client.c.name, _level.c.product_line, _level.c.renews_on, _level.c.account)
    .select_from(_level.join(_client, _client.c.client_id == _level.c.client_id))
    .where(_RENEWS)
    .order_by(_level.c.renews_on, _client.c.name, _level.c.product_line)
)
# All levels of the clients that also have a level under another name since one that renews: which of them holds is for
# the catalogue to say.
_other_name = _level.alias("other_name")
_LEVELS_UNDER_OTHER_NAMES = (
    select(_level.c.client_id)
    .select_from(
        _level.join(
            _other_name,
            and_(
                _other_name.c.client_id == _level.c.client_id,
                _other_name.c.product_line != _level.c.product_line,
                _other_name.c.account == _level.c.account,
                _other_name.c.effective_on >= _level.c.effective_on,
                _other_name.c.effective_on <= bindparam("on"),
            ),
        )
    )
    .where(_RENEWS)
)
_any_level = _level.alias("any_level")
LEVELS_OF_RENEWING = select(*(_any_level.c[name] for name in LEVEL)).where(
    _any_level.c.client_id.in_(_LEVELS_UNDER_OTHER_NAMES), _any_level.c.effective_on <= bindparam("on")
)


def _clients_of(source: Any) -> Select[Any]:
    return select(source.c.client_id).where(source.c.partner_id == bindparam("partner_id"))


_OWN_CLIENTS = union(_clients_of(_credit), _clients_of(_sale), _clients_of(_agreement))
CLIENTS_KNOWN = (
    select(_client.c.client_id, _client.c.name).where(_client.c.client_id.in_(_OWN_CLIENTS)).order_by(_client.c.name)
)

CLIENT = select(_client.c.client_id, _client.c.name, _client.c.country).where(
    _client.c.client_id == bindparam("client_id")
)


def _of_client(source: Any, names: Iterable[str], *also: Any) -> Select[Any]:
    return select(*(source.c[name] for name in names)).where(source.c.client_id == bindparam("client_id"), *also)


SALES_OF_CLIENT = _of_client(_sale, SALE, _sale.c.partner_id == bindparam("partner_id"))
LEVELS_OF_CLIENT = _of_client(_level, LEVEL)
AGREEMENTS_OF_CLIENT = _of_client(_agreement, AGREEMENT, _agreement.c.partner_id == bindparam("partner_id"))
CREDITS_OF_CLIENT = _of_client(_credit, CREDIT, _credit.c.partner_id == bindparam("partner_id")).order_by(
    _credit.c.credit_id
)


# What someone typed in Slack for the partner and that holds (data#typed).
TYPED = select(_typed.c.entry_key, _typed.c.client_id, _typed.c.entered_name, _typed.c.entered_at).where(
    _typed.c.partner_id == bindparam("partner_id"), _typed.c.ended_at.is_(None)
)

# The partner's clients of which a level changed after a day and up to another, whole: what its retention lost.
_CHANGED = (
    select(_level.c.client_id)
    .where(
        _level.c.effective_on > bindparam("changed_after"),
        _level.c.effective_on <= bindparam("changed_by"),
        _level.c.client_id.in_(select(_credit.c.client_id).where(_credit.c.partner_id == bindparam("partner_id"))),
    )
    .distinct()
)
LEVELS_OF_CHANGED = select(*(_level.c[name] for name in LEVEL)).where(_level.c.client_id.in_(_CHANGED))
STAYS_OF_CHANGED = (
    select(_client.c.name, _credit.c.client_id, _credit.c.starts_on, _credit.c.lapses_on)
    .select_from(_credit.join(_client, _client.c.client_id == _credit.c.client_id))
    .where(_credit.c.partner_id == bindparam("partner_id"), _credit.c.client_id.in_(_CHANGED))
    .distinct()
)


def _credits_behind(figure: str) -> Select[Any]:
    """The active, rated credits behind a figure, largest first, as CreditBehind."""
    return (
        select(*(_credit.c[name] for name in CREDIT), _client.c.name, _client.c.country, func.count().over())
        .select_from(_credit.join(_client, _client.c.client_id == _credit.c.client_id))
        .where(
            _ACTIVE,
            _credit.c.micropoints.is_not(None),
            or_(*(_credit.c.source == source.value for source in sources_of(figure))),
        )
        .order_by(_credit.c.micropoints.desc(), _credit.c.starts_on.desc(), _credit.c.credit_id)
        .limit(bindparam("limit"))
        .offset(bindparam("start"))
    )


CREDITS_BEHIND = {figure: _credits_behind(figure) for figure in FIGURES_OF_POINTS}
