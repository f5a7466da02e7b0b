"""The stories in the sample as of 5 September 2022, for the documentation and the tests to refer to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """A partner ("" for a person without one), the person to ask as, and what they see on the demo's day."""

    partner_id: str
    email: str
    sentence: str


PARTNER_A = Story(
    "P001",
    "ana@example.com",
    "Partner A, credited Gold, has 270 sold and 150 managed points and has met Platinum's minimums: 225 of 645 to go.",
)
EXACT_MINIMUM = Story(
    "P002",
    "eva@example.com",
    "Blue Lantern Digital stands on Platinum's sold minimum to the hundredth: 269.996 points are shown as 270.",
)
UNKNOWN_DATA = Story(
    "P003",
    "finn@example.com",
    "Cartwheel Studio has a line sold in pounds and billed in dollars, and a managed client without any levels.",
)
EXPIRED_AGREEMENT = Story(
    "P004",
    "gina@example.com",
    "Driftwood Growth's agreement with Laurentian Freight ended on 31 August 2022, and its managed points with it.",
)
LOWER_THAN_A_YEAR_AGO = Story(
    "P005",
    "hugo@example.com",
    "Barossa Vineyards pays Ember and Oak's line less today than 12 months ago: the sales since then are consumed.",
)
GROWTH_MARKETS = Story(
    "P006", "indira@example.com", "Monsoon Media's clients are in growth markets and earn it double points."
)
BILLS_IN_EUR = Story(
    "P007", "jonas@example.com", "Rheinbogen Digital bills in euros; it reaches Platinum in September."
)
BILLS_IN_JPY = Story("P008", "keiko@example.com", "Hinode Growth Works bills in yen, a currency without cents.")
JOINED_LATELY = Story(
    "P009", "luca@example.com", "Fresh Paint Inbound joined in June 2022, holds no tier and has just begun to sell."
)
ELITE_BY_INVITATION = Story(
    "P010", "maya@example.com", "Summit Meridian is Elite: it was invited, and over 100 certifications are in its team."
)
DIAMOND_PERFORMING_LOWER = Story(
    "P011", "nora@example.com", "Old Harbour Partners is credited Diamond, but its sales of last summer have expired."
)
NASTY_NAMES = Story(
    "P012", "otto@example.com", "Plainspoken Labs' clients have names that must not shout, format or calculate."
)
LARGE_PARTNER = Story(
    "P013",
    "petra@example.com",
    "Big River Group has about 1,500 sales, more than any other partner.",
)
TWO_PARTNERS = Story(
    "P014", "bert@example.com", "Bert belongs to Lindqvist Inbound and to Lindqvist Analytics and has to say which."
)
CHANNEL_ACCOUNT_MANAGER = Story("P001", "carla@example.com", "Carla is a CAM and looks after a third of the partners.")
CHANNEL_CONSULTANT = Story("P001", "dev@example.org", "Dev is a CC and advises eight partners.")
ADMIN = Story("", "admin@example.com", "The admin sees every partner.")

STORIES = (
    PARTNER_A,
    EXACT_MINIMUM,
    UNKNOWN_DATA,
    EXPIRED_AGREEMENT,
    LOWER_THAN_A_YEAR_AGO,
    GROWTH_MARKETS,
    BILLS_IN_EUR,
    BILLS_IN_JPY,
    JOINED_LATELY,
    ELITE_BY_INVITATION,
    DIAMOND_PERFORMING_LOWER,
    NASTY_NAMES,
    LARGE_PARTNER,
    TWO_PARTNERS,
    CHANNEL_ACCOUNT_MANAGER,
    CHANNEL_CONSULTANT,
    ADMIN,
)
