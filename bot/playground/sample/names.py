"""Invented client names: unique, and typical of the client's country."""

from random import Random

_FIRST = (
    "Alder Amber Anchor Arbor Aspen Aurora Beacon Birch Bluebird Bramble Brook Canyon Cedar Cinder Clover Cobalt "
    "Copper Coral Crescent Cypress Dune Eagle Elm Ember Falcon Fern Fjord Flint Garnet Glacier Granite Harbor "
    "Hawthorn Hazel Heron Indigo Iris Ivory Ivy Jade Juniper Kestrel Lagoon Lantern Larch Laurel Linden Lotus "
    "Lynx Magnolia Maple Meadow Mesa Mistral Nectar Nightingale Oak Ocean Olive Onyx Opal Orchid Osprey Otter "
    "Pebble Pine Poppy Prairie Quartz Quill Raven Reef Ridge River Robin Rowan Saffron Sage Sequoia Sierra Silver "
    "Slate Sparrow Spruce Summit Swift Tamarind Teal Thistle Timber Topaz Tulip Tundra Umber Valley Velvet Violet "
    "Walnut Willow Winter Zephyr"
).split()
_TRADES = {
    "": "Academy Analytics Bakery Biotech Brewing Capital Clinics Coffee Cycles Dental Energy Fitness Foods Freight "
    "Furniture Gardens Hotels Insurance Labs Legal Logistics Media Motors Networks Optics Outdoor Paper Pharma "
    "Robotics Schools Security Software Solar Sports Studios Systems Textiles Tools Travel Ventures",
    "DE": "Maschinenbau Logistik Möbel Energie Verlag Werkzeuge Getränke Medizintechnik Bäckerei Versicherungen",
    "FR": "Logistique Énergie Santé Voyages Formation Mobilier Assurances Cosmétiques",
    "ES": "Energía Logística Turismo Salud Alimentación Formación Muebles Seguros",
    "BR": "Energia Logística Saúde Alimentos Educação Móveis Seguros Construções",
    "JP": "Shokuhin Kikai Denki Ryokan Kyoiku Butsuryu Seiyaku Kagu",
}
_TRADES |= {"AT": _TRADES["DE"], "MX": _TRADES["ES"], "CO": _TRADES["ES"], "PE": _TRADES["ES"]}
_LEGAL_FORMS = {
    "US": "Inc|LLC|",
    "CA": "Inc|Ltd|",
    "GB": "Ltd|plc|",
    "IE": "Ltd|",
    "AU": "Pty Ltd|",
    "SG": "Pte Ltd|",
    "DE": "GmbH|GmbH & Co. KG|AG",
    "AT": "GmbH",
    "NL": "B.V.|",
    "FR": "SAS|SARL",
    "ES": "S.L.|S.A.",
    "JP": "K.K.|",
    "IN": "Pvt Ltd|",
    "BR": "Ltda|S.A.",
    "MX": "S.A. de C.V.|",
    "CO": "S.A.S.|",
    "PE": "S.A.C.|",
    "ZA": "(Pty) Ltd|",
    "MY": "Sdn Bhd",
    "PH": "Inc",
    "ID": "Tbk|",
}


class ClientNames:
    """Generates names, each only once."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._taken: set[str] = set()

    def next(self, country: str) -> str:
        """A new name for a client in this country."""
        while True:
            name = _name(self._random, country)
            if name not in self._taken:
                self._taken.add(name)
                return name


def _name(random: Random, country: str) -> str:
    trades = _TRADES.get(country, _TRADES[""]).split()
    legal_form = random.choice(_LEGAL_FORMS.get(country, "").split("|"))
    return f"{random.choice(_FIRST)} {random.choice(trades)} {legal_form}".strip()
