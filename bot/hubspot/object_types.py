"""The object types that are read, by the paths and scopes of HubSpot's API of 2026-03."""

from dataclasses import dataclass

VERSION = "2026-03"


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A type of record: its `name` in mappings and messages, its `path`, the scope that reading it needs, and the types
    whose ids are read with it. Only portals of partners have those `of_partners`. One that is `part_of` another type
    says nothing without a record of it, such as a line item of a quote or of a deleted deal.
    """

    name: str
    path: str
    scope: str
    associated: tuple[str, ...] = ()
    of_partners: bool = False
    part_of: str = ""

    @property
    def words(self) -> str:
        """What messages call its records."""
        return self.name.replace("_", " ")

    @property
    def objects(self) -> str:
        """The path of its records."""
        return f"/crm/objects/{VERSION}/{self.path}"

    @property
    def properties(self) -> str:
        """The path of its properties."""
        return f"/crm/properties/{VERSION}/{self.path}"

    @property
    def pipelines(self) -> str:
        """The path of its pipelines."""
        return f"/crm/pipelines/{VERSION}/{self.path}"


COMPANIES = ObjectType("companies", "companies", "crm.objects.companies.read")
PARTNER_CLIENTS = ObjectType(
    "partner_clients", "partner_clients", "crm.objects.partner-clients.read", ("companies", "deals"), of_partners=True
)
PARTNER_SERVICES = ObjectType(
    "partner_services",
    "partner_services",
    "crm.objects.partner-services.read",
    ("partner_clients", "companies"),
    of_partners=True,
)
DEALS = ObjectType("deals", "0-3", "crm.objects.deals.read", ("companies", "partner_clients"))
LINE_ITEMS = ObjectType("line_items", "line_items", "crm.objects.line_items.read", ("deals",), part_of="deals")

# Those that others refer to come first, so that what a sync reads last is the newest of all.
OBJECT_TYPES = {each.name: each for each in (COMPANIES, PARTNER_CLIENTS, PARTNER_SERVICES, DEALS, LINE_ITEMS)}
