"""The examples in docs/how-tiers-work.md are run."""

import doctest
from datetime import date
from pathlib import Path

from tests.support import entries
from tests.tiercore.questions import test_changes, test_clients, test_gap, test_recalibration
from tests.tiercore.rating import test_retention
from tiercore.facts.entries import DealType
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, Source, as_decimal
from tiercore.program import load_program
from tiercore.questions.convert import ToConvert, converted
from tiercore.questions.gap import gap_to
from tiercore.questions.progress import days_shown
from tiercore.rating.credits import is_active
from tiercore.rating.rating import credits_of
from tiercore.rating.retention import RetentionMonth, first_day, month_of, retention_on
from tiercore.rating.timeline import Balance, balance_on, timeline_of

PAGE = Path(__file__).parents[2] / "docs" / "how-tiers-work.md"


def test_every_example_of_how_tiers_work_is_true(tmp_path: Path):
    table = tmp_path / "table.toml"
    table.write_text(test_gap.TABLE)
    points = tmp_path / "points.toml"
    points.write_text(test_recalibration.TABLE)
    names = {
        "program": load_program(),
        "table": load_program(table),
        "partner_a": test_gap.facts(),
        "book": entries.book,
        "agreement": entries.agreement,
        "changes": test_changes.changes,
        "client_of": test_clients.client_of,
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
        "managed": test_retention.managed,
        "review": test_recalibration.review,
        "facts": test_recalibration.facts,
        "balances": test_recalibration.timeline,
        "points": load_program(points),
        "months_of": test_retention.months_of,
        "RetentionMonth": RetentionMonth,
        "first_day": first_day,
        "month_of": month_of,
        "retention_on": retention_on,
    }
    parsed = doctest.DocTestParser().get_doctest(PAGE.read_text(), names, "how-tiers-work", str(PAGE), 0)
    assert len(parsed.examples) >= 10
    failed = doctest.DocTestRunner(verbose=False).run(parsed).failed
    assert failed == 0
