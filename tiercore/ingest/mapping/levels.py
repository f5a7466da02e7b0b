"""Subscription levels out of rows that say what each adds: running totals of a line (data#writing-a-mapping)."""

from collections import defaultdict
from collections.abc import Mapping
from itertools import groupby

from tiercore.facts.money import Money
from tiercore.ingest.amounts import parse_amount
from tiercore.ingest.day_forms import iso_day
from tiercore.ingest.mapping.mapping import ExportMapping
from tiercore.ingest.plain_numbers import DecimalMark, plain_number
from tiercore.ingest.problems import BadCell
from tiercore.ingest.tables import Cells
from tiercore.program import Catalogue

_Row = tuple[int, dict[str, str]]
_Line = tuple[str, str, str]


def running_totals(
    header: tuple[str, ...], lines: Mapping[int, Cells], catalogue: Catalogue, mapping: ExportMapping
) -> dict[int, Cells]:
    """A level for each client, line and day: the sum of what was added up to that day, in the name used last.

    Editions of one line add up. A row whose amount or day can't be read stays as it is; the import says what is wrong.
    Raises BadCell for a line in two currencies.
    """
    totals: dict[int, Cells] = {}
    by_line: dict[_Line, list[_Row]] = defaultdict(list)
    for number, cells in lines.items():
        row = dict(zip(header, cells, strict=True))
        day = iso_day(row["effective_on"], mapping.dates)
        if _amount(row, mapping.decimal) is None or day is None:
            totals[number] = cells
        else:
            by_line[row["client_id"], catalogue.line_of(row["product_line"]).hub, row.get("account", "")].append(
                (number, row | {"effective_on": day})
            )
    for rows in by_line.values():
        totals |= _of_line(header, sorted(rows, key=lambda each: each[1]["effective_on"]), mapping.decimal)
    return totals


def _of_line(header: tuple[str, ...], rows: list[_Row], decimal: DecimalMark | None) -> dict[int, Cells]:
    found: dict[int, Cells] = {}
    total = Money(0, rows[0][1]["currency"])
    for _, same_day in groupby(rows, key=lambda each: each[1]["effective_on"]):
        for number, row in same_day:
            added = _amount(row, decimal)
            if added is None or added.currency != total.currency:
                raise _two_currencies(number, row, total)
            total += added
        found[number] = [{**row, "mrr": plain_number(total.as_decimal())}[name] for name in header]
    return found


class TwoCurrencies(BadCell):
    """A line whose rows can't be added up; `number` is the row at fault."""

    def __init__(self, number: int, currency: str, before: str) -> None:
        message = f"is another currency than {before}, in which the line's rows before it are: they can't be added up"
        super().__init__("two currencies", message, "give the line's rows in one currency")
        self.number, self.currency = number, currency


def _two_currencies(number: int, row: Mapping[str, str], total: Money) -> TwoCurrencies:
    return TwoCurrencies(number, row["currency"], total.currency)


def _amount(row: Mapping[str, str], decimal: DecimalMark | None) -> Money | None:
    try:
        return parse_amount(row["mrr"], row["currency"], decimal)
    except BadCell:
        return None
