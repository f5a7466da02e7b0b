"""Counting what an installation has, for its first steps."""

from sqlalchemy import Connection, func, select

from tiercore.facts.entries import Role
from tiercore.first_steps import Installation
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import LinkRow, PartnerRow, PersonRow, SaleRow


def installation(connection: Connection, thresholds_unset: int) -> Installation:
    """What is there in the database."""
    person, link = table(PersonRow).c, table(LinkRow).c
    linked = person.email.in_(select(link.email))
    is_admin, of_partner = person.role == Role.ADMIN.value, person.role == Role.PARTNER.value
    conditions = (person.email.is_not(None), linked, linked & is_admin, of_partner, of_partner & linked)
    people, linked_people, admins, of_partners, of_partners_linked = (
        connection.scalar(select(func.count(person.email.distinct())).where(each)) or 0 for each in conditions
    )
    partners = connection.scalar(select(func.count()).select_from(table(PartnerRow))) or 0
    has_sales = connection.scalar(select(table(SaleRow).c.sale_id).limit(1)) is not None
    return Installation(
        people, linked_people, admins, of_partners, of_partners_linked, partners, has_sales, thresholds_unset
    )


def nobody_is_linked(connection: Connection) -> bool:
    """Whether no Slack user is linked to anyone."""
    return connection.scalar(select(table(LinkRow).c.email).limit(1)) is None
