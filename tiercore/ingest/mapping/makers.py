"""From recipes to functions over a row of theirs, each distinct text converted once."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from tiercore.ingest.day_forms import DateOrder, iso_day
from tiercore.ingest.fields import Memo
from tiercore.ingest.files import FORMATS, Kind
from tiercore.ingest.files import Column as OurColumn
from tiercore.ingest.mapping import values
from tiercore.ingest.mapping.derived_ids import DerivedIds
from tiercore.ingest.mapping.layout import Layout
from tiercore.ingest.mapping.mapping import Column, Constant, DerivedId, FirstOf, Monthly, Names, Recipe, Rule, names_in
from tiercore.ingest.mapping.monthly import is_zero, months_in, per_month
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.plain_numbers import DecimalMark, plain_number
from tiercore.ingest.problems import BadCell

Row = list[str]
Make = Callable[[Row], str]
_WITH_WORDS = {Kind.COUNTRY, Kind.CURRENCY, Kind.DEAL_TYPE, Kind.MOTION, Kind.ROLE}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes one cell of ours from a row of theirs: `make` raises BadCell. `at` are the columns that it reads."""

    make: Make
    at: tuple[int, ...] = ()


class NoColumn(Exception):
    """A mapping reads a column that the header lacks, or has twice; `line` is that of the TOML.

    With `setting`, the name of one that would do in its place.
    """

    def __init__(self, names: Names, bad: BadCell, line: int = 0, setting: str = "") -> None:
        super().__init__(bad.message)
        self.names, self.bad, self.line, self.setting = names, bad, line, setting


def place_of(layout: Layout, names: Names, line: int = 0) -> int:
    """The place of the first of the candidates that there is. Raises NoColumn."""
    try:
        at = layout.find(names)
    except BadCell as bad:
        raise NoColumn(names, bad, line) from None
    if at is None:
        raise NoColumn(names, layout.missing(names), line)
    return at


