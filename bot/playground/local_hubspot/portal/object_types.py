"""The object types that the portal knows, and the words by which a path may name them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObjectType:
    """An object type: its plural name, all words that name it in a path, the scope that reads it, and the properties
    that come without being asked for.
    """

    name: str
    singular: str
    label: str
    scope: str
    type_id: str = ""
    shown: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words that name it in a path."""
        return tuple(each for each in (self.name, self.singular, self.type_id) if each)


ALWAYS_SHOWN = ("createdate", "hs_lastmodifieddate", "hs_object_id")

TYPES = (
    ObjectType(
        "deals",
        "deal",
        "Deals",
        "crm.objects.deals.read",
        "0-3",
        ("dealname", "amount", "closedate", "dealstage", "pipeline"),
    ),
    ObjectType("line_items", "line_item", "Line items", "crm.objects.line_items.read", "0-8"),
    ObjectType("companies", "company", "Companies", "crm.objects.companies.read", "0-2", ("name", "domain")),
    ObjectType("subscriptions", "subscription", "Subscriptions", "crm.objects.subscriptions.read", "0-69"),
    ObjectType("partner_clients", "partner_client", "Partner Clients", "crm.objects.partner-clients.read"),
    ObjectType("partner_services", "partner_service", "Partner Services", "crm.objects.partner-services.read"),
)
OWNERS_SCOPE = "crm.objects.owners.read"
ALL_SCOPES = frozenset({*(each.scope for each in TYPES), OWNERS_SCOPE})
BY_WORD = {word: each for each in TYPES for word in each.words}
