"""A shorter `make torture`: real processes killed during a digest; nothing is lost or duplicated."""

import pytest
from sqlalchemy.engine import URL

from bench.crowds import crossings_at_once
from bench.torture import Plan, torture

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize("seed", [1])
async def test_killed_replicas_lose_and_duplicate_nothing(database: URL, seed: int):
    one = database.get_backend_name() == "sqlite"
    plan = Plan(messages=120, replicas=1 if one else 2, kills=2, freezes=0, others=3, seed=seed)
    figures = await torture(database.render_as_string(hide_password=False), plan)
    assert figures.found.is_good, str(figures)
    assert figures.states == {"sent": 120}
    assert len(figures.failed) > 1, "more methods than one fail"


async def test_each_crossing_is_alerted_once_while_replicas_scan_and_files_are_imported(database: URL):
    one = database.get_backend_name() == "sqlite"
    url = database.render_as_string(hide_password=False)
    problems = await crossings_at_once(url, partners=40, replicas=1 if one else 2, imports=3)
    assert "40 alerted, 0 twice" in problems
