"""The cheapest plan as a message: the way in a line, its steps as a table, and where it leads as a chart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from handlers.views.account import change_button
from handlers.views.answers.plan_headline import headline, mark
from handlers.views.parts import blocks
from handlers.views.parts import goal as goal_view
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.chart import Chart, Series, native
from handlers.views.parts.choices import choice, value
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import footing
from handlers.views.parts.formats import (
    ahead,
    count,
    day,
    listed,
    money,
    month,
    name,
    points,
    sentences,
    spoken,
    tier,
    upper,
)
from handlers.views.parts.plan_steps import rounded_up, step_in_words, step_table
from handlers.views.parts.requirement import in_words, label, label_inside
from tiercore.facts.points import hundredths
from tiercore.planning.aims import Obstacle
from tiercore.planning.plan import Plan
from tiercore.questions.goals import GoalProgress
from tiercore.rating.timeline import Balance, balance_on

KEEP = "keep_goal"
_MONTHS = 6


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """The plan, its request as it would be typed again, and how it stands with the goal that was kept, if any."""

    plan: Plan
    words: str
    goal: GoalProgress | None = None


def message(answer: PlanAnswer) -> Message:
    """One screen: the way in a line, its cost, the steps, the points with and without them, and what it assumes."""
    plan, goal = rounded_up(answer.plan), [goal_view.line(answer.goal)] if answer.goal else []
    said, chart = [*lines(plan), *goal], chart_of(plan)
    who = f"{mark(plan)} {name(plan.partner.name)}: "
    title = f"{name(plan.partner.name)}: {upper(headline(plan, blocks.HEADER_LIMIT - len(who)))}"
    shown: list[Block] = [blocks.header(f"{mark(plan)} {title}")]
    shown += [blocks.rich(*(blocks.line(blocks.span(each)) for each in said))] if said else []
    shown += [step_table(plan.steps)] if plan.steps else []
    shown += [native(chart)] if chart else []
    shown.append(answer_row("plan", plan.partner.partner_id, *_buttons(answer)))
    shown.append(footing(plan.as_of, plan.aim.rules, [*assumptions(plan), *rounding(answer.plan, plan), *plan.notes]))
    aloud = [*said, *map(step_in_words, plan.steps), *sentences([*assumptions(plan), *rounding(answer.plan, plan)])]
    return Message(spoken(f"{title}.", *aloud), shown, charts=(chart,) if chart else ())


def lines(plan: Plan) -> Iterator[str]:
    """The cost, what is to spare, and what else the reader needs to know, a sentence each."""
    if plan.feasible is None:
        yield from _spread(plan)
    elif plan.feasible:
        yield from _cost(plan)
    else:
        yield from _why(plan)
    if plan.feasible and plan.aim.recalibration and plan.by < plan.aim.recalibration:
        reached, kept = day(plan.by), day(plan.aim.recalibration)
        yield f"Reached on {reached}, {tier(plan.aim.tier.name)} is kept at the recalibration on {kept}."
    for each in plan.aim.open:
        yield f"⚪ {label(each.name)}: {in_words(each, plan.by)}, so it isn't checked."


def _cost(plan: Plan) -> Iterator[str]:
    if plan.steps:
        total = f"{money(plan.cost)} of MRR" if plan.cost.minor else "no MRR"
        yield f"The cheapest way: {total}, in {count(len(plan.steps), 'step')}. {_margin(plan)}"
    else:
        yield f"{tier(plan.aim.tier.name)} holds without doing anything. {_margin(plan)}"


def _margin(plan: Plan) -> str:
    if plan.aim.enough_on:
        return f"The points of {day(plan.aim.enough_on)} are enough."
    over = f"{tier(plan.aim.tier.name)}'s threshold on {day(plan.by)}"
    if plan.margin is None or not hundredths(plan.margin):
        return f"It meets {over} exactly."
    return f"It is {points(plan.margin)} points above {over}."


def _spread(plan: Plan) -> Iterator[str]:
    spread, missing = plan.spread, listed([label_inside(each.name) for each in plan.aim.unset])
    isnt = "isn't" if len(plan.aim.unset) == 1 else "aren't"
    knows = spread and spread.least and spread.least.minor
    said = "no plan can be sure to reach it" if knows else "a plan can't be made"
    yield f"{tier(plan.aim.tier.name)}'s {missing} {isnt} set, so {said}."
    least = money(spread.least) if spread and spread.least else None
    most = money(spread.most) if spread and spread.most else None
    if least and most:
        yield f"The cheapest way costs from {least} of MRR to {most}, depending on it."
    elif least and knows:
        yield f"The cheapest way costs at least {least} of MRR."
    yield f"An admin sets {'it' if len(plan.aim.unset) == 1 else 'them'} with /tier setup."


def _why(plan: Plan) -> Iterator[str]:
    """The reason in full, and the day on which there is a plan."""
    for each in plan.aim.blocked:
        yield f"🔴 {label(each.name)}: {in_words(each, plan.by)}. Neither sales nor agreements change it."
    if plan.obstacle is Obstacle.MANAGED:
        need = next(each for each in plan.aim.requirements if each.name == "managed_minimum")
        yield f"{label('managed_minimum')}: {in_words(need, plan.by)}."
    if plan.obstacle is Obstacle.LIMIT and plan.most_sold:
        yield f"Until {day(plan.by)}, {money(plan.most_sold)} can be sold within the limit a month."
    if plan.obstacle is Obstacle.DOLLARS:
        yield "Plans work with points. /gap shows what is missing in dollars."
    if plan.earliest:
        yield f"The first credit day with a plan is {day(plan.earliest)}, {ahead(plan.earliest, plan.as_of)}."
    elif plan.obstacle in (Obstacle.LIMIT, Obstacle.MANAGED, Obstacle.TOO_MANY_STEPS):
        yield "No credit day in the next twelve months has one either."


def assumptions(plan: Plan) -> list[str]:
    """What the plan takes for granted."""
    found = []
    if any(each.kind.sells for each in plan.steps):
        found.append(
            "Sales are rated as if made today. No step sells a client more than it pays for its largest line today"
        )
    if plan.most_sold and plan.feasible:
        found.append(f"At most {money(plan.most_sold)} sold until then")
    if plan.wish.growth:
        found.append("Sales in growth markets only")
    return found


def rounding(exact: Plan, shown: Plan) -> list[str]:
    """That sales are rounded up, where one is; what is managed or won is shown as it is on file."""
    return ["Sales are rounded up to whole currency units"] if shown.steps != exact.steps else []


def _buttons(answer: PlanAnswer) -> Iterator[dict[str, object]]:
    plan, partner_id = answer.plan, answer.plan.partner.partner_id
    if plan.feasible and plan.steps and not plan.aim.enough_on:
        goal = _typed(plan, plan.by, answer.words)
        yield change_button("Keep as goal", KEEP, value("plan", goal, partner_id), primary=True)
    if plan.earliest:
        yield choice(0, f"Plan for {day(plan.earliest)}", "plan", _typed(plan, plan.earliest, answer.words), partner_id)
    if answer.goal:
        yield goal_view.withdraw_button(answer.goal)
    yield choice(1, "Gap", "gap", f"{plan.aim.tier.name} by {plan.by.isoformat()}", partner_id)


def _typed(plan: Plan, by: date, words: str) -> str:
    """The request for the plan's tier by a day, with the same wishes."""
    wishes = [word for word in (_wishes(words),) if word]
    return " ".join([plan.aim.tier.name, "by", by.isoformat(), *wishes])


