"""The same message on every surface: windows and old clients can't show native charts and tables (slack#blocks)."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.chart import Chart
from handlers.views.parts.formats import hundredth_points

CHART, TABLE = "data_visualization", "data_table"
NATIVES = frozenset({CHART, TABLE})
MOST_IN_A_MESSAGE = 50
MOST_IN_A_VIEW = 100
_TITLE_LIMIT = 24


def native_kinds(message: Message) -> frozenset[str]:
    """The kinds of native blocks that the message needs."""
    return NATIVES.intersection(block["type"] for block in message.blocks)


def without(message: Message, refused: Collection[str], pictures: Sequence[str | None], most: int) -> list[Block]:
    """The blocks with other means where `refused` kinds stood: a chart's picture by its file id, or its numbers.

    `pictures` has an entry for each chart of the message, None where there is no picture. At most `most` blocks.
    """
    charts = iter(zip(message.charts, pictures, strict=True))
    found: list[Block] = []
    for block in message.blocks:
        if block["type"] == CHART:
            chart, file_id = next(charts)
            found += [_picture(chart, file_id)] if CHART in refused and file_id else []
            found += [numbers(chart)] if CHART in refused and not file_id else []
            found += [] if CHART in refused else [block]
        elif block["type"] == TABLE and TABLE in refused:
            found += _sections(block)
        else:
            found.append(block)
    return _within(found, most)


def _within(found: list[Block], most: int) -> list[Block]:
    """The blocks, the last of the tables' rows left out where there are too many; what stands last stays."""
    if len(found) <= most:
        return found
    kept = 3
    told = blocks.context([f"{len(found) - most + 1} more: see the next page, or sort by something else"])
    return [*found[: most - kept - 1], told, *found[-kept:]]


def _picture(chart: Chart, file_id: str) -> Block:
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": blocks.clip(described(chart), 2000)}


def described(chart: Chart) -> str:
    """The chart's numbers in a sentence, for those who can't see it."""
    last = len(chart.categories) - 1
    parts = [
        f"{each.name} {hundredth_points(each.values[0])} to {hundredth_points(each.values[last])}"
        for each in chart.series
    ]
    return f"{chart.title}, {chart.categories[0]} to {chart.categories[last]}: {'; '.join(parts)}"


def numbers(chart: Chart) -> Block:
    """The chart as a table of figures in even columns."""
    heads = ["", *(blocks.clip(each.name, 18) for each in chart.series)]
    rows = [heads]
    for at, category in enumerate(chart.categories):
        rows.append([category, *(hundredth_points(each.values[at]) for each in chart.series)])
    widths = [max(len(row[at]) for row in rows) for at in range(len(heads))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    text = blocks.span("\n".join(lines))
    return blocks.rich({"type": "rich_text_preformatted", "elements": [text]})


def _sections(table: Block) -> Iterator[Block]:
    """A table's rows as sections: the first cell, then every other with its head, and the row's button beside it."""
    head, *rows = table["rows"]
    for row in rows:
        yield _section([cell["text"] for cell in head], row)


def _section(heads: Sequence[str], row: Sequence[dict[str, Any]]) -> Block:
    said = [
        f"{head} {cell['text']}" for head, cell in zip(heads[1:], row[1:], strict=True) if cell["type"] != "action_cell"
    ]
    found: Block = {"type": "section", "text": blocks.plain(f"{row[0]['text']}\n{' · '.join(said)}")}
    buttons = [cell["element"] for cell in row if cell["type"] == "action_cell"]
    return {**found, "accessory": buttons[0]} if buttons else found


def modal(title: str, found: list[Block]) -> dict[str, Any]:
    """A window to look at, with nothing to submit."""
    return {
        "type": "modal",
        "title": blocks.plain(title, _TITLE_LIMIT),
        "close": blocks.plain("Close"),
        "blocks": found,
    }


def skeleton(title: str) -> dict[str, Any]:
    """What a window shows while its answer is made: the trigger must be used at once."""
    return modal(title, [blocks.context(["⏳ One moment …"])])
