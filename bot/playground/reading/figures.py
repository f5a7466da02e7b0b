"""Tables and charts in characters."""

from collections.abc import Sequence
from typing import Any, Literal

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.playground.reading.words import clean, spans

Json = dict[str, Any]
Align = Literal["left", "center", "right"]
_BAR = 24
_STEPS = "▁▂▃▄▅▆▇█"


def table(block: Json) -> RenderableType:
    """A table or data_table: the first row is its head, numbers stand to the right."""
    rows = [[_cell(each) for each in row] for row in block.get("rows", [])]
    if not rows:
        return Text("")
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for index, head in enumerate(rows[0]):
        made.add_column(head, justify=_align(block, index), overflow="fold")
    for row in rows[1:]:
        made.add_row(*row)
    caption = clean(block.get("caption", ""))
    return Group(Text(caption, style="bold"), made) if caption else made


def _cell(cell: Json) -> Text:
    if cell.get("type") == "rich_text":
        return Text(" ").join(spans(part.get("elements", [])) for part in cell.get("elements", []))
    if cell.get("type") == "action_cell":
        label = (cell.get("element") or {}).get("text") or {}
        return Text(f"[ {clean(label.get('text', ''))} ]")
    return Text(clean(cell.get("text", "")))


def _align(block: Json, index: int) -> Align:
    settings = block.get("column_settings") or []
    chosen = (settings[index] or {}).get("align") if index < len(settings) else None
    if chosen in ("left", "center", "right"):
        aligned: Align = chosen
        return aligned
    body = [row[index] for row in block["rows"][1:] if index < len(row)]
    return "right" if body and all(cell.get("type") == "raw_number" for cell in body) else "left"


def chart(block: Json) -> RenderableType:
    """A data_visualization: bars for one row of figures, a table and a line of its course for several."""
    drawn = block.get("chart") or {}
    title = Text(clean(block.get("title", "")), style="bold")
    if drawn.get("type") == "pie":
        return Group(title, _pie(drawn.get("segments", [])))
    series = drawn.get("series", [])
    if len(series) == 1:
        return Group(title, _bars([(each["label"], each["value"]) for each in series[0]["data"]]))
    return Group(title, _series(drawn.get("axis_config", {}).get("categories", []), series))


def _pie(segments: list[Json]) -> RenderableType:
    total = sum(each["value"] for each in segments) or 1
    shares = [(each["label"], each["value"], f"{100 * each['value'] / total:.0f} %") for each in segments]
    return _grid([(clean(label), _bar(value, total), f"{figure(value)}  {share}") for label, value, share in shares])


def _bars(points: Sequence[tuple[str, float]]) -> RenderableType:
    most = max((value for _, value in points), default=0)
    return _grid([(clean(label), _bar(value, most), figure(value)) for label, value in points])


def _grid(rows: list[tuple[str, str, str]]) -> Table:
    made = Table.grid(padding=(0, 2))
    for _ in range(2):
        made.add_column(no_wrap=True)
    made.add_column(justify="right", no_wrap=True)
    for row in rows:
        made.add_row(*(Text(each) for each in row))
    return made


def _bar(value: float, most: float) -> str:
    return "█" * round(_BAR * max(0.0, value) / most) if most > 0 else ""


def _series(categories: list[str], series: list[Json]) -> RenderableType:
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, show_footer=True)
    made.add_column("")
    for each in series:
        course = _course([point["value"] for point in each["data"]])
        made.add_column(Text(clean(each["name"])), footer=Text(course), justify="right")
    held = [{point["label"]: point["value"] for point in each["data"]} for each in series]
    for category in categories:
        values = (figure(each[category]) if category in each else "" for each in held)
        made.add_row(Text(clean(category)), *(Text(each) for each in values))
    return made


def _course(values: list[float]) -> str:
    low, high = min(values, default=0), max(values, default=0)
    span = (high - low) or 1
    return "".join(_STEPS[int((each - low) / span * (len(_STEPS) - 1))] for each in values)


def figure(value: float) -> str:
    """A number as people write it: "1,234", "0.5"."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0").rstrip(".")
