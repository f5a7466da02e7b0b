"""The steps of a plan in words, and as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import count, day, listed, money, name, points
from tiercore.facts.money import Money, minor_digits
from tiercore.planning.plan import Plan
from tiercore.planning.steps import Kind, PlanStep, mrr_of

_DONE = {
    Kind.CROSS_SELL: "Sell",
    Kind.UPSELL: "Upsell",
    Kind.NEW_CLIENTS: "Sell",
    Kind.DEAL: "Win deal",
    Kind.MANAGE: "Manage",
    Kind.EXTEND: "Extend agreement",
    Kind.CERTIFICATION: "Renew certification",
    Kind.MEMBERSHIP: "Renew membership",
}
_NOBODY = {Kind.NEW_CLIENTS: "New clients", Kind.MANAGE: "Clients new to you"}
_NONE = "–"
_NAMES = 2


def whole(amount: Money) -> Money:
    """The amount rounded up to whole units of its currency: it earns at least as many points."""
    unit = 10 ** minor_digits(amount.currency)
    return Money(-(-amount.minor // unit) * unit, amount.currency)


def rounded_up(plan: Plan) -> Plan:
    """The plan as it is shown: sales in whole units of MRR, unless a limit a month leaves no room for it."""
    if plan.most_sold is not None:
        return plan
    steps = tuple(replace(each, mrr=whole(each.mrr)) if each.kind.sells and each.mrr else each for each in plan.steps)
    return replace(plan, steps=steps, cost=Money(mrr_of(steps), plan.cost.currency))


def acts(steps: Sequence[PlanStep], names: int = _NAMES) -> str:
    """All steps in a phrase: "sell US$1,250 sourced to Acme and extend Dune's agreement"; clients by name where there
    are at most so many `names` of a kind.
    """
    sales, won, extended, managed = _by_kind(steps)
    found = [f"{_sales(sales)} to {_with(sales, names)}"] if sales else []
    found += [f"win {_deals(won)} with {_with(won, names)}"] if won else []
    found += [f"extend {_with(extended, names)}"] if extended else []
    found += [f"manage {_with(managed, names)}"] if managed else []
    return listed([*_renewed(steps), *found])


def acts_in_short(steps: Sequence[PlanStep]) -> Iterator[str]:
    """All steps in a phrase, each time shorter: with fewer names, with none, and how many steps there are."""
    yield from (acts(steps, names) for names in range(_NAMES, -1, -1))
    sales, won, extended, managed = _by_kind(steps)
    found = [_sales(sales)] if sales else []
    found += [f"win {count(len(won), 'deal')}"] if won else []
    found += [f"extend {count(len(extended), 'agreement')}"] if extended else []
    found += [f"manage {_with(managed, 0)}"] if managed else []
    yield listed([*_renewed(steps), *found])
    yield count(len(steps), "step")


def _by_kind(steps: Sequence[PlanStep]) -> tuple[list[PlanStep], ...]:
    """The sales, the deals to win, the agreements to extend, and the clients to manage."""
    sales = [each for each in steps if each.kind.sells]
    return sales, *([each for each in steps if each.kind is kind] for kind in (Kind.DEAL, Kind.EXTEND, Kind.MANAGE))


def _renewed(steps: Sequence[PlanStep]) -> list[str]:
    renewed = [f"the {each.kind.value}" for each in steps if each.kind in (Kind.CERTIFICATION, Kind.MEMBERSHIP)]
    return [f"renew {listed(renewed)}"] if renewed else []


def _sales(sales: Sequence[PlanStep]) -> str:
    total = Money(sum(each.mrr.minor for each in sales if each.mrr), sales[0].mrr.currency if sales[0].mrr else "USD")
    return f"sell {money(total)} {sales[0].source}"


def _deals(won: Sequence[PlanStep]) -> str:
    """ "the deal", "both deals" or "the 3 deals"."""
    return {1: "the deal", 2: "both deals"}.get(len(won), f"the {len(won)} deals")


def _with(steps: Sequence[PlanStep], most: int) -> str:
    """Whom the steps are with: at most so many names, each once, or else how many clients there are."""
    names = dict.fromkeys(_client(each) if each.client else _NOBODY[each.kind].lower() for each in steps)
    is_named = len(names) <= most or not any(each.client for each in steps)
    return listed(list(names)) if is_named else count(len(names), "client")


def _client(step: PlanStep) -> str:
    return name(step.client.name, 40) if step.client else _NOBODY[step.kind]


def step_table(steps: Sequence[PlanStep]) -> Block:
    """A row for each step: what, with whom, its points and MRR, and the last day on which it works."""
    head = ["Step", "Client", "Product line", "Points", "MRR", "Last day"]
    return blocks.table(head, [[blocks.text_cell(each) for each in _row(step)] for step in steps], right=(3, 4))


def _row(step: PlanStep) -> list[str]:
    line = step.product_line or _NONE
    source = f" ({step.source})" if step.kind.sells or step.kind is Kind.DEAL else ""
    who = _client(step) if step.client or step.kind in _NOBODY else _NONE
    earned = points(step.points) if step.points else _NONE
    return [
        f"{_DONE[step.kind]}{source}",
        who,
        line,
        earned,
        money(step.mrr) if step.mrr else _NONE,
        day(step.last_day),
    ]


def step_in_words(step: PlanStep) -> str:
    """A step as a sentence, for screen readers."""
    what, who, line, earned, mrr, last = _row(step)
    said = [f"{what}{f': {who}' if who != _NONE else ''}", *([line] if line != _NONE else [])]
    said += [f"{mrr} of MRR for {earned} points"] if step.mrr else []
    return f"{', '.join(said)}, by {last}."
