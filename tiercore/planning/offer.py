"""What a plan may choose from, as the optimizer's problem, and its choice as steps (how-tiers-work#plans)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from tiercore.facts.entries import Motion
from tiercore.facts.money import Money
from tiercore.facts.points import Source
from tiercore.planning.aims import Aim, Obstacle
from tiercore.planning.candidates import Candidate, managed_rate, sales_of, taken_on, taken_on_entries, wholes_of
from tiercore.planning.cheapest import cheapest
from tiercore.planning.market import Market, credit_of_sale, managed_on, new_client, sale_entries
from tiercore.planning.problem import MOST_STEPS, Chosen, Needs, Problem, SaleOption, WholeOption
from tiercore.planning.steps import Kind, PlanStep
from tiercore.rating.credits import ClientBook, rated
from tiercore.scenarios.entries import merged


class Offer:
    """What a plan may choose from, with all sales of one motion."""

    def __init__(
        self, aim: Aim, most_sold: Money | None, market: Market, motion: Motion, wholes: Sequence[Candidate]
    ) -> None:
        self._aim, self._most_sold, self.market, self.motion = aim, most_sold, market, motion
        found = sales_of(market, motion)
        self.wholes = [(each, each.option) for each in wholes if isinstance(each.option, WholeOption)]
        self.sales = [(each, self._option(each)) for each in found if isinstance(each.option, SaleOption)]

    def _option(self, sale: Candidate) -> SaleOption:
        """The sale's option, with the managed points that it brings together with its client's agreement."""
        option = sale.option
        assert isinstance(option, SaleOption)
        for place, (each, _) in enumerate(self.wholes):
            if each.kind is Kind.DEAL:
                continue
            if sale.client and each.client == sale.client and sale.motion and sale.product_line:
                market, known = self.market, self.market.books.clients[sale.client.client_id]
                book = merged(known, each.entries, market.program.catalogue)
                rate = managed_rate(market, book, sale.motion, sale.key)
                return replace(option, managed=rate, whole=place)
        return option

    def problem(self, needs: Needs) -> Problem:
        """The problem of reaching the needs."""
        return Problem(
            needs=needs,
            per_100_usd=self.market.per_100_usd.minor,
            sales=tuple(option for _, option in self.sales),
            wholes=tuple(option for _, option in self.wholes),
            source=self.motion.source,
            weight=self.market.program.on(self.market.as_of).efforts[self.motion.value],
            taken_on=taken_on(self.market),
            steps=MOST_STEPS - len(self._aim.renewals),
            most_sold=self._most_sold.minor if self._most_sold else None,
        )

    def mrr(self, needs: Needs) -> Money | None:
        """The MRR of the cheapest choice for the needs, None where there is none."""
        chosen = cheapest(self.problem(needs))
        if chosen is None:
            return None
        wholes = sum(self.wholes[place][1].mrr for place in chosen.wholes)
        minor = sum(minor for _, minor in chosen.sold) + wholes + chosen.taken_on
        return Money(minor, self.market.per_100_usd.currency)

    def obstacle(self) -> Obstacle:
        """Which limit stands in the way: the one without which there is a choice."""
        problem = self.problem(self._aim.needs)
        if self._most_sold and cheapest(replace(problem, most_sold=None)):
            return Obstacle.LIMIT
        if problem.needs.managed and cheapest(replace(problem, needs=problem.needs._replace(managed=0))):
            return Obstacle.MANAGED
        if problem.needs.sourced and cheapest(replace(problem, needs=problem.needs._replace(sourced=0))):
            return Obstacle.SOURCED
        return Obstacle.TOO_MANY_STEPS if problem.sales else Obstacle.NOTHING_TO_SELL


def steps_of(offer: Offer, chosen: Chosen) -> Iterator[PlanStep]:
    """The steps of a choice: the sales, those with most points first, then the agreements."""
    market, currency = offer.market, offer.market.per_100_usd.currency
    sold = [_sold(market, offer.sales[place][0], minor) for place, minor in chosen.sold]
    yield from sorted(sold, key=lambda each: -each.points)
    for each, option in (offer.wholes[place] for place in chosen.wholes):
        mrr = Money(option.mrr, currency)
        yield PlanStep(
            kind=each.kind,
            client=each.client,
            product_line=each.product_line,
            source=option.source,
            points=option.combined,
            mrr=mrr,
            last_day=each.last_day,
            entries=each.entries,
        )
    if chosen.taken_on and (rate := taken_on(market)):
        mrr = Money(chosen.taken_on, currency)
        points, entries = rated(mrr.minor, rate.rate, market.per_100_usd), taken_on_entries(market, mrr)
        yield PlanStep(Kind.MANAGE, None, None, Source.MANAGED, points, mrr, market.by, rate.rate, entries)


def _sold(market: Market, candidate: Candidate, minor: int) -> PlanStep:
    """The sale of so many minor units, with the points that the rating gives it."""
    assert isinstance(candidate.option, SaleOption)
    assert candidate.motion
    assert candidate.product_line
    mrr, key = Money(minor, market.per_100_usd.currency), candidate.key
    known = candidate.client and market.books.clients[candidate.client.client_id]
    book = known or ClientBook(new_client(market))
    entries = tuple(sale_entries(market, book, candidate.motion, key, mrr, market.as_of))
    credit = credit_of_sale(market, book, candidate.motion, key, mrr, market.as_of)
    managed = managed_on(market, merged(book, entries, market.program.catalogue)) - managed_on(market, book)
    assert credit
    return PlanStep(
        kind=candidate.kind,
        client=candidate.client,
        product_line=candidate.product_line,
        source=candidate.motion.source,
        points=(credit.micropoints or 0) + managed,
        mrr=mrr,
        last_day=candidate.last_day,
        rate=candidate.option.rate,
        entries=entries,
    )


def offers_of(aim: Aim, most_sold: Money | None, market: Market, motions: Iterable[Motion]) -> list[Offer]:
    """An offer with the sales of each motion; the deals and agreements are the same in all of them."""
    wholes = wholes_of(market)
    return [Offer(aim, most_sold, market, motion, wholes) for motion in motions]
