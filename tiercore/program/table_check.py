"""What a pasted tier table would change, and what is odd about it (running#tier-table)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, Source
from tiercore.facts.unknown import Unknown
from tiercore.program.entered import FIGURES, FigureChange, TableChange, overruled_from, path_of, value_of
from tiercore.program.mistakes import Wrong
from tiercore.program.parameter import Parameter
from tiercore.program.pasted import Pasted
from tiercore.program.pasted_cells import Cell
from tiercore.program.program import Program
from tiercore.program.rules import Rules
from tiercore.program.table import NOT_CONFIGURED

_MINIMUMS = ("sourced_minimum", "sold_minimum", "managed_minimum")
_EARNED_AS: Mapping[str, tuple[Source, ...]] = {
    "sourced_minimum": (Source.SOURCED,),
    "managed_minimum": (Source.MANAGED,),
}
Cells = Mapping[tuple[str, str], Cell]


@dataclass(frozen=True, slots=True)
class Checked:
    """The figures of a pasted table beside those in force on its first day, the changes among them, and remarks.

    `problems` have to be mended before it can be proposed; `warnings` are for whoever proposes and approves it.
    """

    change: TableChange
    figures: tuple[FigureChange, ...]
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()


def check(pasted: Pasted, program: Program, valid_from: date, source: str, today: date) -> Checked:
    """Compare a pasted table with what the program says on the day from which it is valid."""
    rules = program.on(valid_from)
    tiers = {tier.name: at for at, tier in enumerate(rules.tiers)}
    order = sorted(pasted.cells, key=lambda key: (tiers.get(key[0], 99), list(FIGURES).index(key[1])))
    figures = tuple(
        FigureChange(tier, figure, pasted.cells[tier, figure].value, _text(program, tier, figure, valid_from))
        for tier, figure in order
    )
    changed = tuple(each for each in figures if each.value != each.before)
    problems = [*pasted.problems, *_problems(tiers, figures, changed, rules)]
    found = _New(program, rules, pasted.cells, valid_from, changed)
    warnings = dict.fromkeys([*found.sums(), *found.falls(), *found.brackets(), *found.days(today), *found.unused()])
    change = TableChange(valid_from, source, changed)
    return Checked(change, figures, tuple(problems), tuple(warnings), tuple(pasted.notes))


def _text(program: Program, tier: str, figure: str, day: date) -> str:
    return program.provenance(path_of(tier, figure), day).text


def _problems(
    tiers: Mapping[str, int], figures: tuple[FigureChange, ...], changed: tuple[FigureChange, ...], rules: Rules
) -> Iterator[str]:
    if rules.model != "points":
        yield "The rules of that day count dollars, and this table is in points. Choose a day from 18 Jul 2022 on."
    for tier in dict.fromkeys(each.tier for each in figures if each.tier not in tiers):
        yield f"The rules of that day have no tier {tier.capitalize()}."
    if figures and not changed:
        yield "All of this is in force on that day already: there's nothing to change."


@dataclass(frozen=True, slots=True)
class _New:
    """The figures as they would be, over those in force on the day."""

    program: Program
    rules: Rules
    cells: Cells
    day: date
    changed: tuple[FigureChange, ...]

    def _number(self, tier: str, figure: str) -> int | None:
        """A figure as it would be, in micropoints or percent; None where it isn't set."""
        path = path_of(tier, figure)
        cell = self.cells.get((tier, figure))
        value = value_of(path, cell.value) if cell else self.program.provenance(path, self.day).value
        return value if type(value) is int else None

    def sums(self) -> Iterator[str]:
        """Totals that the tier's minimums alone exceed."""
        for tier in self.rules.tiers:
            total = self._number(tier.name, "combined")
            parts = [self._number(tier.name, f"{each.source}_minimum") for each in tier.minimums]
            least = sum(each for each in parts if each is not None)
            if total is not None and total < least:
                name = tier.name.capitalize()
                yield f"{name}'s total ({_points(total)}) is less than its minimums together ({_points(least)})."

    def falls(self) -> Iterator[str]:
        """Figures that a higher tier has lower; totals that are equal, too."""
        for figure, name in FIGURES.items():
            known = [(tier.name, found) for tier in self.rules.tiers if (found := self._number(tier.name, figure))]
            for (lower, less), (higher, more) in pairwise(known):
                if more < less or (more == less and figure == "combined"):
                    what = "isn't higher than" if more == less else "is lower than"
                    yield f"{higher.capitalize()}'s {name} {what} {lower.capitalize()}'s."

    def brackets(self) -> Iterator[str]:
        """Amounts in brackets that don't earn the points beside them at that day's rates."""
        for (tier, figure), cell in self.cells.items():
            if cell.amount is None or cell.value == NOT_CONFIGURED or figure == "retention":
                continue
            value = value_of(path_of(tier, figure), cell.value)
            assert isinstance(value, int)
            earned = self._earned(figure, cell.amount)
            shown = f"{cell.amount.minor / 100:,.2f} {cell.amount.currency}".replace(".00 ", " ")
            name = f"{tier.capitalize()} {FIGURES[figure]}"
            if earned is None:
                yield f"{name}: {shown} isn't checked: the program has no rate for {cell.amount.currency} on that day."
            elif all(abs(each - value) > MICRO // 2 for each in earned):
                *others, last = (_points(each) for each in sorted(earned))
                expected = f"{', '.join(others)} or {last}" if others else last
                yield f"{name}: {shown} in brackets earns {expected} points on that day, not {_points(value)}."

    def _earned(self, figure: str, amount: Money) -> set[int] | None:
        """The micropoints that the amount can earn; None for a currency without a rate."""
        per_100 = self.rules.per_100_usd(amount.currency)
        if isinstance(per_100, Unknown):
            return None
        rates = (self.rules.standard_rates, self.rules.growth_market_rates)
        found = {each[source] for each in rates for source in _EARNED_AS.get(figure, tuple(Source)) if source in each}
        return {amount.minor * rate * MICRO // per_100.minor for rate in found}

    def days(self, today: date) -> Iterator[str]:
        """First days in the past, values that a later one ends, and those that the operator's table overrules."""
        if self.day < today:
            yield f"It begins in the past: answers about days from {self.day} on change, too."
        overruled, ended = dict[str, list[str]](), dict[str, list[str]]()
        for each in self.changed:
            name = f"{each.tier.capitalize()} {each.name}"
            if first := overruled_from(self._parameter(self.program.base, each.path)):
                overruled.setdefault("" if first <= self.day else f" from {first} on", []).append(name)
            parameter = self._parameter(self.program, each.path)
            dated = parameter.dated if parameter else ()
            if later := next((one for one in dated if one.since > self.day), None):
                by = "a later entry" if later.entry else "TIERBOT_PROGRAM" if later.overlay else "a shipped rule"
                what = "ends" if later.text == NOT_CONFIGURED else "replaces"
                ended.setdefault(f"On {later.since} {by} {what} these", []).append(name)
        for since, names in overruled.items():
            yield f"The operator's table (TIERBOT_PROGRAM) wins{since}: {', '.join(names)}."
        for when, names in ended.items():
            yield f"{when}: {', '.join(names)}."

    @staticmethod
    def _parameter(program: Program, path: str) -> Parameter | None:
        return next((each for each in program.parameters if each.path == path), None)

    def unused(self) -> Iterator[str]:
        """Minimums that the rules of the day don't require."""
        required = {f"{each.source}_minimum" for tier in self.rules.tiers for each in tier.minimums}
        for figure in _MINIMUMS:
            if figure not in required and any(each.figure == figure for each in self.changed):
                yield f"The rules of that day require no {FIGURES[figure]}: it is kept, and nothing uses it."


def _points(micropoints: int) -> str:
    whole, rest = divmod(micropoints, MICRO)
    return f"{whole:,}" + (f".{rest:06d}".rstrip("0") if rest else "")


def is_current(change: TableChange, program: Program) -> bool:
    """Whether a change is made of figures of the program, and everything that it replaces is still in force."""
    tiers = {tier.name for tier in program.on(change.valid_from).tiers}
    return bool(change.figures) and all(
        each.tier in tiers
        and each.figure in FIGURES
        and _is_value(each)
        and _text(program, each.tier, each.figure, change.valid_from) == each.before
        for each in change.figures
    )


def _is_value(figure: FigureChange) -> bool:
    try:
        value_of(figure.path, figure.value)
    except Wrong:
        return False
    return True
