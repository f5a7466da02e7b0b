"""What the values of a column look like: days, amounts, countries, currencies, product lines."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tiercore.ingest.codes import meant_by
from tiercore.ingest.mapping import values
from tiercore.ingest.mapping.monthly import months_in
from tiercore.ingest.mapping.synonyms import DEAL_TYPES, MOTIONS, STAGES, Meaning
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.problems import BadCell
from tiercore.program import Catalogue

_DAY = re.compile(
    r"\d{4}-\d{2}-\d{2}.*|\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}.*|\d{1,2}\.? [^\W\d]{3,}\.? \d{4}"
    r"|[^\W\d]{3,}\.? \d{1,2}, \d{4}|\d{12,13}|[34]\d{4}"
)
_AMOUNT = re.compile(r"[^\w\s]?\s*(?:[A-Z]{3}\s?)?\d[\d.,' ]*\s*(?:[A-Z]{3}|[^\w\s])?")
_ORDERED = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ]\d{4}")
_NUMBER = re.compile(r"[\d.,'\s]+")
_ALMOST_ALL = 0.9
_DAYS = {Meaning.SOLD_ON, Meaning.STARTS_ON, Meaning.ENDS_ON, Meaning.EFFECTIVE_ON, Meaning.RENEWS_ON}
_AMOUNTS = {Meaning.MRR, Meaning.ARR, Meaning.TCV, Meaning.AMOUNT}


@dataclass(frozen=True, slots=True)
class Shapes:
    """Tells what values look like; product lines are those of the catalogue."""

    catalogue: Catalogue

    def fits(self, meaning: Meaning, counts: Counter[str]) -> bool:
        """Whether nearly all values can be of that meaning. Any text can be a name or an id."""
        test = self._test(meaning)
        return test is None or share(counts, test) >= _ALMOST_ALL

    def alone(self, counts: Counter[str]) -> Meaning | None:
        """The meaning that the values have by themselves, whatever the header says; None if it takes a header."""
        telling = (Meaning.CURRENCY, Meaning.COUNTRY, Meaning.MOTION, Meaning.DEAL_TYPE, Meaning.STAGE, Meaning.PRODUCT)
        return next((each for each in telling if share(counts, self._telling(each)) >= _ALMOST_ALL), None)

    def _test(self, meaning: Meaning) -> Callable[[str], bool] | None:
        if meaning in _DAYS:
            return lambda text: _DAY.fullmatch(text) is not None
        if meaning in _AMOUNTS:
            return lambda text: _AMOUNT.fullmatch(text) is not None
        if meaning is Meaning.TERM:
            return lambda text: _reads(months_in, text)
        if meaning in (Meaning.COUNTRY, Meaning.CURRENCY):
            return self._telling(meaning)
        return None

    def _telling(self, meaning: Meaning) -> Callable[[str], bool]:
        words = {Meaning.MOTION: MOTIONS, Meaning.DEAL_TYPE: DEAL_TYPES, Meaning.STAGE: STAGES}
        if meaning in words:
            return lambda text: plain(text) in words[meaning]
        if meaning is Meaning.PRODUCT:
            return lambda text: self.catalogue.line_of(text).known
        read = values.currency if meaning is Meaning.CURRENCY else values.country
        return lambda text: _reads(read, text)


def share(counts: Counter[str], test: Callable[[str], bool]) -> float:
    """Which part of the values that aren't empty passes a test; 0 of none."""
    total = sum(count for text, count in counts.items() if text)
    return sum(count for text, count in counts.items() if text and test(text)) / total if total else 0.0


def currency_beside(amounts: Iterable[str]) -> str | None:
    """The one currency that a sign or code beside each amount means; None if one has none, or they don't agree."""
    meant = [meant_by(_NUMBER.sub("", text)) for text in amounts if text]
    codes = frozenset[str]().union(*meant) if all(meant) else frozenset()
    return next(iter(codes)) if len(codes) == 1 else None


def order_of_days(columns: Sequence[Counter[str]]) -> str | None:
    """ "day-first" or "month-first" if a day says so, "" if no day needs it, None if that can't be told."""
    found = [each for counts in columns for text in counts if (each := _ORDERED.match(text))]
    if not found:
        return ""
    day_first = any(int(each[1]) > 12 for each in found)
    month_first = any(int(each[2]) > 12 for each in found)
    if day_first is month_first:
        return None
    return "day-first" if day_first else "month-first"


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except BadCell:
        return False
    return True
