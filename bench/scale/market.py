"""What the generated partners sell, where, and for how much."""

from collections.abc import Sequence
from datetime import date, timedelta

AS_OF = date(2022, 9, 5)  # the last day that anything is known of
FIRST_DAY = date(2017, 1, 2)
DAYS: Sequence[str] = [str(FIRST_DAY + timedelta(days)) for days in range((AS_OF - FIRST_DAY).days + 1_100)]
TODAY = (AS_OF - FIRST_DAY).days  # AS_OF as a place in DAYS

# Product and list price in US$. A client holds each line once, in this order of taste.
PRODUCTS = (
    ("Marketing Hub Professional", 890),
    ("Sales Hub Professional", 500),
    ("Service Hub Professional", 450),
    ("Marketing Hub Starter", 50),
    ("Sales Hub Enterprise", 1500),
    ("CMS Hub Professional", 400),
    ("Operations Hub Professional", 720),
    ("Marketing Hub Enterprise", 3600),
)
LINES: Sequence[str] = [product.rsplit(" ", 1)[0] for product, _ in PRODUCTS]

# Country, its currency, and where clients of a partner there are.
MARKETS = (
    ("US", "USD", ("US", "US", "US", "US", "CA", "MX")),
    ("GB", "GBP", ("GB", "GB", "GB", "IE", "US")),
    ("DE", "EUR", ("DE", "DE", "DE", "AT", "NL")),
    ("AU", "AUD", ("AU", "AU", "AU", "SG")),
    ("CA", "CAD", ("CA", "CA", "CA", "US")),
    ("IN", "USD", ("IN", "IN", "IN", "SG")),
    ("BR", "USD", ("BR", "BR", "BR", "MX")),
    ("SG", "SGD", ("SG", "SG", "MY", "PH", "ID")),
    ("JP", "JPY", ("JP",)),
    ("CO", "COP", ("CO", "CO", "CO", "PE")),
    ("ZA", "ZAR", ("ZA", "ZA", "GB")),
    ("FR", "EUR", ("FR", "FR", "FR", "ES")),
)
CURRENCIES = {country: currency for country, currency, _ in MARKETS}
CURRENCIES |= {"AT": "EUR", "NL": "EUR", "IE": "EUR", "ES": "EUR"}
PER_100_USD = {"USD": 100, "EUR": 88, "GBP": 76, "AUD": 140, "CAD": 130, "SGD": 137}
PER_100_USD |= {"JPY": 12_500, "COP": 360_000, "ZAR": 1_600}

QUALIFYING = "Solutions Partner Certification"
COURSES = ("Inbound", "Inbound Sales", "Marketing Software", "Reporting", "SEO", "Revenue Operations")
CAM_PARTNERS = 400