def _wishes(words: str) -> str:
    """The wishes at the end of a request as it would be typed."""
    for start in ("growth", "assisted", "no managed", "at most"):
        if f" {start}" in f" {words}":
            return f" {words}"[f" {words}".index(f" {start}") :].strip()
    return ""


def chart_of(plan: Plan) -> Chart | None:
    """Combined points with the plan and without it, on the plan's day and at the ends of the months around it."""
    if not plan.feasible or not plan.steps or plan.aim.enough_on:
        return None
    days = sorted({plan.as_of, plan.by, *_month_ends(plan.as_of, plan.by)})
    need = next(each.need for each in plan.aim.requirements if each.name == "combined_threshold")
    assert isinstance(need, int)
    lines_ = [
        Series("Without the plan", tuple(_combined(plan.before, each) for each in days)),
        Series("With it", tuple(_combined(plan.after, each) for each in days)),
        Series(
            f"{name(tier(plan.aim.tier.name), 10)} threshold", (hundredths(need) / 100,) * len(days), threshold=True
        ),
    ]
    return Chart("Points with the plan and without it", tuple(_labels(days, plan)), tuple(lines_), 1)


def _combined(timeline: tuple[Balance, ...], when: date) -> float:
    return hundredths(balance_on(timeline, when).combined) / 100


def _labels(days: Sequence[date], plan: Plan) -> Iterator[str]:
    """The plan's day in full, the months in short: with the year for the first one, for January, and a second time."""
    used: set[str] = set()
    for each in days:
        short = month(each).split()[0]
        with_year = not used or each.month == 1 or short in used
        used |= {short} if each not in (plan.as_of, plan.by) else set()
        if each == plan.as_of:
            yield "Today"
        else:
            yield f"→ {day(each) if each == plan.by else month(each) if with_year else short}"


def _month_ends(start: date, by: date) -> Iterator[date]:
    first = start.replace(day=1)
    months = max(_MONTHS, (by.year - start.year) * 12 + by.month - start.month + 2)
    for number in range(1, months + 1):
        yield first + relativedelta(months=number, days=-1)
