"""The fields of the windows in which people type an entry: one per column of its file (data#typed)."""

from dataclasses import dataclass

from tiercore.typed.types import Kind

PARTNER = "partner_id"
TITLES = {
    Kind.SALE: "Add a sale",
    Kind.DEAL: "Add a deal",
    Kind.CLIENT: "Add a client",
    Kind.AGREEMENT: "Add an agreement",
    Kind.AGREEMENT_END: "End an agreement",
    Kind.LEVEL: "Add a level",
    Kind.CERTIFICATION: "Record a certification",
    Kind.TIER: "Record a credited tier",
    Kind.PARTNER: "Add a partner",
    Kind.PERSON: "Add a person",
}
_DAY, _TEXT, _NUMBER, _LIST, _SEARCH = "day", "text", "number", "list", "search"


@dataclass(frozen=True, slots=True)
class Field:
    """A column in the window: how it is labelled and typed; `today` is whether it begins with today."""

    column: str
    label: str
    kind: str
    hint: str = ""
    optional: bool = False
    today: bool = False


_OF_PARTNER = Field(PARTNER, "Partner", _SEARCH)
_CLIENT = Field("client_id", "Client", _SEARCH, "Not in the list? Add it first: /tier add client")
FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.SALE: (
        _OF_PARTNER,
        _CLIENT,
        Field("product_line", "Product line", _LIST),
        Field("deal_type", "Deal type", _LIST),
        Field("motion", "Motion", _LIST),
        Field("mrr", "MRR", _NUMBER, "What the deal adds a month, such as 1234.56"),
        Field("currency", "Currency", _LIST),
        Field("sold_on", "Day of the deal", _DAY, today=True),
    ),
    Kind.DEAL: (
        _OF_PARTNER,
        Field("client_id", "Client", _SEARCH, "Leave empty for a client that isn't in the list yet", optional=True),
        Field("client_name", "New client's name", _TEXT, "Only where you chose none above", optional=True),
        Field("country", "New client's country", _TEXT, "Its name or code, such as Germany or DE", optional=True),
        Field("product_line", "Product line", _LIST),
        Field("motion", "Motion", _LIST),
        Field("mrr", "MRR", _NUMBER, "What the deal would add a month, such as 1234.56"),
        Field("currency", "Currency", _LIST),
        Field("expected_on", "Expected day", _DAY),
        Field("probability", "Probability in percent", _TEXT, "From 0 to 100; leave empty if unknown", optional=True),
    ),
    Kind.CLIENT: (
        _OF_PARTNER,
        Field("name", "Name", _TEXT),
        Field("country", "Country", _TEXT, "Its name or code, such as Germany or DE"),
    ),
    Kind.AGREEMENT: (
        _OF_PARTNER,
        _CLIENT,
        Field("starts_on", "First day", _DAY, today=True),
        Field("ends_on", "Last day that counts", _DAY, "Leave empty for an open end", optional=True),
    ),
    Kind.AGREEMENT_END: (
        Field("agreement_id", "Agreement", _SEARCH),
        Field("ends_on", "Last day that counts", _DAY, today=True),
    ),
    Kind.LEVEL: (
        _OF_PARTNER,
        _CLIENT,
        Field("product_line", "Product line", _LIST),
        Field("mrr", "MRR of the whole line", _NUMBER, "All that the client pays a month for it; 0 ends it"),
        Field("currency", "Currency", _LIST),
        Field("effective_on", "From", _DAY, today=True),
    ),
    Kind.CERTIFICATION: (
        _OF_PARTNER,
        Field("certification", "Certification", _TEXT),
        Field("valid_from", "Valid from", _DAY, today=True),
        Field("valid_until", "Valid until", _DAY, "The last day that counts"),
    ),
    Kind.TIER: (
        _OF_PARTNER,
        Field("tier", "Tier", _LIST),
        Field("credited_on", "Credited on", _DAY, today=True),
    ),
    Kind.PARTNER: (
        Field("name", "Name", _TEXT),
        Field("country", "Country", _TEXT, "Its name or code, such as Germany or DE"),
        Field("currency", "Currency", _LIST),
        Field("joined_on", "Joined on", _DAY, today=True),
        Field("elite_invited_on", "Invited to Elite on", _DAY, optional=True),
        Field("membership_until", "Membership until", _DAY, optional=True),
    ),
    Kind.PERSON: (
        Field("name", "Name", _TEXT),
        Field("email", "E-mail", _TEXT, "They link themselves with it: /tier link"),
        Field("role", "Role", _LIST),
        Field(PARTNER, "Partner", _SEARCH, "Whom they belong to or look after; an admin has none", optional=True),
    ),
}
