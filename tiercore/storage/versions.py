"""When answers changed last: the version of the data, and each partner's own (architecture#hot-path).

The data's version counts every change. A partner's own is the version at which something that its answers depend on
changed last, so a message kept for it stays good while others' data changes.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, delete, func, insert, select, union, update

from tiercore.storage.bulk import chunks, dialect_of, table
from tiercore.storage.tables.derived import CreditRow, DerivedRow, PartnerVersionRow
from tiercore.storage.tables.history import ImportRow
from tiercore.storage.tables.ledger import AgreementRow, PipelineDealRow, SaleRow
from tiercore.storage.tables.pipeline import PipelineAnswerRow

MANY_CLIENTS = 20_000  # from so many changed clients on, every partner's answers are taken to have changed
_derived, _own = table(DerivedRow), table(PartnerVersionRow)
_deal, _said = table(PipelineDealRow), table(PipelineAnswerRow)


def begin_version(connection: Connection, rating_fingerprint: str, *, everything: bool) -> None:
    """Increase the data's version for an import or a rebuild, and store the rules that it rates by.

    With `everything`, every partner's answers change; otherwise `mark_changed` says whose.
    """
    stored = connection.execute(select(_derived.c.version, _derived.c.all_changed_at)).one_or_none()
    logged = connection.scalar(select(func.max(table(ImportRow).c.import_id)))
    version = max(stored.version if stored else 0, logged or 0) + 1
    row = {
        "derived_id": 1,
        "rating_fingerprint": rating_fingerprint,
        "version": version,
        "all_changed_at": version if everything or stored is None else stored.all_changed_at,
    }
    connection.execute(delete(_derived))
    connection.execute(insert(_derived), [row])


def data_version(connection: Connection) -> int | None:
    """The data's version, which every change of entries increases; None before the first import."""
    return connection.scalar(select(_derived.c.version))


def change_everything(connection: Connection) -> None:
    """Increase the data's version, and with it every partner's own."""
    version = _derived.c.version + 1
    connection.execute(update(_derived).values(version=version, all_changed_at=version))


def change_partners(connection: Connection, partner_ids: Iterable[str]) -> None:
    """Increase the data's version, and with it these partners' own."""
    connection.execute(update(_derived).values(version=_derived.c.version + 1))
    mark_changed(connection, partner_ids)


def mark_changed(connection: Connection, partner_ids: Iterable[str]) -> None:
    """The answers of these partners change with the data's present version."""
    version = data_version(connection)
    if version is None:  # nothing was imported yet: there are no answers
        return
    statement = dialect_of(connection).insert(_own)
    statement = statement.on_conflict_do_update(index_elements=["partner_id"], set_={"version": version})
    for chunk in chunks(sorted(set(partner_ids) - {""})):
        connection.execute(statement, [{"partner_id": each, "version": version} for each in chunk])


def mark_touched(
    connection: Connection, partner_ids: Collection[str], client_ids: Collection[str], sale_ids: Collection[str]
) -> None:
    """The same for an import that touched rows of these partners, clients and sales: a partner's answers also show its
    clients' names and levels, what they share with others, and whether a deal is a sale by now.
    """
    if connection.scalar(select(_derived.c.all_changed_at == _derived.c.version)):
        return  # as after a first import
    if len(client_ids) >= MANY_CLIENTS:
        connection.execute(update(_derived).values(all_changed_at=_derived.c.version))
        return
    found = set(partner_ids)
    for chunk in chunks(sorted(client_ids)):
        sources = (CreditRow, SaleRow, AgreementRow, PipelineDealRow)
        owners = (select(table(each).c.partner_id).where(table(each).c.client_id.in_(chunk)) for each in sources)
        found.update(connection.scalars(union(*owners)))
    for chunk in chunks(sorted(sale_ids)):
        deals = select(_deal.c.partner_id).where(_deal.c.deal_id.in_(chunk))
        won = select(_said.c.partner_id).where(_said.c.won_as.in_(chunk))
        found.update(connection.scalars(union(deals, won)))
    mark_changed(connection, found)
