"""Everything that is known of a partner, to hand out (slack#data-requests): its entries as the files that can be
imported again, and what people did in Slack about it or as its people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Integer, or_, select, tuple_
from sqlmodel import SQLModel

from tiercore.facts.entries import Client, Role, SubscriptionLevel, ToolUsage
from tiercore.ingest.files import FORMATS
from tiercore.ingest.typed_rows import cells_of
from tiercore.people.types import InvalidChange
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.moments import from_ms
from tiercore.storage.tables import approvals, cases, derived, goals, history, ledger, notifications, people, pipeline
from tiercore.storage.tables import typed as typed_tables
from tiercore.storage.tables.workspaces import WorkspacePartnerRow, WorkspaceRow

_BY_CLIENT = (Client, SubscriptionLevel, ToolUsage)
_WITH_CLIENTS = (ledger.SaleRow, ledger.AgreementRow, ledger.PipelineDealRow)
_DAYS = frozenset({"day", "kept_on", "until_day", "seen_day", "green_since"})
BY_PARTNER: dict[type[SQLModel], str] = {
    people.ChannelRow: "channels",
    people.HoldRow: "holds",
    people.ReadRow: "questions",
    goals.GoalRow: "goals",
    cases.FigureCaseRow: "cases",
    approvals.ProposalRow: "proposals",
    typed_tables.TypedEntryRow: "typed",
    typed_tables.TypedMatchRow: "typed_matches",
    pipeline.PipelineAnswerRow: "deal_answers",
    notifications.SignalRow: "signals",
    notifications.AlertResponseRow: "alert_answers",
    history.FirstImportRow: "first_import",
    history.CorrectionRow: "corrections",
    history.CorrectionEntryRow: "corrected_rows",
}
# Made of the entries and the rules, and made again when those are imported.
DERIVED = (
    *(derived.CreditRow, derived.BalanceRow, derived.RetentionRow, derived.PartnerVersionRow),
    pipeline.OpenDealPointsRow,
)
BY_PERSON: dict[type[SQLModel], str] = {
    ledger.LinkRow: "links",
    people.LinkRequestRow: "link_requests",
    people.PreferenceRow: "preferences",
    people.FeedbackRow: "feedback",
}
BY_PLACE: dict[type[SQLModel], str] = {
    notifications.SubscriptionRow: "subscriptions",
    notifications.OutboxRow: "messages",
}


@dataclass(frozen=True, slots=True)
class ExportedTable:
    """The columns, and the rows under them: whole numbers, or text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int | str, ...], ...]


@dataclass(frozen=True, slots=True)
class ExportedPartner:
    """`files` are those that can be imported again, by name; `records` all else that is known, by what it is. Neither
    has one without rows.
    """

    files: dict[str, ExportedTable]
    records: dict[str, ExportedTable]


def export(connection: Connection, partner_id: str) -> ExportedPartner:
    """Everything that is known of the partner; of its clients, what it sold or manages itself. Tokens and codes are
    left out. Raises InvalidChange for an unknown partner.
    """
    partner = table(ledger.PartnerRow)
    if connection.scalar(select(partner.c.partner_id).where(partner.c.partner_id == partner_id)) is None:
        raise InvalidChange(f"There is no partner {partner_id}. Give its ID, as it is in partners.csv.")
    files = {name: _file(connection, name, partner_id) for name in FORMATS}
    records = dict(_records(connection, partner_id))
    return ExportedPartner(_filled(files), _filled(records))


def _filled(tables: dict[str, ExportedTable]) -> dict[str, ExportedTable]:
    return {name: each for name, each in tables.items() if each.rows}


def _file(connection: Connection, name: str, partner_id: str) -> ExportedTable:
    """The rows of a file that are the partner's, or its clients'."""
    entry = FORMATS[name].entry
    source = table(rows.TABLE_OF[entry])
    is_theirs = source.c.partner_id == partner_id if entry not in _BY_CLIENT else _of_its_clients(source, partner_id)
    found = connection.execute(select(source).where(is_theirs).order_by(*source.primary_key)).mappings()
    columns = tuple(each.name for each in FORMATS[name].columns)
    cells = (cells_of(name, dict(row)) for row in found)
    return ExportedTable(columns, tuple(tuple(_cell(each, row[each]) for each in columns) for row in cells))


def _cell(column: str, text: str) -> str:
    return text[:7] if column == "month" else text


def _of_its_clients(source: FromClause, partner_id: str) -> ColumnElement[bool]:
    each_kind = (table(model) for model in _WITH_CLIENTS)
    return or_(
        *(
            source.c.client_id.in_(
                select(of.c.client_id).where(of.c.partner_id == partner_id, of.c.client_id.is_not(None))
            )
            for of in each_kind
        )
    )


def _records(connection: Connection, partner_id: str) -> Iterator[tuple[str, ExportedTable]]:
    for model, name in BY_PARTNER.items():
        yield name, _table(connection, model, table(model).c.partner_id == partner_id)
    tie, workspace = table(WorkspacePartnerRow), table(WorkspaceRow)
    tied = select(tie.c.team_id).where(tie.c.partner_id == partner_id)
    yield "workspaces", _table(connection, WorkspaceRow, workspace.c.team_id.in_(tied))
    person, link, channel = table(ledger.PersonRow), table(ledger.LinkRow), table(people.ChannelRow)
    of_others = select(person.c.email).where(
        person.c.partner_id != partner_id
    )  # what they were sent may be about those
    is_its_own = (person.c.partner_id == partner_id) & (person.c.role == Role.PARTNER.value)
    emails = select(person.c.email).where(is_its_own, person.c.email.not_in(of_others))
    for model, name in BY_PERSON.items():
        yield name, _table(connection, model, table(model).c.email.in_(emails))
    users = select(link.c.team_id, link.c.user_id).where(link.c.email.in_(emails))
    here = select(channel.c.team_id, channel.c.channel_id).where(channel.c.partner_id == partner_id)
    for model, name in BY_PLACE.items():
        place = tuple_(table(model).c.team_id, table(model).c.place)
        yield name, _table(connection, model, or_(place.in_(users), place.in_(here)))


def _table(connection: Connection, model: type[SQLModel], condition: ColumnElement[bool]) -> ExportedTable:
    source = table(model)
    found = connection.execute(select(source).where(condition).order_by(*source.primary_key))
    return ExportedTable(tuple(source.c.keys()), tuple(tuple(_texts(source.c, row)) for row in found))


def _texts(columns: Any, row: Sequence[Any]) -> Iterator[int | str]:
    """The values; moments and days, which are stored as numbers, as people write them."""
    for column, value in zip(columns, row, strict=True):
        if isinstance(value, bool):
            yield "yes" if value else "no"
        elif isinstance(value, int) and (column.name == "at" or column.name.endswith("_at")):
            yield from_ms(value).isoformat()
        elif isinstance(value, int) and isinstance(column.type, Integer) and column.name in _DAYS:
            yield date.fromordinal(value).isoformat()
        elif isinstance(value, datetime):
            yield value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC).isoformat()
        else:
            yield value if isinstance(value, int) else "" if value is None else str(value)
