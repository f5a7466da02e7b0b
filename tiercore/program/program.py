"""The program: all rules over time. The core reads rules only through `Program.on(day)`."""

import pickle
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING

from tiercore.program.catalogue import Catalogue
from tiercore.program.mistakes import UnknownRule
from tiercore.program.parameter import Dated, Parameter, undated
from tiercore.program.rules import Model, Rules
from tiercore.program.schema import kind_of
from tiercore.program.snapshot import Snapshot, rules_of

if TYPE_CHECKING:
    from tiercore.program.entered import Entered


class Program:
    """Dated rules, both shipped and the operator's own; immutable.

    `label` is the operator's note, shown with every answer. `changes` are the days, ascending, on which any rule
    changes; `rating_changes` are those on which a rule that affects the rating of credits does. `rating_fingerprint`
    (SHA-256, hex) is the same for two programs that rate credits the same way, whatever their thresholds and
    requirements. `tier_names` are the tiers of all versions, the lowest first. `catalogue` knows the product lines.
    `deal_based` says whether deal-based credit applies on any day. `entered` are the figures that people entered, and
    `base` is the program without them.
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        label: str | None = None,
        *,
        base: "Program | None" = None,
        entered: Sequence["Entered"] = (),
    ) -> None:
        self.label, self.base, self.entered = label, base or self, tuple(entered)
        self.parameters = tuple(sorted(parameters, key=lambda parameter: parameter.path))
        self._by_path = {parameter.path: parameter for parameter in self.parameters}
        self.catalogue = Catalogue(self.parameters)
        self.rating_changes = _rating_changes(self.parameters)
        self.rating_fingerprint = _rating_fingerprint(self.parameters)
        days = sorted({dated.since for parameter in self.parameters for dated in parameter.dated})
        self.changes = tuple(day for day in days if day > date.min)
        self._ordinals = [day.toordinal() for day in days]
        self._rules = [self._rules_from(day) for day in days]
        self.deal_based = any(rules.deal_based for rules in self._rules)
        self._recalibrations: dict[date, date] = {}
        self.tier_names = _tier_names(self._rules)

    @cached_property
    def pickled(self) -> bytes:
        """The program for workers that rate by it: the same bytes each time, so that they unpickle it once."""
        return pickle.dumps(self)

    def on(self, day: date) -> Rules:
        """The rules on the day; the same object for all days between two changes."""
        return self._rules[bisect_right(self._ordinals, day.toordinal()) - 1]

    def day_of(self, model: Model | None, day: date) -> date:
        """The day closest to `day` whose rules use the model: `day` itself if they do, or if `model` is None.

        For a model that comes later, this is its first day; for one that has ended, its last.
        """
        if model is None or self.on(day).model == model:
            return day
        starts = (each for each in self.changes if each > day and self.on(each).model == model)
        ends = (each for each in reversed(self.changes) if each <= day and self._before(each).model == model)
        return next(starts, None) or next((each - timedelta(1) for each in ends), day)

    def _before(self, change: date) -> Rules:
        """The rules on the day before a change."""
        return self.on(change - timedelta(1))

    def provenance(self, path: str, day: date) -> Dated:
        """A rule's value on the day and its source; not set if no table sets the rule.

        Raises UnknownRule, with a suggestion, for a path that can't have a rule.
        """
        if path in self._by_path:
            return self._by_path[path].on(day)
        if kind_of(tuple(path.split("."))) is None:
            raise UnknownRule(path, self._by_path)
        return undated(path)

    def differed_before(self, path: str, day: date) -> bool:
        """Whether a rule ever had another value than the one that it has on the day, on a day before."""
        parameter = self._by_path[path]
        return any(dated.value != parameter.on(day).value for dated in parameter.dated if dated.since <= day)

    def recalibration_after(self, day: date) -> date:
        """The first recalibration strictly after the day (how-tiers-work#recalibration)."""
        found = self._recalibrations.get(day)
        if found is None:
            found = self._recalibrations[day] = self._recalibration_after(day)
        return found

    def _recalibration_after(self, day: date) -> date:
        days_of_year = sorted({month_day for rules in self._rules for month_day in rules.recalibration_days})
        candidates = (date(year, *month_day) for year in count(day.year) for month_day in days_of_year)
        return next(found for found in candidates if found > day and self._recalibrates(found))

    def _recalibrates(self, day: date) -> bool:
        return (day.month, day.day) in self.on(day).recalibration_days

    def _rules_from(self, day: date) -> Rules:
        begun = (parameter for parameter in self.parameters if parameter.has_begun(day))
        rules = rules_of(Snapshot({parameter.path: parameter.on(day).value for parameter in begun}))
        return replace(rules, line_names=self.catalogue.names_on(day))


def _rating(parameters: Iterable[Parameter], *, timeless: bool) -> list[Parameter]:
    """The parameters that the rating of credits depends on, with or without those whose day affects no credit."""
    kinds = ((parameter, kind_of(tuple(parameter.path.split(".")))) for parameter in parameters)
    return [each for each, kind in kinds if kind is not None and kind.rates and (timeless or not kind.timeless)]


def _rating_changes(parameters: Iterable[Parameter]) -> tuple[date, ...]:
    days = {day for parameter in _rating(parameters, timeless=False) for day, _ in parameter.changes()}
    return tuple(sorted(days - {date.min}))


def _rating_fingerprint(parameters: Iterable[Parameter]) -> str:
    facts = [(parameter.path, [*parameter.changes()]) for parameter in _rating(parameters, timeless=True)]
    return sha256(repr([fact for fact in facts if fact[1]]).encode()).hexdigest()


def _tier_names(rules: Sequence[Rules]) -> tuple[str, ...]:
    """The names of all tiers, the lowest first; one that is gone stands where it was among those that are left."""
    found: list[str] = []
    for version in reversed(rules):
        at = len(found)
        for tier in reversed(version.tiers):
            if tier.name in found:
                at = found.index(tier.name)
            else:
                found.insert(at, tier.name)
    return tuple(found)
