"""The examples in docs/how-tiers-work.md give the documented results."""

import doctest
from datetime import date
from pathlib import Path

from tests.support import answers_from_entries, entries, partner_a, recalibration
from tests.support.documents import readme_table
from tests.support.retained import retained
from tiercore.facts.entries import DealType
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, Source, as_decimal
from tiercore.program import load_program
from tiercore.questions.convert import ToConvert, converted
from tiercore.questions.gap import gap_to
from tiercore.questions.progress import days_shown
from tiercore.questions.verdict import verdict_of
from tiercore.rating.credits import is_active
from tiercore.rating.install_base import first_day, month_of
from tiercore.rating.rating import credits_of
from tiercore.rating.retention import RetentionMonth, retention_on
from tiercore.rating.timeline import Balance, balance_on, timeline_of

PAGE = Path(__file__).parents[2] / "docs" / "how-tiers-work.md"


def test_every_example_of_how_tiers_work_is_true(tmp_path: Path):
    table = tmp_path / "table.toml"
    table.write_text(partner_a.TABLE)
    points = tmp_path / "points.toml"
    points.write_text(recalibration.TABLE)
    deals = tmp_path / "deals.toml"
    deals.write_text(readme_table("Deal-based credit"))
    names = {
        "program": load_program(),
        "table": load_program(table),
        "deal_based": load_program(deals),
        "partner_a": partner_a.facts(),
        "book": entries.book,
        "agreement": entries.agreement,
        "changes": answers_from_entries.changes,
        "client_of": answers_from_entries.client_of,
        "converted": converted,
        "ToConvert": ToConvert,
        "Money": Money,
        "sale": entries.sale,
        "level": entries.level,
        "date": date,
        "Source": Source,
        "DealType": DealType,
        "credits_of": credits_of,
        "as_decimal": as_decimal,
        "is_active": is_active,
        "gap_to": gap_to,
        "Balance": Balance,
        "balance_on": balance_on,
        "timeline_of": timeline_of,
        "days_shown": days_shown,
        "MICRO": MICRO,
        "managed": entries.managed,
        "review": recalibration.review,
        "facts": recalibration.facts,
        "balances": recalibration.timeline,
        "points": load_program(points),
        "months_of": answers_from_entries.months_of,
        "RetentionMonth": RetentionMonth,
        "first_day": first_day,
        "month_of": month_of,
        "retention_on": retention_on,
        "retained": retained,
        "verdict_of": verdict_of,
    }
    parsed = doctest.DocTestParser().get_doctest(PAGE.read_text(), names, "how-tiers-work", str(PAGE), 0)
    assert len(parsed.examples) >= 10
    failed = doctest.DocTestRunner(verbose=False).run(parsed).failed
    assert failed == 0
