"""Random planning problems, and the same problems solved by HiGHS: an oracle that shares no code with the planner."""

import random
from collections.abc import Iterable
from typing import Any

import highspy

from tiercore.facts.points import MICRO, Source
from tiercore.planning.problem import Needs, Problem, SaleOption, TakenOn, WholeOption

_ENDLESS = 10_000


def problem_of(seed: int) -> Problem:
    """A random problem in small numbers: a minor unit sold brings as many micropoints as its rate says."""
    chance = random.Random(seed)
    needs = [chance.choice((0, chance.randint(0, 400))) for _ in range(3)]
    total = chance.choice((0, chance.randint(0, 1_500), chance.randint(0, 1_500)))
    rates = chance.sample(
        ((3, 0), (5, 0), (6, 0), (10, 0), (3, 1), (5, 1), (6, 2), (10, 2), (7, 0)), chance.randint(1, 4)
    )
    sales = []
    wholes = tuple(_whole(chance) for _ in range(chance.randint(0, 9)))
    agreements = [place for place, each in enumerate(wholes) if each.source is Source.MANAGED]
    for _ in range(chance.randint(0, 9)):
        rate, managed = chance.choice(rates)
        whole = chance.choice((None, *agreements)) if managed else None
        sales.append(SaleOption(rate, chance.randint(1, 120), managed, whole=whole))
    if chance.random() < 0.6:
        sales.append(SaleOption(chance.choice(rates)[0], None, is_named=False))
    return Problem(
        needs=Needs(total, needs[0], chance.choice((0, needs[1] // 2)), needs[2]),
        per_100_usd=MICRO,
        sales=tuple(sales),
        wholes=wholes,
        source=chance.choice((Source.SOURCED, Source.SOURCED, Source.ASSISTED)),
        weight=chance.choice((100, 100, 80, 35)),
        taken_on=chance.choice((None, TakenOn(1, 25), TakenOn(2, 25), TakenOn(1, 100))),
        steps=chance.randint(1, 5),
        most_sold=chance.choice((None, None, chance.randint(0, 300))),
    )


def _whole(chance: random.Random) -> WholeOption:
    source = chance.choice((Source.MANAGED, Source.MANAGED, Source.MANAGED, Source.SOURCED, Source.ASSISTED))
    mrr = chance.randint(1, 150)
    managed = 0 if source is Source.MANAGED else chance.choice((0, mrr, 2 * mrr))
    return WholeOption(source, mrr * chance.choice((1, 1, 2, 3)), mrr, mrr * chance.choice((5, 25, 100)), managed)


def least_cost(problem: Problem) -> int | None:
    """The least cost by HiGHS, in hundredths of a minor unit; None where there is no plan."""
    model = _Model(problem)
    model.count_steps()
    model.meet_the_needs()
    model.keep_to_the_limit()
    return model.least()


class _Model:
    """The problem as a mixed-integer programme: how much of each sale, and which options are done."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.solver = problem, highspy.Highs()
        for name, value in (("output_flag", False), ("mip_rel_gap", 0.0), ("mip_abs_gap", 0.0)):
            self.solver.setOptionValue(name, value)
        self.nothing = self.solver.addVariable(0, 0)
        self.sold = [self._amount(_ENDLESS if each.most is None else each.most) for each in problem.sales]
        self.used = [self.solver.addBinary() for _ in problem.sales]
        self.done = [self.solver.addBinary() for _ in problem.wholes]
        self.taken, self.takes = self._amount(_ENDLESS if problem.taken_on else 0), self.solver.addBinary()

    def _amount(self, most: int) -> Any:
        return self.solver.addVariable(0, most, type=highspy.HighsVarType.kInteger)

    def _sum(self, terms: Iterable[Any]) -> Any:
        return sum(terms, self.nothing)

    def _wholes(self, *sources: Source) -> list[Any]:
        both = zip(self.done, self.problem.wholes, strict=True)
        own = [each.points * is_done for is_done, each in both if each.source in sources]
        both = zip(self.done, self.problem.wholes, strict=True)
        return own + [each.managed * is_done for is_done, each in both if Source.MANAGED in sources]

    def count_steps(self) -> None:
        """An option is a step if it is used."""
        for amount, is_used, each in zip(self.sold, self.used, self.problem.sales, strict=True):
            self.solver.addConstr(amount <= (_ENDLESS if each.most is None else each.most) * is_used)
        self.solver.addConstr(self.taken <= _ENDLESS * self.takes)
        self.solver.addConstr(self._sum([*self.used, *self.done, self.takes]) <= self.problem.steps)

    def meet_the_needs(self) -> None:
        """The total and each minimum; clients are taken on for the managed minimum alone."""
        problem, needs = self.problem, self.problem.needs
        pairs = list(zip(self.sold, problem.sales, strict=True))
        sold = [each.rate * amount for amount, each in pairs]
        rate = problem.taken_on.rate if problem.taken_on else 0
        managed = [each.managed * self._managed(amount, each) for amount, each in pairs] + self._wholes(Source.MANAGED)
        sourced = self._wholes(Source.SOURCED) + (sold if problem.source is Source.SOURCED else [])
        every = [*sold, *self._wholes(Source.SOURCED, Source.ASSISTED)]
        self.solver.addConstr(self._sum(sourced) >= needs.sourced)
        self.solver.addConstr(self._sum(every) >= needs.sold)
        self.solver.addConstr(self._sum([*managed, rate * self.taken]) >= needs.managed)
        self.solver.addConstr(self._sum([*every, *managed, rate * self.taken]) >= needs.combined)
        most = needs.managed + max(0, rate - 1) + _ENDLESS * (1 - self.takes)
        self.solver.addConstr(self._sum([*managed, rate * self.taken]) <= most)

    def _managed(self, amount: Any, sale: SaleOption) -> Any:
        """How much of a sale brings managed points: nothing unless the whole option is done that it depends on."""
        if sale.whole is None:
            return amount
        counted = self._amount(_ENDLESS)
        self.solver.addConstr(counted <= amount)
        self.solver.addConstr(counted <= _ENDLESS * self.done[sale.whole])
        self.solver.addConstr(counted >= amount - _ENDLESS * (1 - self.done[sale.whole]))
        return counted

    def keep_to_the_limit(self) -> None:
        """What is sold, deals that are won among it."""
        if self.problem.most_sold is not None:
            both = zip(self.done, self.problem.wholes, strict=True)
            won = [each.mrr * is_done for is_done, each in both if each.source is not Source.MANAGED]
            self.solver.addConstr(self._sum([*self.sold, *won]) <= self.problem.most_sold)

    def least(self) -> int | None:
        """The least cost, None where there is no solution."""
        problem = self.problem
        weight = problem.taken_on.weight if problem.taken_on else 0
        costs = [problem.weight * amount for amount in self.sold] + [weight * self.taken]
        costs += [each.cost * is_done for is_done, each in zip(self.done, problem.wholes, strict=True)]
        self.solver.minimize(self._sum(costs))
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return round(self.solver.getInfo().objective_function_value)
