"""The same message on every surface: modals and old clients can't show native charts and tables (slack#blocks)."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.chart import Chart
from handlers.views.parts.formats import hundredth_points

CHART, TABLE, PLAIN_TABLE = "data_visualization", "data_table", "table"
TABLES = frozenset({TABLE, PLAIN_TABLE})
NATIVES = TABLES | {CHART}
_NOTHING = "–"
_SHORT = 40  # characters of a cell that fits on a line with others
MAX_BLOCKS_IN_MESSAGE = 50
MAX_BLOCKS_IN_VIEW = 100
_TITLE_LIMIT = 24


def native_kinds(message: Message) -> frozenset[str]:
    """The kinds of native blocks that the message needs."""
    return NATIVES.intersection(block["type"] for block in message.blocks)


def without(message: Message, rejected: Collection[str], pictures: Sequence[str | None], limit: int) -> list[Block]:
    """The message's blocks, at most `limit`, with `rejected` kinds replaced: a chart by a picture or by its numbers.

    `pictures` has the file id of each chart's picture, None where there is none.
    """
    charts = iter(zip(message.charts, pictures, strict=True))
    found: list[Block] = []
    for block in message.blocks:
        if block["type"] == CHART:
            chart, file_id = next(charts)
            found += [_picture(chart, file_id)] if CHART in rejected and file_id else []
            found += [numbers(chart)] if CHART in rejected and not file_id else []
            found += [] if CHART in rejected else [block]
        elif block["type"] == TABLE and TABLE in rejected:
            found += _sections(block)
        elif block["type"] == PLAIN_TABLE and PLAIN_TABLE in rejected:
            found.append(_bullets(block))
        else:
            found.append(block)
    return _within(found, limit)


def without_natives(message: Message) -> list[Block]:
    """The blocks of a message without native ones: numbers for charts, sections for tables."""
    return without(message, NATIVES, [None for _ in message.charts], MAX_BLOCKS_IN_MESSAGE)


def _within(found: list[Block], limit: int) -> list[Block]:
    """The blocks, without a table's last rows where there are too many; the controls and the footing always stay."""
    if len(found) <= limit:
        return found
    tail = 2
    note = blocks.context(f"{len(found) - limit + 1} more: see the next page, or sort by something else")
    return [*found[: limit - tail - 1], note, *found[-tail:]]


def _picture(chart: Chart, file_id: str) -> Block:
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": blocks.clip(described(chart), 2000)}


def described(chart: Chart) -> str:
    """The chart in a sentence, for people who can't see it."""
    if chart.kind == "bar":
        values = zip(chart.categories, chart.series[0].values, strict=True)
        return f"{chart.title}: {', '.join(f'{label} {hundredth_points(each)}' for label, each in values)}"
    last = len(chart.categories) - 1
    parts = [
        f"{each.name} {hundredth_points(each.values[0])} to {hundredth_points(each.values[last])}"
        for each in chart.series
    ]
    return f"{chart.title}, {chart.categories[0]} to {chart.categories[last]}: {'; '.join(parts)}"


def numbers(chart: Chart) -> Block:
    """The chart as a table of numbers in aligned columns."""
    heads = ["", *(blocks.clip(each.name, 18) for each in chart.series)]
    rows = [heads]
    for at, category in enumerate(chart.categories):
        rows.append([category, *(hundredth_points(each.values[at]) for each in chart.series)])
    widths = [max(len(row[at]) for row in rows) for at in range(len(heads))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    text = blocks.span("\n".join(lines))
    return blocks.rich({"type": "rich_text_preformatted", "elements": [text]})


def _sections(table: Block) -> Iterator[Block]:
    """A table's rows as sections: the first cell, long cells on lines of their own, short ones after their
    headings, and the row's button.
    """
    head, *rows = table["rows"]
    for row in rows:
        yield _section([cell["text"] for cell in head], row)


def _bullets(table: Block) -> Block:
    """A table's rows as a list: the first cell, then each other one that says something, after its heading."""
    head, *rows = ([blocks.cell_text(cell) for cell in row] for row in table["rows"])
    return blocks.rich(blocks.bullets(_bullet(head, row) for row in rows))


def _bullet(heads: Sequence[str], row: Sequence[str]) -> Block:
    cells = [f" · {head}: {text}" for head, text in zip(heads[1:], row[1:], strict=True) if text != _NOTHING]
    return blocks.line(blocks.bold(row[0]), *map(blocks.span, cells))


def _section(heads: Sequence[str], row: Sequence[dict[str, Any]]) -> Block:
    texts = [
        (head, cell["text"])
        for head, cell in zip(heads[1:], row[1:], strict=True)
        if cell["type"] != "action_cell" and cell["text"] != _NOTHING
    ]
    short = " · ".join(f"{head}: {text}" for head, text in texts if len(text) <= _SHORT)
    lines = [row[0]["text"], *(text for _, text in texts if len(text) > _SHORT), *filter(None, [short])]
    found: Block = {"type": "section", "text": blocks.plain("\n".join(lines))}
    buttons = [cell["element"] for cell in row if cell["type"] == "action_cell"]
    return {**found, "accessory": buttons[0]} if buttons else found


def modal(title: str, found: list[Block]) -> dict[str, Any]:
    """A modal to read, with nothing to submit."""
    return {
        "type": "modal",
        "title": blocks.plain(title, _TITLE_LIMIT),
        "close": blocks.plain("Close"),
        "blocks": found,
    }


def skeleton(title: str) -> dict[str, Any]:
    """The modal shown until its answer is ready, because Slack's trigger expires after three seconds."""
    return modal(title, [blocks.context("⏳ One moment …")])
