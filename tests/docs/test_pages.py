"""The examples in docs/how-tiers-work.md are run."""

import doctest
from datetime import date
from pathlib import Path

import books
import test_gap

from tiercore.credits import is_active
from tiercore.entries import DealType
from tiercore.gap import gap_to
from tiercore.points import MICRO, Source, as_decimal
from tiercore.program import load_program
from tiercore.progress import days_shown
from tiercore.rating import credits_of
from tiercore.timeline import Balance, balance_on, timeline_of

PAGE = Path(__file__).parents[2] / "docs" / "how-tiers-work.md"


def test_every_example_of_how_tiers_work_is_true(tmp_path: Path):
    table = tmp_path / "table.toml"
    table.write_text(test_gap.TABLE)
    names = {
        "program": load_program(),
        "table": load_program(table),
        "partner_a": test_gap.facts(),
        "book": books.book,
        "sale": books.sale,
        "level": books.level,
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
    }
    parsed = doctest.DocTestParser().get_doctest(PAGE.read_text(), names, "how-tiers-work", str(PAGE), 0)
    assert len(parsed.examples) >= 10
    failed = doctest.DocTestRunner(verbose=False).run(parsed).failed
    assert failed == 0
