"""How long the cheapest choice takes, against adding up every choice of whole options and nothing else."""

import random
import time
from itertools import combinations

from tiercore.facts.points import MICRO, Source
from tiercore.planning.cheapest import cheapest
from tiercore.planning.problem import MOST_STEPS, MOST_WHOLE, Needs, Problem, SaleOption, TakenOn, WholeOption


def problem(chance: random.Random) -> Problem:
    """As a partner of some sixty clients has it: sales at every rate, to managed and other clients, and agreements."""
    rates = ((3, 0), (3, 1), (5, 0), (5, 1), (6, 2), (10, 2))
    sales = [SaleOption(rate, chance.randint(100_00, 4_000_00), managed) for rate, managed in rates for _ in range(8)]
    sales.append(SaleOption(5, None, is_named=False))
    wholes = tuple(
        WholeOption(Source.MANAGED, mrr * MICRO // 100_00, mrr, mrr * chance.choice((5, 25)))
        for mrr in (chance.randint(200_00, 9_000_00) for _ in range(MOST_WHOLE))
    )
    total = chance.randint(10, 600)
    needs = Needs(total, chance.randint(0, total // 2), 0, chance.choice((0, chance.randint(0, total // 3))))
    needs = Needs(*(each * MICRO for each in needs))
    return Problem(needs, 100_00, tuple(sales), wholes, taken_on=TakenOn(1, 50))


def measure(problems: int = 1_000) -> tuple[float, float]:
    """Seconds of the slowest hundredth of plans, and of adding up every choice of a problem's whole options."""
    chance, taken, added = random.Random(2022), [], []
    for _ in range(problems):
        given = problem(chance)
        began = time.process_time()
        cheapest(given)
        taken.append(time.process_time() - began)
    for _ in range(20):
        began = time.process_time()
        for size in range(MOST_STEPS + 1):
            for chosen in combinations(given.wholes, size):
                sum(each.points for each in chosen)
        added.append(time.process_time() - began)
    return sorted(taken)[problems * 99 // 100], sorted(added)[10]
