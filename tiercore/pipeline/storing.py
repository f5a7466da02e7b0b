"""What people said of open deals, as stored (pipeline#past-its-day)."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from tiercore.pipeline.types import DealLine, Said
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms
from tiercore.storage.pipeline_statements import DEAL_IS_OPEN, SAID_OF_DEAL
from tiercore.storage.tables.ledger import ClientRow, PartnerRow, PipelineDealRow
from tiercore.storage.tables.pipeline import PipelineAnswerRow
from tiercore.storage.versions import change_partners
from tiercore.stored_deals import forget_deal_points

_deal, _said = table(PipelineDealRow), table(PipelineAnswerRow)
_client, _partner = table(ClientRow), table(PartnerRow)
_OPEN = (
    select(
        _deal,
        _partner.c.name.label("partner_name"),
        _client.c.name.label("known_name"),
        _said.c.said_of,
        _said.c.outcome,
        _said.c.moved_to,
        _said.c.asked_for,
    )
    .select_from(
        _deal.join(_partner, _partner.c.partner_id == _deal.c.partner_id)
        .outerjoin(_client, _client.c.client_id == _deal.c.client_id)
        .outerjoin(_said, SAID_OF_DEAL)
    )
    .where(DEAL_IS_OPEN)
)


def open_deal(connection: Connection, deal_id: str) -> DealLine | None:
    """The open deal with this ID, None where there is none."""
    row = connection.execute(_OPEN.where(_deal.c.deal_id == deal_id)).mappings().one_or_none()
    return _line_of(row) if row else None


def past(connection: Connection, today: date) -> Iterator[DealLine]:
    """The open deals whose day is over and about which nobody was asked yet, by ID."""
    over = (_deal.c.expected_on < today) | (_said.c.moved_to < today)
    unasked = func.coalesce(_said.c.asked_for != _deal.c.expected_on, True) | _said.c.moved_to.is_not(None)
    for row in connection.execute(_OPEN.where(over, unasked).order_by(_deal.c.deal_id)).mappings():
        line = _line_of(row)
        if line.expected_on < today and line.asked_for != line.expected_on:
            yield line


def _line_of(row: Any) -> DealLine:
    deal = rows.pipeline_deal(row)
    moved = row["said_of"] == deal.expected_on and row["outcome"] == Said.MOVED
    expected_on = row["moved_to"] if moved and row["moved_to"] else deal.expected_on
    return DealLine(
        deal, row["partner_name"], row["known_name"] or deal.client_name or "", expected_on, row["asked_for"]
    )


def say(connection: Connection, line: DealLine, said: Said, moved_to: date | None, by: str, at: datetime) -> None:
    """Record what someone said of the deal, in place of what was said before."""
    values = {"outcome": said.value, "moved_to": moved_to, "said_by": by, "said_at": as_ms(at)}
    _put(connection, line, {**values, "said_of": line.deal.expected_on})
    forget_deal_points(connection, line.deal.partner_id)
    change_partners(connection, [line.deal.partner_id])


def won_as(connection: Connection, line: DealLine, sale_id: str) -> str:
    """The ID that the deal's sale has once it is typed: the first that was chosen."""
    chosen = connection.scalar(select(_said.c.won_as).where(_of(line)))
    if chosen:
        return str(chosen)
    _put(connection, line, {"won_as": sale_id})
    return sale_id


def asked(connection: Connection, line: DealLine, at: datetime) -> None:
    """Record that someone was asked about the deal's day."""
    _put(connection, line, {"asked_for": line.expected_on, "asked_at": as_ms(at)})


def ask_again(connection: Connection, line: DealLine) -> None:
    """Record that nobody was asked about the deal's day after all."""
    connection.execute(update(_said).where(_of(line), _said.c.asked_for == line.expected_on).values(asked_for=None))


def _of(line: DealLine) -> ColumnElement[bool]:
    return and_(_said.c.deal_id == line.deal.deal_id, _said.c.partner_id == line.deal.partner_id)


def _put(connection: Connection, line: DealLine, values: dict[str, Any]) -> None:
    """What is said, in place of what the people of a partner said who had the deal before."""
    changed = connection.execute(update(_said).where(_of(line)).values(**values))
    if not changed.rowcount:
        connection.execute(delete(_said).where(_said.c.deal_id == line.deal.deal_id))
        new = {"said_of": line.deal.expected_on, "outcome": "", "won_as": "", "said_by": ""}
        key = {"deal_id": line.deal.deal_id, "partner_id": line.deal.partner_id}
        connection.execute(insert(_said), [{**new, **key, **values}])
