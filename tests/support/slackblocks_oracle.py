"""Blocks rebuilt with slackblocks, which validates what it builds: a second opinion on our own check."""

from collections.abc import Callable
from typing import Any

import slackblocks as sb

Json = dict[str, Any]


def rebuilt(block: Json) -> Json:
    """The block as slackblocks writes it. Raises InvalidUsageError for a block that Slack would refuse."""
    return as_json(_block(block))


def as_json(block: sb.Block) -> Json:
    """The block as slackblocks sends it in a message."""
    [found] = sb.Message("C1", "text", blocks=[block]).to_dict()["blocks"]
    return dict(found)


def _block(block: Json) -> Any:
    given = {key: value for key, value in block.items() if key != "type"}
    return _BLOCKS[block["type"]](given)


def _plain(text: Json) -> sb.PlainText:
    assert text["type"] == "plain_text", f"{text} could turn a name into markup"
    return sb.PlainText(text["text"], text["emoji"])


def _option(option: Json) -> sb.Option:
    return sb.Option(_plain(option["text"]), option["value"])


def _element(element: Json) -> Any:
    given = {key: value for key, value in element.items() if key != "type"}
    for key in ("text", "placeholder"):
        if key in given:
            given[key] = _plain(given[key])
    if "options" in given:
        given["options"] = [_option(each) for each in given["options"]]
    if "initial_option" in given:
        given["initial_option"] = _option(given["initial_option"])
    if "initial_options" in given:
        given["initial_options"] = [_option(each) for each in given["initial_options"]]
    kinds = {
        "button": sb.Button,
        "static_select": sb.StaticSelectMenu,
        "overflow": sb.OverflowMenu,
        "plain_text_input": sb.PlainTextInput,
        "checkboxes": sb.CheckboxGroup,
        "datepicker": sb.DatePicker,
        "number_input": sb.NumberInput,
    }
    return kinds[element["type"]](**given)


def _section(given: Json) -> Any:
    fields = [_plain(each) for each in given.pop("fields", [])]
    text = _plain(given.pop("text")) if "text" in given else None
    accessory = _element(given.pop("accessory")) if "accessory" in given else None
    return sb.SectionBlock(text, fields=fields or None, accessory=accessory, **given)


def _span(span: Json) -> Any:
    if span["type"] == "user":
        return sb.RichTextUser(span["user_id"])
    assert span["type"] == "text"
    return sb.RichText(span["text"], **span.get("style", {}))


def _rich(part: Json) -> Any:
    if part["type"] == "rich_text_list":
        items = [_rich(each) for each in part["elements"]]
        return sb.RichTextList(part["style"], items, offset=None, border=None)
    kinds = {"rich_text_section": sb.RichTextSection, "rich_text_preformatted": sb.RichTextCodeBlock}
    return kinds[part["type"]]([_span(each) for each in part["elements"]])


def _cell(cell: Json) -> Any:
    if cell["type"] == "raw_number":
        return sb.RawNumber(cell["value"], cell["text"])
    assert cell["type"] == "raw_text"
    return sb.RawText(cell["text"], **({"emoji": cell["emoji"]} if "emoji" in cell else {}))


def _table(given: Json) -> Any:
    return sb.DataTableBlock([[_cell(cell) for cell in row] for row in given.pop("rows")], **given)


def _plain_table(given: Json) -> Any:
    settings = [sb.ColumnSettings(**each) for each in given["column_settings"]]
    return sb.TableBlock([[_plain_cell(cell) for cell in row] for row in given["rows"]], settings)


def _plain_cell(cell: Json) -> Any:
    return _rich(*cell["elements"]) if cell["type"] == "rich_text" else _cell(cell)


def _chart(given: Json) -> Any:
    chart = given["chart"]
    kind = {"line": sb.LineChart, "bar": sb.BarChart}[chart["type"]]
    series = [sb.DataSeries(one["name"], [sb.DataPoint(**point) for point in one["data"]]) for one in chart["series"]]
    return sb.DataVisualizationBlock(given["title"], kind(series, sb.AxisConfig(**chart["axis_config"])))


def _input(given: Json) -> Any:
    texts = {key: _plain(given.pop(key)) for key in ("label", "hint") if key in given}
    return sb.InputBlock(**texts, element=_element(given.pop("element")), **given)


_BLOCKS: dict[str, Callable[[Json], Any]] = {
    "header": lambda given: sb.HeaderBlock(_plain(given.pop("text")), **given),
    "divider": lambda given: sb.DividerBlock(**given),
    "context": lambda given: sb.ContextBlock([_plain(each) for each in given.pop("elements")], **given),
    "actions": lambda given: sb.ActionsBlock([_element(each) for each in given.pop("elements")], **given),
    "rich_text": lambda given: sb.RichTextBlock([_rich(each) for each in given.pop("elements")], **given),
    "image": lambda given: sb.ImageBlock(slack_file=sb.SlackFile(None, **given.pop("slack_file")), **given),
    "section": _section,
    "data_table": _table,
    "table": _plain_table,
    "data_visualization": _chart,
    "input": _input,
}
