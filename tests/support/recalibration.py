"""A small table of thresholds, a partner's points from each day on, and their twice-yearly review."""

from datetime import date

from tiercore.facts.entries import Certification, Partner
from tiercore.facts.points import MICRO
from tiercore.program import Program, load_program
from tiercore.questions.recalibration import Recalibration, recalibration_on
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import Standing, standing_on
from tiercore.rating.timeline import Balance, balance_on

DAYS = ("2022-07-18", "2025-07-15")
TIERS = {"gold": 200, "platinum": 600, "diamond": 1500}
TABLE = "".join(
    f'[thresholds.{name}.{figure}]\nunit = "points"\n' + "".join(f"{day} = {{ value = {value} }}\n" for day in DAYS)
    for name, total in TIERS.items()
    for figure, value in (
        ("combined", total),
        ("sold_minimum", 10),
        ("sourced_minimum", 10),
        ("managed_minimum", 10),
    )
)
PARTNER = Partner("P1", "Partner A", "US", "USD", date(2019, 1, 1), membership_until=date(2030, 1, 1))
VALID = Certification("P1", "Solutions Partner Certification", date(2019, 1, 1), date(2030, 1, 1))
JUNE = date(2023, 6, 20)


def facts(tier: str | None = "diamond", since: date = date(2022, 1, 15), *certified: Certification, **more) -> Facts:
    return Facts(PARTNER, certified or (VALID,), tier, since, **more)


def timeline(*steps: tuple[date, int]) -> list[Balance]:
    """Balances with these combined points from each day on, a tenth of them managed."""
    return [
        Balance(
            day.toordinal(),
            sourced=points * 9 * MICRO // 10,
            managed=points * MICRO // 10,
            tools_median_twice=8,
            portals=1,
        )
        for day, points in steps
    ]


def review(program: Program, partner_facts: Facts, rows: list[Balance], day: date = JUNE) -> Recalibration:
    return recalibration_on(day, program, partner_facts, balance_on(rows, day), rows)


def standing(day: date, tier: str | None = None, since: date | None = None) -> Standing:
    """The standing of a partner without points, by the shipped rules."""
    return standing_on(day, load_program(), Facts(PARTNER, [VALID], tier, since), Balance(day.toordinal()))
