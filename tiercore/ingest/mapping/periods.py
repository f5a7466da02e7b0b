"""Whether a mapping divides an amount as its header says: annual amounts by 12, monthly ones not at all."""

import re
from collections.abc import Iterator

from tiercore.ingest.mapping.layout import Layout
from tiercore.ingest.mapping.mapping import FirstOf, Monthly, Recipe, Rule
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.problems import BadCell, Problem

_ANNUAL = re.compile(r"\b(?:arr|acv|p\. ?a\.|per annum|annual|anual|annu|year|jahr|jähr|jaar)")
_MONTHLY = re.compile(r"\b(?:mrr|month|monat|mensual|mensuel|mensal|mensil|maand)")


def odd_periods(rule: Rule, layout: Layout, origin: str) -> Iterator[Problem]:
    """A warning for each column whose header says another period than the rule takes its amounts for."""
    if "mrr" not in rule.cells:
        return
    for recipe in _amounts(rule.cells["mrr"]):
        name = _column(recipe, layout)
        annual, monthly = (form.search(plain(name)) is not None for form in (_ANNUAL, _MONTHLY))
        if annual and not monthly and recipe.months == 1:
            yield _odd(rule, name, origin, "sounds annual, and the mapping reads it as monthly", "arr")
        elif monthly and not annual and recipe.months == 12:
            yield _odd(rule, name, origin, "sounds monthly, and the mapping divides it by 12", "mrr")


def _amounts(recipe: Recipe) -> Iterator[Monthly]:
    if isinstance(recipe, Monthly):
        yield recipe
    for each in recipe.choices if isinstance(recipe, FirstOf) else ():
        yield from _amounts(each)


def _column(recipe: Monthly, layout: Layout) -> str:
    try:
        at = layout.find(recipe.amount)
    except BadCell:
        at = None
    return "" if at is None else layout.shown[at]


def _odd(rule: Rule, name: str, origin: str, message: str, key: str) -> Problem:
    remedy = f'write mrr = {{ {key} = "{name}" }}, unless the amounts are as the mapping says'
    return Problem(origin, rule.lines.get("mrr", 0), "", name, "odd period", message, remedy)
