"""Tables and charts as text."""

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from bot.terminal.controls import button
from bot.terminal.tables import Align, Bars, TextTable
from bot.terminal.text import clean, spans

Json = dict[str, Any]
_LEFT: Align = "left"
_RIGHT: Align = "right"
_STEPS = "▁▂▃▄▅▆▇█"


def table(block: Json) -> RenderableType:
    """A table or data_table: the first row is its header, numbers are right-aligned."""
    rows = [[_cell(each) for each in row] for row in block.get("rows", [])]
    if not rows:
        return Text("")
    rendered = TextTable(rows[0], rows[1:], [_align(block, index) for index in range(len(rows[0]))])
    caption = clean(block.get("caption", ""))
    return Group(Text(caption, style="bold"), rendered) if caption else rendered


def _cell(cell: Json) -> Text:
    if cell.get("type") == "rich_text":
        return Text(" ").join(spans(part.get("elements", [])) for part in cell.get("elements", []))
    if cell.get("type") == "action_cell":
        return button(cell.get("element") or {})
    return Text(clean(cell.get("text", "")))


def _align(block: Json, index: int) -> Align:
    settings = block.get("column_settings") or []
    chosen = (settings[index] or {}).get("align") if index < len(settings) else None
    if chosen in ("left", "center", "right"):
        aligned: Align = chosen
        return aligned
    body = [row[index] for row in block["rows"][1:] if index < len(row)]
    return _RIGHT if body and all(cell.get("type") == "raw_number" for cell in body) else _LEFT


def chart(block: Json) -> RenderableType:
    """A data_visualization: bars for a single series; for several, a table with a sparkline of each below it."""
    chart_body = block.get("chart") or {}
    title = Text(clean(block.get("title", "")), style="bold")
    if chart_body.get("type") == "pie":
        return Group(title, _pie(chart_body.get("segments", [])))
    series = chart_body.get("series", [])
    if len(series) == 1:
        return Group(title, _bars(series[0]["data"]))
    categories = chart_body.get("axis_config", {}).get("categories", [])
    return Group(title, _series(categories, series), Text(), _sparklines(series))


def _pie(segments: list[Json]) -> Bars:
    total = sum(each["value"] for each in segments) or 1
    shares = ((each["label"], each["value"], each["value"] / total) for each in segments)
    return Bars([(clean(label), share, f"{figure(value)}  {100 * share:.0f} %") for label, value, share in shares])


def _bars(points: list[Json]) -> Bars:
    maximum = max((each["value"] for each in points), default=0)
    shares = [max(0.0, each["value"]) / maximum if maximum > 0 else 0.0 for each in points]
    return Bars(
        [(clean(each["label"]), share, figure(each["value"])) for each, share in zip(points, shares, strict=True)]
    )


def _series(categories: list[str], series: list[Json]) -> TextTable:
    values = [{point["label"]: point["value"] for point in each["data"]} for each in series]
    body = [
        [Text(clean(category)), *(Text(figure(each[category]) if category in each else "") for each in values)]
        for category in categories
    ]
    head = [Text(), *(Text(clean(each["name"])) for each in series)]
    return TextTable(head, body, [_LEFT, *(_RIGHT for _ in series)])


def _sparklines(series: list[Json]) -> Text:
    """A sparkline per series, all on the same scale."""
    rows = [[point["value"] for point in each["data"]] for each in series]
    low = min((value for row in rows for value in row), default=0)
    span = (max((value for row in rows for value in row), default=0) - low) or 1
    drawn = ("".join(_STEPS[int((each - low) / span * (len(_STEPS) - 1))] for each in row) for row in rows)
    return Text("\n").join(Text(f"{steps}  {clean(each['name'])}") for steps, each in zip(drawn, series, strict=True))


def figure(value: float) -> str:
    """A number as people write it: "1,234", "0.5"."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0").rstrip(".")
