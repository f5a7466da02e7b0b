"""Rules that are not set on a day, as a table to fill in, and values of the operator's table that have ended."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tiercore.facts.unknown import NotConfigured, Unknown
from tiercore.program.parameter import Dated, Parameter
from tiercore.program.program import Program
from tiercore.program.rules import Rules
from tiercore.program.schema import kind_of

_PLACEHOLDER = '{ value = "not set" }'
_REPLACED_BY = {"sold_minimum": "sourced_minimum"}  # how-tiers-work: since 15 July 2025


@dataclass(frozen=True, slots=True)
class Unset:
    """A rule that no table sets on a day: its dotted path, its unit, and the day since which it is missing.

    Without a rule that `decides`, no tier can be judged; without another, answers lack a single line.
    """

    path: str
    unit: str
    since: date
    decides: bool

    @property
    def line(self) -> str:
        """The rule on one line of TOML, its value left open: "thresholds.gold.combined.2025-07-15 = { value = … }"."""
        return f"{self.path}.{self.since} = {{ value = … }}"


@dataclass(frozen=True, slots=True)
class Ended:
    """A value of the operator's table that no longer applies: the shipped rules end it on the day `on`.

    `replaced_by` is the rule required in its place, None if the same rule needs a new value.
    """

    path: str
    value: str
    on: date
    replaced_by: str | None

    def __str__(self) -> str:
        if self.replaced_by:
            needs = f"{self.replaced_by.rpartition('.')[2]} replaces it and is not set: add [{self.replaced_by}]"
        else:
            needs = f"what holds from then on is not public: add a value dated {self.on} or later"
        return f"your {self.path} ({self.value}) ended on {self.on}: {needs}"


def unset_rules(program: Program, day: date) -> tuple[Unset, ...]:
    """The rules that are needed on the day but not set, those that decide first.

    A rule that first appears on a later day is not missing: it didn't exist yet.
    """
    rules = program.on(day)
    general = (each.path for each in program.parameters if _is_general(each) and each.on(day).since > date.min)
    needed = (path for path in general if rules.deal_based or not path.startswith("deal_based."))
    paths = dict.fromkeys([*_tier_paths(rules), *needed])
    unset = [_unset(program, path, day) for path in paths]
    return tuple(sorted((each for each in unset if each), key=lambda each: not each.decides))


def ended_values(program: Program, day: date) -> tuple[Ended, ...]:
    """Values of the operator's table that have ended by the day and leave it without one."""
    missing = {each.path for each in unset_rules(program, day)}
    return tuple(found for each in program.parameters if (found := _ended(each, day, missing)))


def template(program: Program, day: date) -> str:
    """A TOML table of every rule that is not set on the day, commented out.

    It is valid as it is, with any of its rules uncommented, and with numbers in place of "not set".
    """
    missing = unset_rules(program, day)
    return (
        "\n".join([*_head(day, any_missing=bool(missing)), *(line for each in missing for line in _entry(each))]) + "\n"
    )


def _head(day: date, *, any_missing: bool) -> Iterator[str]:
    yield f"# What tierbot's rules do not say on {day}: numbers that are not public."
    if not any_missing:
        yield "# Nothing: every rule of that day is set."
        return
    yield "# For each that you know, take the # away from its two lines and put the value in place of"
    yield '# "not set", like { value = 300 }. Then set TIERBOT_PROGRAM to this file: tierbot rules shows'
    yield "# what holds."
    yield ""
    yield '# label = "Thresholds of the partner portal, read on 3 August"   # optional; shown with every answer'


def _entry(rule: Unset) -> Iterator[str]:
    yield ""
    yield f"# [{rule.path}]   # in {rule.unit}"
    yield f"# {rule.since} = {_PLACEHOLDER}"


def _tier_paths(rules: Rules) -> Iterator[str]:
    """The paths of the requirements that the day's model has for its tiers."""
    for tier in rules.tiers:
        below = f"thresholds.{tier.name}"
        if rules.model == "dollars":
            yield from (f"{below}.sold_dollars", f"{below}.managed_dollars")
        else:
            yield from (f"{below}.combined", *(f"{below}.{minimum.source}_minimum" for minimum in tier.minimums))
        if tier.retention_above is not None:
            yield f"retention.{tier.name}"


def _is_general(parameter: Parameter) -> bool:
    return parameter.path.partition(".")[0] not in ("thresholds", "retention", "tiers")


def _unset(program: Program, path: str, day: date) -> Unset | None:
    dated = program.provenance(path, day)
    kind = kind_of(tuple(path.split(".")))
    if kind is None or not isinstance(dated.value, Unknown):
        return None
    since = day if dated.since == date.min else dated.since
    return Unset(path, kind.unit.format(name=path.rpartition(".")[2]), since, path.startswith("thresholds."))


def _ended(parameter: Parameter, day: date, missing: set[str]) -> Ended | None:
    own = [each for each in parameter.dated if each.overlay and each.since <= day]
    if not own or isinstance(own[-1].value, NotConfigured) or parameter.on(day) == own[-1]:
        return None
    ends = _next(parameter, own[-1])
    if ends is None or not isinstance(ends.value, NotConfigured):
        return None
    if parameter.path in missing:
        return Ended(parameter.path, f"{own[-1].text} {parameter.unit}", ends.since, None)
    above, _, name = parameter.path.rpartition(".")
    replacement = f"{above}.{_REPLACED_BY.get(name, '')}"
    if replacement not in missing:
        return None
    return Ended(parameter.path, f"{own[-1].text} {parameter.unit}", ends.since, replacement)


def _next(parameter: Parameter, dated: Dated) -> Dated | None:
    """The parameter's next value after `dated`."""
    return next((each for each in parameter.dated if each.since > dated.since), None)
