"""Reading how one cell of ours is made: text, a list, or a table such as { tcv = "Amount", months = "Term" }."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tiercore.facts.entries import DealType, Motion, Role
from tiercore.ingest.cells import parse_country, parse_currency, parse_word
from tiercore.ingest.files import Column as OurColumn
from tiercore.ingest.files import Kind
from tiercore.ingest.mapping.mapping import Column, Constant, DerivedId, FirstOf, Monthly, Names, Recipe
from tiercore.ingest.mapping.mistakes import Mistakes
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.mapping.toml_lines import Path
from tiercore.ingest.problems import BadCell

_WORDS: dict[Kind, Callable[[str], Any]] = {
    Kind.DEAL_TYPE: lambda text: parse_word(text, DealType, "deal type"),
    Kind.MOTION: lambda text: parse_word(text, Motion, "motion"),
    Kind.ROLE: lambda text: parse_word(text, Role, "role"),
    Kind.COUNTRY: parse_country,
    Kind.CURRENCY: parse_currency,
}
_MONTHS = {"mrr": 1, "arr": 12}
_AMOUNTS = ("mrr", "arr", "tcv", "amount")
_KEYS = {
    "column": ("values", "others"),
    "value": (),
    "setting": (),
    "id_from": ("prefix",),
    "mrr": ("times", "zero"),
    "arr": ("times", "zero"),
    "tcv": ("months", "times", "zero"),
    "amount": ("months", "times", "zero"),
}


@dataclass(frozen=True, slots=True)
class RecipeReader:
    """Reads the recipes of a mapping; `settings` are the values given for its [settings]."""

    mistakes: Mistakes
    settings: Mapping[str, str]

    def read(self, path: Path, value: Any, ours: OurColumn) -> Recipe:
        """The recipe of one of our columns. What is wrong is added to the mistakes."""
        if isinstance(value, str | list):
            value = {"column": value}
        table = self.mistakes.table(path, value)
        chosen = [key for key in _KEYS if key in table]
        if len(chosen) != 1:
            message = f"says {' and '.join(chosen)}" if chosen else "doesn't say where the value comes from"
            self.mistakes.add(path, message, f"give one of {', '.join(_KEYS)}")
            return Constant("")
        key = chosen[0]
        self.mistakes.unknown_keys(path, table, (key, *_KEYS[key], "else"))
        if (key in _AMOUNTS) and ours.kind is not Kind.AMOUNT:
            self.mistakes.add(path, f"{ours.name} is not an amount", f"{key} is for mrr; write column in its place")
        recipe = self._of(key, path, table, ours)
        if "else" not in table:
            return recipe
        other = self.read((*path, "else"), table["else"], ours)
        return FirstOf((recipe, *(other.choices if isinstance(other, FirstOf) else (other,))))

    def _of(self, key: str, path: Path, table: Mapping[str, Any], ours: OurColumn) -> Recipe:
        match key:
            case "column":
                return self._column(path, table, ours)
            case "value":
                text = self.mistakes.text((*path, key), table[key])
                return Constant(self._ours((*path, key), text, ours))
            case "setting":
                return self._setting((*path, key), table[key], ours)
            case "id_from":
                return self._id(path, table)
            case _:
                return self._monthly(key, path, table)

    def _column(self, path: Path, table: Mapping[str, Any], ours: OurColumn) -> Recipe:
        names = self.mistakes.texts((*path, "column"), table["column"])
        if ours.kind is Kind.AMOUNT and "values" not in table:
            return Monthly(names)
        others = self.mistakes.one_of((*path, "others"), table["others"], ("keep",)) if "others" in table else ""
        if "values" not in table:
            return Column(names)
        values = self.mistakes.table((*path, "values"), table["values"])
        translated: dict[str, str] = {}
        for theirs, text in values.items():
            at = (*path, "values", theirs)
            translated[plain(theirs)] = self._ours(at, self.mistakes.text(at, text), ours)
        return Column(names, translated, others == "keep")

    def _ours(self, path: Path, text: str, ours: OurColumn) -> str:
        """A text of the mapping that is to stand in our column, which must be one of our words where we have some."""
        parse = _WORDS.get(ours.kind)
        if parse and text:
            try:
                return str(parse(text))
            except BadCell as bad:
                self.mistakes.add(path, bad.message, bad.remedy, text)
        return text

    def _setting(self, path: Path, name: Any, ours: OurColumn) -> Constant:
        """What --set gives; where it comes after an else, only rows that need it lack it."""
        if not self.mistakes.one_of(path, name, tuple(self.settings) or ("the keys of [settings]",)):
            return Constant("")
        if text := self.settings[name]:
            return Constant(self._ours(path, text, ours))
        if "else" not in path:
            self.mistakes.add(path, "is not set", f"give it with --set {name}=…", name)
        return Constant("", unset=name)

    def _id(self, path: Path, table: Mapping[str, Any]) -> Recipe:
        value = table["id_from"]
        parts = value if isinstance(value, list) and value else [value]
        names = tuple(self.mistakes.texts((*path, "id_from"), part) for part in parts)
        return DerivedId(names, self.mistakes.text((*path, "prefix"), table.get("prefix", "")))

    def _monthly(self, key: str, path: Path, table: Mapping[str, Any]) -> Recipe:
        zero = self.mistakes.one_of((*path, "zero"), table["zero"], ("missing",)) if "zero" in table else ""
        times: Names = self.mistakes.texts((*path, "times"), table["times"]) if "times" in table else ()
        amount = self.mistakes.texts((*path, key), table[key])
        return Monthly(amount, times, self._months(key, path, table), zero == "missing")

    def _months(self, key: str, path: Path, table: Mapping[str, Any]) -> int | Names:
        value = table.get("months", _MONTHS.get(key))
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        if value is None or isinstance(value, int | float):
            self.mistakes.add(
                path, f"{key} needs its months", 'give months = 12, or the column with the term: months = "Term"'
            )
            return 1
        return self.mistakes.texts((*path, "months"), value)
