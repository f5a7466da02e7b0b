"""SQL for open deals: those that are neither won nor lost (pipeline#rules)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select

from tiercore.storage.bulk import table
from tiercore.storage.decoding import AGREEMENT, LEVEL, SALE
from tiercore.storage.tables.ledger import AgreementRow, ClientRow, PipelineDealRow, SaleRow, SubscriptionLevelRow
from tiercore.storage.tables.pipeline import OpenDealPointsRow, PipelineAnswerRow

_deal, _said, _sale = table(PipelineDealRow), table(PipelineAnswerRow), table(SaleRow)
_client, _points = table(ClientRow), table(OpenDealPointsRow)

# A deal that is a sale by now is won; one that is lost is open again once its row expects another day.
_LOST = and_(func.coalesce(_said.c.outcome, "") == "lost", _said.c.said_of == _deal.c.expected_on)
_AS_SALE = (_sale.c.sale_id == _deal.c.deal_id) | (_sale.c.sale_id == func.coalesce(_said.c.won_as, ""))
# What people said holds for the partner that had the deal then.
SAID_OF_DEAL = and_(_said.c.deal_id == _deal.c.deal_id, _said.c.partner_id == _deal.c.partner_id)
DEAL_IS_OPEN = and_(~select(_sale.c.sale_id).where(_AS_SALE).exists(), func.coalesce(~_LOST, True))

# Open deals with their clients' names and what people said of them.
_OPEN = (
    select(
        *_deal.c,
        _client.c.name,
        _said.c.said_of,
        _said.c.outcome,
        _said.c.moved_to,
    )
    .select_from(_deal.outerjoin(_client, _client.c.client_id == _deal.c.client_id).outerjoin(_said, SAID_OF_DEAL))
    .where(DEAL_IS_OPEN)
    .order_by(_deal.c.deal_id)
)
PIPELINE = _OPEN.where(_deal.c.partner_id == bindparam("partner_id"))
# What all of them would earn: one row, which grows with the deals and so must never be joined to each of them.
DEAL_POINTS = select(_points.c.rules, _points.c.rated).where(_points.c.partner_id == bindparam("partner_id"))


def pipelines_of(partner_ids: Sequence[str]) -> Select[Any]:
    """The same of several partners."""
    return _OPEN.where(_deal.c.partner_id.in_(partner_ids))


def _of_their_clients(source: Any, names: tuple[str, ...]) -> Select[Any]:
    clients = select(_deal.c.client_id).where(_deal.c.partner_id == bindparam("partner_id"))
    return select(*(source.c[name] for name in names)).where(source.c.client_id.in_(clients))


# The whole books of those clients, other partners' entries included: clients, sales, levels, agreements.
BOOKS = (
    _of_their_clients(_client, ("client_id", "name", "country")),
    _of_their_clients(_sale, SALE),
    _of_their_clients(table(SubscriptionLevelRow), LEVEL),
    _of_their_clients(table(AgreementRow), AGREEMENT),
)
