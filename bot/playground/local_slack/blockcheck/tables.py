"""The two table blocks, `table` and `data_table`: rows, columns, cells, and the limits of their text."""

from collections.abc import Iterator
from typing import Any

from bot.playground.local_slack.blockcheck.checks import (
    Check,
    boolean,
    every,
    integer,
    items,
    number,
    one_of,
    rule,
    shape,
    string,
    typed,
    wrong,
)
from bot.playground.local_slack.blockcheck.elements import BUTTON
from bot.playground.local_slack.blockcheck.objects import BLOCK_ID
from bot.playground.local_slack.blockcheck.richtext import RICH_TEXT

MAX_COLUMNS = 20
MAX_TABLE_ROWS = 100
MAX_DATA_TABLE_ROWS = 201
MAX_DATA_TABLE_CHARACTERS = 20_000

_RAW_TEXT = shape({"text": string()}, {"emoji": boolean})
_RAW_NUMBER = shape({"value": number, "text": string()})
_CELLS: dict[str, Check] = {"raw_text": _RAW_TEXT, "raw_number": _RAW_NUMBER, "rich_text": RICH_TEXT}
_CELL = typed(_CELLS)
_ACTION_CELL = shape({"element": typed({"button": BUTTON})}, {"fallback": _CELL})
_HEADER_CELL = typed({"raw_text": _RAW_TEXT, "raw_number": _RAW_NUMBER})
_DATA_CELL = typed({**_CELLS, "action_cell": _ACTION_CELL})


def _column_setting(value: Any, pointer: str) -> Iterator[str]:
    if value is not None:
        yield from shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})(value, pointer)


TABLE = shape(
    {"rows": items(items(_CELL, minimum=1, maximum=MAX_COLUMNS), minimum=1, maximum=MAX_TABLE_ROWS)},
    {"column_settings": items(_column_setting, maximum=MAX_COLUMNS), "block_id": BLOCK_ID},
)


def _data_rows(value: Any, pointer: str) -> Iterator[str]:
    """The first row is the header."""
    yield from items(_no_rule, minimum=2, maximum=MAX_DATA_TABLE_ROWS)(value, pointer)
    for index, row in enumerate(value if isinstance(value, list) else ()):
        cell = _DATA_CELL if index else _HEADER_CELL
        yield from items(cell, minimum=1, maximum=MAX_COLUMNS)(row, f"{pointer}/{index}")


def _no_rule(_value: Any, _pointer: str) -> Iterator[str]:
    return iter(())


def _same_length(value: Any, pointer: str) -> Iterator[str]:
    rows = value.get("rows") if isinstance(value, dict) else None
    if isinstance(rows, list) and len({len(row) for row in rows if isinstance(row, list)}) > 1:
        yield wrong("all rows must have the same number of cells", f"{pointer}/rows")


DATA_TABLE = every(
    shape(
        {"caption": string(), "rows": _data_rows},
        {"page_size": integer(1, 100), "row_header_column_index": integer(0), "block_id": BLOCK_ID},
    ),
    _same_length,
    rule(lambda fields: fields.get("row_header_column_index", 0) < len(fields["rows"][0]), "no such row header column"),
)


def characters(rows: Any) -> int:
    """The number of characters of text in a table's rows, at any depth."""
    remaining, total = [rows], 0
    while remaining:
        value = remaining.pop()
        if isinstance(value, list):
            remaining += value
        elif isinstance(value, dict):
            total += len(value["text"]) if isinstance(value.get("text"), str) else 0
            remaining += value.values()
    return total
