"""Partner A on 5 September 2022: facts, points, and the program's thresholds."""

from datetime import date

from tests.support import sample_folder
from tiercore.facts.entries import Certification, Partner
from tiercore.facts.points import MICRO
from tiercore.questions.requirements import Facts
from tiercore.rating.timeline import Balance

DAY = date(2022, 9, 5)
TABLE = (
    sample_folder.TABLE
    + """
[thresholds.diamond.combined]
unit = "points"
2022-07-18 = { value = 2000 }
[thresholds.diamond.sold_minimum]
unit = "points"
2022-07-18 = { value = 800 }
[thresholds.diamond.managed_minimum]
unit = "points"
2022-07-18 = { value = 500 }
"""
)


def partner(currency: str = "USD", **more: object) -> Partner:
    return Partner("PA", "Partner A", "US", currency, date(2019, 1, 1), **more)


def facts(tier: str | None = "gold", currency: str = "USD", certified: bool = True, **more: object) -> Facts:
    certifications = [Certification("PA", "Solutions Partner Certification", date(2022, 1, 1), date(2023, 1, 31))]
    return Facts(partner(currency, **more), certifications if certified else [], tier, date(2022, 1, 15))


def balance(sourced: int = 0, assisted: int = 0, managed: int = 0, **more: int) -> Balance:
    return Balance(DAY.toordinal(), sourced * MICRO, assisted * MICRO, managed * MICRO, **more)


PARTNER_A = balance(assisted=270, managed=150)
