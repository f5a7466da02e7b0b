"""The portal's own properties and pipelines.

HubSpot doesn't publish what the properties of partner objects are called; these names are this portal's own. Those of
companies, deals and line items that begin without "house_" are HubSpot's.
"""

from bot.playground.local_hubspot.portal.definitions import Owner, Pipeline, Property, Stage
from bot.playground.local_hubspot.portal.portal import Portal

WON, LOST, OPEN = "closedwon", "closedlost", "contractsent"
QUALIFIED, PRESENTED = "qualifiedtobuy", "presentationscheduled"
SALES_PIPELINE, LEVELS_PIPELINE = "default", "subscription_changes"
MOTIONS = {"sourced": "Partner Collab", "assisted": "DIFM"}
DEAL_TYPES = {
    "net_new": "New Business",
    "cross_sell": "Cross-sell",
    "upsell": "Upgrade",
    "renewal": "Renewal",
    "increase": "Price change",
}
PARTNER, CLIENT = "PARTNER", "OTHER"


def _options(words: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((each, each) for each in words.values())


_PROPERTIES: dict[str, tuple[Property, ...]] = {
    "companies": (
        Property("name", "Company name"),
        Property("domain", "Company Domain Name"),
        Property("hs_country_code", "Country/Region Code"),
        Property("type", "Type", "enumeration", "select", options=((PARTNER, "Partner"), (CLIENT, "Other"))),
        Property("house_partner_number", "Partner number", is_hubspots=False),
        Property("house_partner_currency", "Partner currency", is_hubspots=False),
        Property("house_partner_since", "Partner since", "date", "date", is_hubspots=False),
        Property("house_elite_invitation", "Invited to Elite on", "date", "date", is_hubspots=False),
        Property("house_membership_until", "Membership until", "date", "date", is_hubspots=False),
    ),
    "partner_clients": (
        Property("hs_partner_client_number", "Client number"),
        Property("hs_partner_client_name", "Client name"),
        Property("hs_partner_client_domain", "Client domain"),
        Property("hs_partner_client_country", "Client country code"),
    ),
    "partner_services": (
        Property("hs_partner_service_number", "Agreement number"),
        Property("hs_partner_service_partner", "Partner number"),
        Property("hs_partner_service_client", "Client number"),
        Property("hs_partner_service_start", "Agreement start date", "date", "date"),
        Property("hs_partner_service_end", "Agreement end date", "date", "date"),
    ),
    "deals": (
        Property("dealname", "Deal Name"),
        Property("amount", "Amount", "number", "number"),
        Property("closedate", "Close Date", "datetime", "date"),
        Property("dealstage", "Deal Stage", "enumeration", "radio"),
        Property("pipeline", "Pipeline", "enumeration", "select"),
        Property("deal_currency_code", "Currency", "enumeration", "select"),
        Property("house_partner_number", "Partner number", is_hubspots=False),
        Property("house_client_number", "Client number", is_hubspots=False),
        Property("house_motion", "Motion", "enumeration", "select", options=_options(MOTIONS), is_hubspots=False),
        Property(
            "house_deal_type", "Deal kind", "enumeration", "select", options=_options(DEAL_TYPES), is_hubspots=False
        ),
    ),
    "line_items": (
        Property("name", "Name"),
        Property("price", "Unit Price", "number", "number"),
        Property("quantity", "Quantity", "number", "number"),
        Property("hs_mrr", "Monthly recurring revenue", "number", "number"),
        Property("hs_recurring_billing_period", "Term"),
        Property("recurringbillingfrequency", "Billing frequency", "enumeration", "select"),
        Property("hs_recurring_billing_start_date", "Billing start date", "date", "date"),
        Property("hs_line_item_currency_code", "Currency", "enumeration", "select"),
        Property("house_sale_number", "Sale number", is_hubspots=False),
        Property("house_account", "Client account", is_hubspots=False),
        Property("house_renewal_date", "Renewal date", "date", "date", is_hubspots=False),
    ),
}
_STAGES = (
    Stage(QUALIFIED, "Qualified To Buy", "0.4"),
    Stage(PRESENTED, "Presentation Scheduled", "0.6"),
    Stage(OPEN, "Contract Sent", "0.9"),
    Stage(WON, "Closed Won", "1.0"),
    Stage(LOST, "Closed Lost", "0.0"),
)
_PIPELINES = (
    Pipeline(SALES_PIPELINE, "Sales Pipeline", _STAGES),
    Pipeline(LEVELS_PIPELINE, "Subscription changes", (Stage("changed", "In force", "1.0"),)),
)


def describe(portal: Portal) -> None:
    """Give a portal these properties, pipelines and an owner."""
    for object_type, properties in _PROPERTIES.items():
        portal.describe(object_type, *properties)
    portal.pipelines["deals"] = list(_PIPELINES)
    portal.owners = [Owner("51", "pat@example.com", "Pat", "Ng")]
