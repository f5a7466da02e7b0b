"""What is made of very many rows of one partner is made in a thread (architecture#hot-path)."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support import partner_a
from tests.support.partner_a import DAY, PARTNER_A
from tiercore.decisions import decisions_from
from tiercore.ledger import MANY_ROWS
from tiercore.partner_reads import expiry_from
from tiercore.program import Program, load_program
from tiercore.questions.judging import JudgedTiers
from tiercore.rating.credits import Cause

SOON = DAY + timedelta(30)
MANY = [MANY_ROWS, MANY_ROWS + 1]


class Noted(list[tuple[Any, ...]]):
    """Rows that note in which threads they are looked through."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        super().__init__(rows)
        self.threads = set[int]()

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        self.threads.add(threading.get_ident())
        return super().__iter__()

    @property
    def is_from_the_loop(self) -> bool:
        return self.threads == {threading.get_ident()}


@pytest.fixture
def program(tmp_path: Path) -> Program:
    rules = tmp_path / "rules.toml"
    rules.write_text(partner_a.TABLE)
    return load_program(rules)


@pytest.mark.parametrize("count", MANY)
async def test_what_is_to_be_decided(program: Program, count: int):
    agreements = Noted([(f"C{each}", f"Client {each}", f"A{each}", SOON, None) for each in range(count)])
    found = await decisions_from([agreements, [], []], program, DAY)
    assert len(found) == count
    assert agreements.threads
    assert agreements.is_from_the_loop == (count <= MANY_ROWS)


@pytest.mark.parametrize("count", MANY)
async def test_what_expires(program: Program, count: int):
    row = ("C1", "Client", "Marketing Hub", "assisted", 1, SOON.toordinal(), Cause.AGREEMENT_ENDED, False, None, None)
    lapses = Noted([row] * count)
    today = JudgedTiers(DAY, program.on(DAY), partner_a.facts(), PARTNER_A)
    found = await expiry_from([[], lapses, []], 60, program, today)
    assert len(found.items) == count
    assert lapses.is_from_the_loop == (count <= MANY_ROWS)
