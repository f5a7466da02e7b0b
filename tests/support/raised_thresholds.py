"""Thresholds raised on 15 July 2025, a long-standing partner, and its points from a day on."""

from datetime import date

from tests.support import sample_folder
from tiercore.facts.entries import Certification, Partner
from tiercore.facts.points import MICRO
from tiercore.questions.requirements import Facts
from tiercore.rating.timeline import Balance

RAISED = """
[thresholds.gold.sourced_minimum]
unit = "points"
2025-07-15 = { value = 80 }
"""
MORE = sample_folder.TABLE.replace(
    "2022-07-18 = { value = 200 }", "2022-07-18 = { value = 200 }\n2025-07-15 = { value = 250 }"
).replace("2022-07-18 = { value = 50 }", "2022-07-18 = { value = 50 }\n2025-07-15 = { value = 50 }")


def facts(tier: str | None = "gold", until: date = date(2030, 1, 1), **more: object) -> Facts:
    partner = Partner("PA", "Partner A", "US", "USD", date(2019, 1, 1), **more)
    certifications = [Certification("PA", "Solutions Partner Certification", date(2015, 1, 1), until)]
    return Facts(partner, certifications, tier, date(2015, 1, 15))


def row(day: date, sourced: int, managed: int, **more: int) -> Balance:
    return Balance(day.toordinal(), sourced=sourced * MICRO, managed=managed * MICRO, **more)