@dataclass(slots=True)
class Makers:
    """Makes the makers of one rule over one layout.

    `ids` are the ids derived so far by our column. `rounded` counts the amounts of which a part of a cent was rounded,
    by table. `decimal` is the decimal mark that was said of amounts, `dates` the order of days and months. `missing`
    are the columns that the header lacks.
    """

    layout: Layout
    ids: Mapping[str, DerivedIds]
    rounded: Counter[str]
    decimal: DecimalMark | None = None
    dates: DateOrder | None = None
    missing: list[NoColumn] = field(default_factory=list)
    _of_days: set[int] = field(default_factory=set)

    def all(self, rule: Rule) -> dict[str, Maker]:
        """A maker for each of our columns whose own columns are there; the others are `missing`."""
        made: dict[str, Maker] = {}
        self._of_days = set(self._columns_of_days(rule))
        for column in sorted(FORMATS[rule.file].columns, key=lambda column: column.kind is Kind.AMOUNT):
            if column.name in rule.cells:
                try:
                    made[column.name] = self._of(rule.cells[column.name], column, made.get("currency"))
                except NoColumn as no_column:
                    no_column.line = rule.lines.get(column.name, 0)
                    self.missing.append(no_column)
        return made

    def _of(self, recipe: Recipe, ours: OurColumn, currency: Maker | None) -> Maker:
        match recipe:
            case Constant(unset=setting) if setting:
                return Maker(lambda row: _not_set(setting))
            case Constant(text=text):
                return Maker(lambda row: text)
            case Column():
                return self._column(recipe, ours)
            case DerivedId():
                return self._id(recipe, ours)
            case Monthly():
                return self._monthly(recipe, currency)
            case FirstOf():
                return self._first(recipe, ours, currency)

    def _column(self, recipe: Column, ours: OurColumn) -> Maker:
        at = place_of(self.layout, recipe.names)
        convert = values.converter(ours.kind, since_1904=self.layout.since_1904)
        if recipe.values is not None:
            convert = _translation(recipe, convert if ours.kind in _WITH_WORDS else None)
        if ours.kind is Kind.ID and recipe.values is None:
            return Maker(lambda row: values.one_id(text) if ";" in (text := row[at].strip()) else text, (at,))
        if convert is None:
            return Maker(lambda row: row[at].strip(), (at,))
        memo = Memo(_of_text(convert, recipe.values or {}))
        return Maker(lambda row: memo[row[at]], (at,))

    def _id(self, recipe: DerivedId, ours: OurColumn) -> Maker:
        at = tuple(place_of(self.layout, names) for names in recipe.parts)
        ids, prefix = self.ids[ours.name], recipe.prefix
        if len(at) == 1:
            memo = Memo(lambda text: ids.of([text], prefix))
            return Maker(lambda row: memo[row[at[0]]], at)
        days = {place for place, each in enumerate(at) if each in self._of_days}

        def make(parts: Sequence[str]) -> str:
            said = [self._as_day(text) if place in days else text for place, text in enumerate(parts)]
            return ids.of(said, prefix)

        texts, memo = itemgetter(*at), Memo(make)
        return Maker(lambda row: memo[texts(row)], at)

    def _columns_of_days(self, rule: Rule) -> Iterator[int]:
        """The places of the columns that a rule takes for days."""
        for column in FORMATS[rule.file].columns:
            if column.kind is Kind.DATE and column.name in rule.cells:
                for names in names_in(rule.cells[column.name]):
                    with suppress(BadCell):
                        yield from self.layout.find_all(names)

    def _as_day(self, text: str) -> str:
        """The day in one form, however the export writes it; a text that is no day as it is."""
        return iso_day(text.strip(), self.dates, since_1904=self.layout.since_1904) or text

    def _first(self, recipe: FirstOf, ours: OurColumn, currency: Maker | None) -> Maker:
        """The first choice that isn't empty, of those whose columns there are. Raises NoColumn if there is none."""
        choices, missing = list[Maker](), list[NoColumn]()
        for each in recipe.choices:
            if isinstance(each, Constant) and each.unset and not choices and missing:
                names = missing[0].names
                raise NoColumn(names, self.layout.missing(names, each.unset), setting=each.unset)
            try:
                choices.append(self._of(each, ours, currency))
            except NoColumn as no_column:
                if no_column.bad.kind == "column twice":
                    raise
                missing.append(no_column)
        if not choices:
            raise missing[0]
        makes = [choice.make for choice in choices]

        def first(row: Row) -> str:
            for make in makes:
                if text := make(row):
                    return text
            return ""

        return Maker(first, tuple(dict.fromkeys(at for choice in choices for at in choice.at)))

    def _monthly(self, recipe: Monthly, currency: Maker | None) -> Maker:
        at = place_of(self.layout, recipe.amount)
        zero_is_missing = recipe.zero_is_missing
        if recipe.months == 1 and not recipe.times:
            if not zero_is_missing:
                return Maker(lambda row: row[at].strip(), (at,))
            memo = Memo(lambda text: "" if is_zero(text) else text.strip())
            return Maker(lambda row: memo[row[at]], (at,))
        return self._computed(recipe, at, currency or Maker(lambda row: ""))

    def _computed(self, recipe: Monthly, at: int, currency: Maker) -> Maker:
        times = place_of(self.layout, recipe.times) if recipe.times else None
        terms = () if isinstance(recipe.months, int) else self._all_at(recipe.months)
        fixed = recipe.months if isinstance(recipe.months, int) else 0
        of_currency, rounded, zero_is_missing = currency.make, self.rounded, recipe.zero_is_missing
        decimal = self.decimal

        def compute(texts: tuple[str, str, str, str]) -> tuple[str, bool]:
            amount, factor, term, code = texts[0].strip(), texts[1].strip(), texts[2].strip(), texts[3]
            if not amount or (zero_is_missing and is_zero(amount)):
                return "", False
            if times is not None and not factor:
                raise BadCell("missing value", "has no quantity", "give the quantity")
            money, inexact = per_month(amount, factor, fixed or months_in(term), code, decimal)
            text = money.as_decimal()  # which is read as it is unless a decimal comma was said
            return plain_number(text) if decimal is DecimalMark.COMMA else text, inexact

        memo = Memo(compute)

        def monthly(row: Row) -> str:
            text: str
            text, inexact = memo[row[at], "", "", of_currency(row)]
            if inexact:
                rounded[self.layout.table] += 1
            return text

        def by_columns(row: Row) -> str:
            text: str
            factor = "" if times is None else row[times]
            term = next(filter(str.strip, (row[each] for each in terms)), "") if terms else ""
            text, inexact = memo[row[at], factor, term, of_currency(row)]
            if inexact:
                rounded[self.layout.table] += 1
            return text

        make = by_columns if terms or times is not None else monthly
        return Maker(make, tuple(dict.fromkeys((at, *(() if times is None else (times,)), *terms))))

    def _all_at(self, names: Names) -> tuple[int, ...]:
        place_of(self.layout, names)
        return tuple(self.layout.find_all(names))


def _not_set(setting: str) -> str:
    raise BadCell("missing value", "is empty", f"give it in the export, or for all such rows with --set {setting}=…")


def _translation(recipe: Column, convert: values.Convert | None) -> values.Convert:
    """What translates a text by the mapping's values; our own words need none."""
    translated = recipe.values or {}

    def translate(text: str) -> str:
        if (found := translated.get(plain(text))) is not None:
            return found
        if recipe.keeps_others:
            return text
        if convert:
            return convert(text)
        raise values.Untranslated(text)

    return translate


def _of_text(convert: values.Convert, translated: Mapping[str, str]) -> Callable[[Any], str]:
    """The conversion of a cell: an empty one stays empty unless the mapping translates it."""
    return lambda raw: convert(text) if (text := raw.strip()) or "" in translated else ""
