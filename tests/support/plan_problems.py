"""Random planning problems, and the same problems solved by HiGHS: an oracle that shares no code with the planner."""

import random

import highspy

from tiercore.facts.points import MICRO, Source
from tiercore.planning.problem import Needs, Problem, SaleOption, WholeOption

Gains = dict[Source, int]


def problem_of(seed: int) -> Problem:
    """A random problem in small numbers: a minor unit sold brings as many micropoints as its rate says."""
    chance = random.Random(seed)
    needs = [chance.choice((0, chance.randint(0, 400))) for _ in range(3)]
    total = chance.choice((0, chance.randint(0, 1_500)))
    rates = chance.sample((1, 2, 3, 5, 6, 7, 10), chance.randint(1, 3))
    sources = chance.choice(([Source.SOURCED], [Source.ASSISTED], [Source.SOURCED, Source.ASSISTED]))
    sales = [
        SaleOption(chance.choice(sources), chance.choice(rates), chance.randint(1, 120))
        for _ in range(chance.randint(0, 9))
    ]
    if chance.random() < 0.5:
        sales.append(SaleOption(chance.choice(sources), chance.choice(rates), None, is_named=False))
    wholes = [_whole(chance) for _ in range(chance.randint(0, 9))]
    return Problem(
        needs=Needs(total, needs[0], min(needs[0], needs[1]) if chance.random() < 0.5 else needs[1], needs[2]),
        per_100_usd=MICRO,
        sales=tuple(sales),
        wholes=tuple(wholes),
        sourced=chance.choice((100, 100, 80, 150)),
        assisted=chance.choice((100, 100, 35, 60)),
        steps=chance.randint(1, 5),
        most_sold=chance.choice((None, None, chance.randint(0, 300))),
    )


def _whole(chance: random.Random) -> WholeOption:
    source = chance.choice((Source.MANAGED, Source.MANAGED, Source.MANAGED, Source.SOURCED, Source.ASSISTED))
    mrr = chance.randint(1, 150)
    return WholeOption(source, mrr * chance.choice((1, 1, 2, 3)), mrr, mrr * chance.choice((5, 25, 100)))


def least_cost(problem: Problem) -> int | None:
    """The least cost by HiGHS, in hundredths of a minor unit; None where there is no plan."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.0)
    endless = 10_000
    sold = [
        solver.addVariable(0, endless if each.most is None else each.most, type=highspy.HighsVarType.kInteger)
        for each in problem.sales
    ]
    used = [solver.addBinary() for _ in problem.sales]
    done = [solver.addBinary() for _ in problem.wholes]
    for amount, is_used, each in zip(sold, used, problem.sales, strict=True):
        solver.addConstr(amount <= (endless if each.most is None else each.most) * is_used)
    nothing = solver.addVariable(0, 0)
    solver.addConstr(sum(used, nothing) + sum(done, nothing) <= problem.steps)
    every = (Source.SOURCED, Source.ASSISTED, Source.MANAGED)
    for need, sources in zip(
        problem.needs, (every, every[:2], every[:1], every[2:]), strict=True
    ):
        gains = [each.rate * amount for amount, each in zip(sold, problem.sales, strict=True) if each.source in sources]
        gains += [each.points * is_done for is_done, each in zip(done, problem.wholes, strict=True) if each.source in sources]
        solver.addConstr(sum(gains, nothing) >= need)
    if problem.most_sold is not None:
        won = [
            each.mrr * is_done
            for is_done, each in zip(done, problem.wholes, strict=True)
            if each.source is not Source.MANAGED
        ]
        solver.addConstr(sum(sold, nothing) + sum(won, nothing) <= problem.most_sold)
    costs = [problem.weight(each.source) * amount for amount, each in zip(sold, problem.sales, strict=True)]
    costs += [each.cost * is_done for is_done, each in zip(done, problem.wholes, strict=True)]
    solver.minimize(sum(costs, nothing))
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return round(solver.getInfo().objective_function_value)
