"""The sample's partners, and how much each sells."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Size:
    """What a partner sells in an ordinary year: the number of deals, and their size as a multiple of the list price."""

    deals: float
    scale: float


@dataclass(frozen=True, slots=True)
class Agency:
    """A partner, the first name of its first person, and what makes its sales different: `spells` (first day, last day,
    factor) in which it sells more or less than in an ordinary year.
    """

    partner_id: str
    name: str
    country: str
    currency: str
    size: str
    joined_on: date
    person: str
    invited_on: date | None = None
    sells_abroad: bool = True
    spells: tuple[tuple[date, date, float], ...] = ()


SIZES = {
    "untiered": Size(2.5, 0.6),
    "gold": Size(7, 1.3),
    "platinum": Size(12.5, 1.8),
    "diamond": Size(24, 2.7),
    "elite": Size(46, 4.2),
    "large": Size(154, 1.1),
}

# (partner_id, name, country, currency, size, joined, first person)
_TABLE = (
    ("P001", "Partner A", "US", "USD", "gold", "2018-10-01", "Ana"),
    ("P002", "Blue Lantern Digital", "IE", "EUR", "platinum", "2018-11-12", "Eva"),
    ("P003", "Cartwheel Studio", "GB", "GBP", "gold", "2019-02-04", "Finn"),
    ("P004", "Driftwood Growth", "CA", "CAD", "platinum", "2018-05-22", "Gina"),
    ("P005", "Ember and Oak Marketing", "AU", "AUD", "gold", "2018-08-06", "Hugo"),
    ("P006", "Monsoon Media", "IN", "USD", "gold", "2019-06-17", "Indira"),
    ("P007", "Rheinbogen Digital", "DE", "EUR", "platinum", "2018-03-05", "Jonas"),
    ("P008", "Hinode Growth Works", "JP", "JPY", "gold", "2019-04-08", "Keiko"),
    ("P009", "Fresh Paint Inbound", "US", "USD", "untiered", "2022-06-13", "Luca"),
    ("P010", "Summit Meridian", "US", "USD", "elite", "2017-01-16", "Maya"),
    ("P011", "Old Harbour Partners", "GB", "GBP", "diamond", "2017-09-11", "Nora"),
    ("P012", "Plainspoken Labs", "DE", "EUR", "gold", "2019-01-21", "Otto"),
    ("P013", "Big River Group", "US", "USD", "large", "2016-06-20", "Petra"),
    ("P014", "Lindqvist Inbound", "US", "USD", "platinum", "2018-02-12", "Bert"),
    ("P015", "Lindqvist Analytics", "US", "USD", "untiered", "2021-03-01", "Bert"),
    ("P016", "Quayside Creative", "GB", "GBP", "platinum", "2018-07-09", "Quentin"),
    ("P017", "Tafelberg Digital", "ZA", "ZAR", "gold", "2019-09-02", "Rudo"),
    ("P018", "Andes Impulso", "CO", "COP", "gold", "2019-10-14", "Sofia"),
    ("P019", "Merlion Demand", "SG", "SGD", "platinum", "2018-12-03", "Tan"),
    ("P020", "Uluru Revenue Co", "AU", "AUD", "platinum", "2018-04-16", "Una"),
    ("P021", "Verdant Pipeline", "US", "USD", "diamond", "2017-05-08", "Victor"),
    ("P022", "Westwind Strategy", "CA", "CAD", "gold", "2019-03-18", "Wanda"),
    ("P023", "Atelier Croissance", "FR", "EUR", "platinum", "2018-06-25", "Xavier"),
    ("P024", "Yellow Kite", "NL", "EUR", "gold", "2019-05-06", "Yara"),
    ("P025", "Zenith Automation", "US", "USD", "gold", "2018-09-10", "Zoe"),
    ("P026", "Acorn Demand Lab", "US", "USD", "untiered", "2020-10-05", "Abel"),
    ("P027", "Brisa Digital", "BR", "USD", "platinum", "2018-10-29", "Bianca"),
    ("P028", "Cumbre Marketing", "MX", "USD", "gold", "2019-07-15", "Camilo"),
    ("P029", "Delta Forge", "US", "USD", "diamond", "2017-03-20", "Dora"),
    ("P030", "Estudio Levante", "ES", "EUR", "gold", "2019-08-26", "Elena"),
    ("P031", "Firefly CRM", "IN", "USD", "platinum", "2018-01-29", "Farid"),
    ("P032", "Granite Loop", "US", "USD", "platinum", "2018-11-26", "Greta"),
    ("P033", "Hearth and Hive", "GB", "GBP", "untiered", "2020-02-10", "Harriet"),
    ("P034", "Isar Wachstum", "DE", "EUR", "diamond", "2017-11-06", "Ilse"),
    ("P035", "Jetty Street", "AU", "AUD", "untiered", "2021-08-16", "Jack"),
    ("P036", "Koru Consulting", "AU", "AUD", "gold", "2019-11-11", "Kiri"),
    ("P037", "Lighthouse RevOps", "US", "USD", "platinum", "2018-08-27", "Liam"),
    ("P038", "Maple Route", "CA", "CAD", "untiered", "2021-05-10", "Mila"),
    ("P039", "Nimbus Outreach", "US", "USD", "gold", "2019-12-02", "Noel"),
    ("P040", "Orchard Lane Digital", "US", "USD", "untiered", "2021-11-22", "Olive"),
)

# First day, last day, factor.
_SPELLS = {
    "P006": ((date(2021, 10, 1), date(2022, 8, 31), 2.5),),
    "P008": ((date(2021, 10, 1), date(2022, 8, 31), 2.5),),
    "P009": ((date(2022, 6, 13), date(2022, 9, 30), 3.0), (date(2023, 1, 1), date(2026, 12, 31), 4.0)),
    "P010": ((date(2022, 7, 1), date(2024, 12, 31), 1.4),),
    "P011": ((date(2021, 1, 1), date(2021, 8, 20), 1.5), (date(2021, 8, 21), date(2022, 10, 31), 0.16)),
    "P026": ((date(2024, 1, 1), date(2026, 12, 31), 3.0),),
    "P032": ((date(2024, 6, 1), date(2026, 12, 31), 0.2),),
    "P035": ((date(2023, 1, 1), date(2026, 12, 31), 5.0),),
    "P037": ((date(2025, 1, 1), date(2026, 12, 31), 2.2),),
    "P039": ((date(2024, 1, 1), date(2026, 12, 31), 0.25),),
}

_DOMESTIC_ONLY = frozenset({"P001"})
_INVITED_ON = {"P010": date(2020, 12, 1)}

AGENCIES = tuple(
    Agency(
        partner_id=partner_id,
        name=name,
        country=country,
        currency=currency,
        size=size,
        joined_on=date.fromisoformat(joined),
        person=person,
        invited_on=_INVITED_ON.get(partner_id),
        sells_abroad=partner_id not in _DOMESTIC_ONLY,
        spells=_SPELLS.get(partner_id, ()),
    )
    for partner_id, name, country, currency, size, joined, person in _TABLE
)
