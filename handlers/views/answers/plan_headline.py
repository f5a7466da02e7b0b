"""The first line of a plan: what has to be done by when, as much of it as there is room for."""

from collections.abc import Iterator

from handlers.views.parts import blocks
from handlers.views.parts.formats import count, day, listed, money, tier
from handlers.views.parts.plan_steps import acts_in_short
from handlers.views.parts.requirement import label_inside
from tiercore.planning.aims import Obstacle
from tiercore.planning.plan import Plan
from tiercore.planning.problem import MOST_STEPS


def mark(plan: Plan) -> str:
    """Green where nothing has to be done; never green for what can't be said."""
    if plan.feasible is None:
        return "⚪"
    if not plan.feasible:
        return "🔴"
    return "🎯" if plan.steps else "🟢"


def headline(plan: Plan, room: int = blocks.HEADER_LIMIT) -> str:
    """The way in a phrase of at most so many characters: "Platinum by 15 Jan 2023: sell US$1,250 sourced to Acme and
    extend Dune". Where all of it is too long, it says less of the steps or the reasons.
    """
    found = list(_headlines(plan))
    return next((each for each in found if len(each) <= room), found[-1])


def _headlines(plan: Plan) -> Iterator[str]:
    """The way in a phrase, each time shorter."""
    held = plan.aim.keeps
    on = "on" if plan.by == plan.aim.recalibration else "by"
    goal = f"{'keep ' if held else ''}{tier(plan.aim.tier.name)} {on} {day(plan.by)}"
    if plan.feasible is None:
        yield f"{goal}: {listed([label_inside(each.name) for each in plan.aim.unset])} not set"
        yield f"{goal}: {count(len(plan.aim.unset), 'threshold')} not set"
    elif not plan.feasible:
        no_plan = f"no plan for {tier(plan.aim.tier.name)} by {day(plan.by)}"
        yield f"{no_plan}: {_because(plan)}"
        if plan.obstacle is Obstacle.REQUIREMENT:
            yield f"{no_plan}: {count(len(plan.aim.blocked), 'requirement')} not met"
        yield no_plan
    elif plan.steps:
        yield from (f"{goal}: {each}" for each in acts_in_short(plan.steps))
    else:
        yield f"{goal}: nothing to do"


def _because(plan: Plan) -> str:
    """Why there is none, in a few words."""
    match plan.obstacle:
        case Obstacle.DOLLARS:
            return "the rules of that day count dollars"
        case Obstacle.HELD:
            return "expiry is under correction"
        case Obstacle.REQUIREMENT:
            return f"{listed([label_inside(each.name) for each in plan.aim.blocked])} not met"
        case Obstacle.LIMIT:
            return f"it takes more than {money(plan.most_sold)} of sales" if plan.most_sold else "the limit is too low"
        case Obstacle.MANAGED:
            return "the managed minimum can't be met"
        case Obstacle.SOURCED:
            return "assisted sales don't count for the sourced minimum"
        case Obstacle.NOTHING_TO_SELL:
            return "there is nothing to sell that can be rated"
    return f"it takes more than {MOST_STEPS} steps"
