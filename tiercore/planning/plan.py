"""The cheapest way to a tier by a day, in at most five steps (how-tiers-work#plans)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from tiercore.facts.entries import Partner
from tiercore.facts.money import Money, minor_digits
from tiercore.facts.points import HUNDREDTH, hundredths
from tiercore.facts.unknown import Unknown
from tiercore.planning.aims import Aim, Obstacle, aim_of, is_reached, obstacle_before
from tiercore.planning.candidates import motions_of
from tiercore.planning.carrying_out import carried_out, renewed
from tiercore.planning.cheapest import cheapest
from tiercore.planning.keeping import aims_to_keep
from tiercore.planning.market import Market
from tiercore.planning.offer import Offer, offers_of, steps_of
from tiercore.planning.problem import Chosen, Needs
from tiercore.planning.steps import PlanStep, Wish, mrr_of
from tiercore.program import Program
from tiercore.questions.currencies import currency_notes
from tiercore.questions.gap_on import NotAhead
from tiercore.questions.pipeline import OpenDeal
from tiercore.questions.requirements import Requirement, State, requirements_of
from tiercore.questions.standing import notes_on
from tiercore.questions.uptier import uptier_day
from tiercore.rating.lots import expires_on
from tiercore.rating.timeline import Balance, balance_on
from tiercore.scenarios.books import PartnerBooks, facts_on

_DAYS_TRIED = 12


@dataclass(frozen=True, slots=True)
class Spread:
    """What a plan costs at the least and at the most while a figure isn't set; None where there is no bound."""

    least: Money | None
    most: Money | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a partner, or why there is none.

    `feasible` is None where a figure isn't set; `spread` is then what it may cost. `cost` is what is sold and managed,
    `effort` the same weighed by what a dollar of each costs. `margin` are the combined micropoints, as shown, beyond
    the threshold on the day, None where that isn't set or no points are needed. `earliest` is the first later day on
    which there is a plan. `before` and `after` are the partner's timeline without the plan and with it.
    """

    partner: Partner
    as_of: date
    wish: Wish
    aim: Aim
    feasible: bool | None
    steps: tuple[PlanStep, ...]
    cost: Money
    effort: Money
    margin: int | None
    before: tuple[Balance, ...]
    after: tuple[Balance, ...]
    obstacle: Obstacle | None = None
    earliest: date | None = None
    spread: Spread | None = None
    most_sold: Money | None = None
    notes: tuple[str, ...] = ()

    @property
    def by(self) -> date:
        """The day of the plan."""
        return self.aim.by


def credit_day(as_of: date, program: Program) -> date:
    """The next day, after this one, on which a tier is credited (how-tiers-work#moving-up)."""
    return uptier_day(as_of + timedelta(days=1), program.on(as_of))


def require_ahead(by: date, as_of: date, program: Program) -> None:
    """Raises NotAhead for a day that is over, or on which what is sold today no longer counts."""
    last = expires_on(as_of, program.on(as_of).expire_after_months) - timedelta(days=1)
    if not as_of <= by <= last:
        raise NotAhead(by, as_of, last)


def plan_for(wish: Wish, as_of: date, program: Program, books: PartnerBooks, deals: Sequence[OpenDeal] = ()) -> Plan:
    """The cheapest plan from the partner's books, which have every client that it may name, and its open `deals`.

    Without a day, keeping the held tier is for the sampling day of the next recalibration on which that is cheapest,
    and a way up is for the next credit day.

    Raises UnknownTier, NotAhead, and NeedsOthers where the books' other clients are needed.
    """
    aims = [] if wish.by else aims_to_keep(wish.tier, as_of, program, books)
    if not aims:
        by = wish.by or credit_day(as_of, program)
        require_ahead(by, as_of, program)
        aims = [aim_of(wish.tier, by, as_of, program, books)]
    plan = min((_planned(wish, aim, as_of, program, books, deals) for aim in aims), key=_first_choice)
    if plan.feasible is False and plan.obstacle in (Obstacle.LIMIT, Obstacle.MANAGED, Obstacle.TOO_MANY_STEPS):
        return replace(plan, earliest=_earliest(plan, as_of, program, books, deals))
    return plan


def _first_choice(plan: Plan) -> tuple[bool, int, int, int]:
    """For the least: a plan that there is, the one of least effort, of fewest steps, of the last day."""
    return not plan.feasible, plan.effort.minor, len(plan.steps), -plan.by.toordinal()


def _earliest(plan: Plan, as_of: date, program: Program, books: PartnerBooks, deals: Sequence[OpenDeal]) -> date | None:
    """The first credit day after the plan's on which there is a plan for the same tier."""
    wish, day = replace(plan.wish, tier=plan.aim.tier.name), plan.by
    for _ in range(_DAYS_TRIED):
        day = credit_day(day, program)
        try:
            require_ahead(day, as_of, program)
        except NotAhead:
            return None
        aim = aim_of(wish.tier, day, as_of, program, books)
        if _planned(wish, aim, as_of, program, books, deals).feasible:
            return day
    return None


def _planned(
    wish: Wish, aim: Aim, as_of: date, program: Program, books: PartnerBooks, deals: Sequence[OpenDeal]
) -> Plan:
    by = aim.by
    market = Market(books, program, wish, as_of, by, _table(program, as_of, books.partner.currency), deals=tuple(deals))
    nothing = Money(0, market.per_100_usd.currency)
    plan = Plan(
        partner=books.partner,
        as_of=as_of,
        wish=wish,
        aim=aim,
        feasible=False,
        steps=(),
        cost=nothing,
        effort=nothing,
        margin=None,
        before=books.timeline,
        after=books.timeline,
        most_sold=_most_sold(market),
        notes=(*notes_on(program, balance_on(books.timeline, by)), *currency_notes(aim.rules, books.partner.currency)),
    )
    if obstacle := obstacle_before(aim, facts_on(books, as_of), as_of):
        return replace(plan, obstacle=obstacle)
    offers = offers_of(aim, plan.most_sold, market, motions_of(market))
    if aim.unset:
        return replace(plan, feasible=None, spread=_spread(plan, offers[0]))
    return _cheapest(plan, market, offers)


def _cheapest(plan: Plan, market: Market, offers: Sequence[Offer]) -> Plan:
    """The cheapest of the offers' plans. Where a client in it breaks another requirement, it is left out."""
    found = [(chosen, offer) for offer in offers if (chosen := cheapest(offer.problem(plan.aim.needs)))]
    if not found:
        return replace(plan, obstacle=offers[0].obstacle())
    chosen, offer = min(found, key=lambda each: each[0].cost)
    done, broken = _with_steps(plan, offer, chosen)
    named = {each.client.client_id for each in done.steps if each.client} if broken else set()
    if not broken:
        return done
    if not named:
        return replace(plan, obstacle=Obstacle.REQUIREMENT, aim=replace(plan.aim, blocked=broken))
    others = replace(market, left_out=market.left_out | named)
    return _cheapest(plan, others, offers_of(plan.aim, plan.most_sold, others, [each.motion for each in offers]))


def _table(program: Program, day: date, currency: str) -> Money:
    """What stands for US$100 in the currency, or US$100 where the program has no table for it."""
    found = program.on(day).per_100_usd(currency)
    return Money(100_00, "USD") if isinstance(found, Unknown) else found


def _most_sold(market: Market) -> Money | None:
    """What may be sold until the day: the month's limit for each month that has begun by then."""
    if market.wish.most_a_month is None:
        return None
    months = 1
    while market.as_of + relativedelta(months=months) <= market.by:
        months += 1
    currency = market.wish.currency or market.per_100_usd.currency
    a_month = market.converted(Money(market.wish.most_a_month * 10 ** minor_digits(currency) // 100, currency))
    return None if a_month is None else Money(a_month * months, market.per_100_usd.currency)


def _spread(plan: Plan, offer: Offer) -> Spread:
    """What the plan costs if the figures that aren't set ask for nothing, and if they ask for all of the total."""
    least = offer.mrr(plan.aim.needs)
    if any(each.name == "combined_threshold" for each in plan.aim.unset):
        return Spread(least, None)
    unset = {each.name.removesuffix("_minimum"): _up_to_total(plan, each.name) for each in plan.aim.unset}
    return Spread(least, offer.mrr(Needs(**{**plan.aim.needs._asdict(), **unset})))


def _up_to_total(plan: Plan, name: str) -> int:
    """What a minimum asks for if it is as high as the total, which no minimum exceeds."""
    total, own = (
        next(each for each in plan.aim.requirements if each.name == one) for one in ("combined_threshold", name)
    )
    assert isinstance(total.need, int)
    assert isinstance(own.have, int)
    return max(0, total.need - own.have)


def _with_steps(plan: Plan, offer: Offer, chosen: Chosen) -> tuple[Plan, tuple[Requirement, ...]]:
    """The plan with its steps and the timeline that they would leave, and the requirements that would not be met."""
    market = offer.market
    books, renewals = renewed(plan.aim, market)
    steps = (*renewals, *steps_of(offer, chosen))
    if plan.aim.enough_on:
        return replace(plan, feasible=True, steps=steps), ()
    after = carried_out(books, [entry for each in steps for entry in each.entries], market.program)
    facts, balance = facts_on(after, market.by), balance_on(after.timeline, market.by)
    requirements = tuple(requirements_of(plan.aim.tier, plan.aim.rules, facts, balance, as_of=market.by))
    total = next(each for each in requirements if each.name == "combined_threshold")
    assert isinstance(total.need, int)
    done = replace(
        plan,
        feasible=is_reached(plan.aim.tier, market.by, plan.aim.rules, facts, balance),
        steps=steps,
        cost=Money(mrr_of(steps), plan.cost.currency),
        effort=Money(-(-chosen.cost // 100), plan.cost.currency),
        margin=(hundredths(balance.combined) - hundredths(total.need)) * HUNDREDTH,
        after=after.timeline,
    )
    return done, () if done.feasible else tuple(each for each in requirements if each.state is State.RED)
