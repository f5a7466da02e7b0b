"""The median of tools used is the timeline's, without the credits' points."""

import random
from collections import defaultdict
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.support.histories import history
from tiercore.facts.entries import ToolUsage
from tiercore.program import load_program
from tiercore.rating.credits import ClientBook
from tiercore.rating.install_base import Stay
from tiercore.rating.portals import tool_medians
from tiercore.rating.rating import credits_of
from tiercore.rating.timeline import timeline_of

PROGRAM = load_program()


def books_of(seed: int) -> list[ClientBook]:
    """The books of three random histories, of clients apart from each other."""
    found = []
    for name in ("X-", "Y-", "Z-"):
        one = history(random.Random(f"{name}{seed}"))
        for client in one.clients:
            own = (
                [each for each in entries if each.client_id == client.client_id]
                for entries in (one.sales, one.levels, one.agreements)
            )
            found.append(ClientBook(client, *own))
    return found


@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_the_median_from_each_day_on_is_the_timelines(seed: int, chance: random.Random):
    usage = defaultdict(list)
    credits = []
    for number, book in enumerate(books_of(seed)):
        name = f"C{number}"
        credits += [each._replace(client_id=name) for each in credits_of(book, PROGRAM) if each.partner_id == "P1"]
        for month in sorted(chance.sample(range(1, 13), chance.choice((0, 1, 3)))):
            usage[name].append(ToolUsage(name, date(chance.choice((2022, 2023)), month, 1), chance.randrange(7)))
    stays = [Stay(each.client_id, each.starts_on, each.lapses_on) for each in credits]
    medians = tool_medians(stays, usage)
    for balance in timeline_of(credits, usage):
        assert median_on(medians, balance.day) == balance.tools_median_twice


def median_on(medians: list[tuple[date, int | None]], day: int) -> int | None:
    return next((median for each, median in reversed(medians) if each.toordinal() <= day), None)
