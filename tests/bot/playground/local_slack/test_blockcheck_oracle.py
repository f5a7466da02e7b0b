"""Our check compared with slackblocks: the same blocks are valid, and the limits are the same."""

import copy
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import slackblocks as sb
from hypothesis import given, settings
from hypothesis import strategies as st
from slackblocks.blocks import BlockType
from slackblocks.errors import InvalidUsageError, TypeMismatchError

from bot.playground.local_slack.blockcheck import Surface, problems, view_problems
from bot.playground.local_slack.blockcheck.blocks import ALLOWED
from tests.support.slackblocks_oracle import as_json

Json = dict[str, Any]


def text(length: int) -> str:
    return "x" * length


def rows(count: int, columns: int = 1) -> list[list[Any]]:
    return [[sb.RawText("y") for _ in range(columns)] for _ in range(count)]


def series(count: int, points: int = 1) -> list[Any]:
    data = [sb.DataPoint(f"p{each}", 1) for each in range(points)]
    return [sb.DataSeries(f"s{each}", data) for each in range(count)]


def axes(points: int = 1, **more: Any) -> Any:
    return sb.AxisConfig([f"p{each}" for each in range(points)], **more)


def visual(chart: Any, title: str = "t") -> Any:
    return sb.DataVisualizationBlock(title, chart)


def options(count: int) -> list[Any]:
    return [sb.Option(sb.PlainText(f"o{each}"), str(each)) for each in range(count)]


def acting(element: Any) -> Any:
    return sb.ActionsBlock([element])


def confirm(**texts: str) -> Any:
    labels = {"title": "t", "text": "t", "confirm": "c", "deny": "d", **texts}
    return acting(sb.Button("b", "a", confirm=sb.ConfirmationDialogue(**labels)))


Build = Callable[[int], Any]
LIMITS: dict[str, tuple[int, Build]] = {
    "header": (150, lambda n: sb.HeaderBlock(text(n))),
    "section text": (3000, lambda n: sb.SectionBlock(text(n))),
    "section field": (2000, lambda n: sb.SectionBlock(fields=[text(n)])),
    "section fields": (10, lambda n: sb.SectionBlock(fields=["y"] * n)),
    "context elements": (10, lambda n: sb.ContextBlock([sb.Text("y")] * n)),
    "actions elements": (25, lambda n: sb.ActionsBlock([sb.Button(f"b{each}", f"a{each}") for each in range(n)])),
    "block_id": (255, lambda n: sb.DividerBlock(text(n))),
    "action_id": (255, lambda n: acting(sb.Button("b", text(n)))),
    "button text": (75, lambda n: acting(sb.Button(text(n), "a"))),
    "button value": (2000, lambda n: acting(sb.Button("b", "a", value=text(n)))),
    "button url": (3000, lambda n: acting(sb.Button("b", "a", url=text(n)))),
    "button label": (75, lambda n: acting(sb.Button("b", "a", accessibility_label=text(n)))),
    "agent prompt": (4000, lambda n: acting(sb.Button("b", "a", agent_prompt=text(n)))),
    "confirm title": (100, lambda n: confirm(title=text(n))),
    "confirm text": (300, lambda n: confirm(text=text(n))),
    "confirm button": (30, lambda n: confirm(confirm=text(n))),
    "confirm deny": (30, lambda n: confirm(deny=text(n))),
    "select options": (100, lambda n: acting(sb.StaticSelectMenu("a", options(n)))),
    "select group options": (100, lambda n: acting(sb.StaticSelectMenu("a", None, [sb.OptionGroup("l", options(n))]))),
    "select groups": (100, lambda n: acting(sb.StaticSelectMenu("a", None, [sb.OptionGroup("l", options(1))] * n))),
    "option text": (75, lambda n: acting(sb.StaticSelectMenu("a", [sb.Option(sb.PlainText(text(n)), "1")]))),
    "option value": (150, lambda n: acting(sb.StaticSelectMenu("a", [sb.Option(sb.PlainText("o"), text(n))]))),
    "placeholder": (150, lambda n: acting(sb.StaticSelectMenu("a", options(1), placeholder=text(n)))),
    "overflow options": (5, lambda n: acting(sb.OverflowMenu("a", options(n)))),
    "checkboxes": (10, lambda n: acting(sb.CheckboxGroup("a", options(n)))),
    "radio buttons": (10, lambda n: acting(sb.RadioButtonGroup("a", options(n)))),
    "image url": (3000, lambda n: sb.ImageBlock(text(n), "alt")),
    "image alt": (2000, lambda n: sb.ImageBlock("https://y.example", text(n))),
    "markdown": (12_000, lambda n: sb.MarkdownBlock(text(n))),
    "table rows": (100, lambda n: sb.TableBlock(rows(n))),
    "table columns": (20, lambda n: sb.TableBlock(rows(1, n))),
    "data table rows": (201, lambda n: sb.DataTableBlock(rows(n), "c")),
    "chart title": (50, lambda n: visual(sb.PieChart([sb.ChartSegment("l", 1)]), text(n))),
    "pie segments": (12, lambda n: visual(sb.PieChart([sb.ChartSegment(f"l{each}", 1) for each in range(n)]))),
    "pie label": (20, lambda n: visual(sb.PieChart([sb.ChartSegment(text(n), 1)]))),
    "series": (12, lambda n: visual(sb.LineChart(series(n), axes()))),
    "points": (20, lambda n: visual(sb.BarChart(series(1, n), axes(n)))),
    "series name": (20, lambda n: visual(sb.AreaChart([sb.DataSeries(text(n), [sb.DataPoint("p0", 1)])], axes()))),
    "axis label": (50, lambda n: visual(sb.LineChart(series(1), axes(x_label=text(n))))),
    "card title": (150, lambda n: sb.CardBlock(title=text(n))),
    "card body": (200, lambda n: sb.CardBlock(body=text(n))),
    "carousel": (10, lambda n: sb.CarouselBlock([sb.CardBlock(title="t") for _ in range(n)])),
    "container": (10, lambda n: sb.ContainerBlock([sb.DividerBlock() for _ in range(n)], title="t")),
    "container title": (150, lambda n: sb.ContainerBlock([sb.DividerBlock()], title=text(n))),
}


def lengthen(value: Any, limit: int) -> Any:
    """The same blocks, with everything exactly at a limit made one longer."""
    if isinstance(value, str):
        return value + "x" if value == text(limit) else value
    if isinstance(value, dict):
        return {key: lengthen(child, limit) for key, child in value.items()}
    if isinstance(value, list):
        longer = [*value, copy.deepcopy(value[-1])] if len(value) == limit else value
        return [lengthen(each, limit) for each in longer]
    return value


@pytest.mark.parametrize("name", LIMITS)
def test_both_checks_have_the_same_limits(name: str) -> None:
    limit, build = LIMITS[name]
    block = as_json(build(limit))
    assert problems([block], "message") == []
    with pytest.raises(InvalidUsageError):
        build(limit + 1)
    found = problems([lengthen(block, limit)], "message")
    assert any(f"less than {limit + 1} characters" in each or f"more than {limit} items" in each for each in found), (
        found
    )


ONE_OF_EACH = (
    acting(sb.Button("b", "a")),
    sb.AlertBlock("y"),
    sb.CardBlock(title="t"),
    sb.CarouselBlock([sb.CardBlock(title="t")]),
    sb.ContainerBlock([sb.DividerBlock()], title="t"),
    sb.ContextBlock([sb.Text("y")]),
    sb.ContextActionsBlock([sb.IconButton("Delete", action_id="a")]),
    sb.DataTableBlock(rows(2), "c"),
    visual(sb.PieChart([sb.ChartSegment("s", 1)])),
    sb.DividerBlock(),
    sb.FileBlock("F1"),
    sb.HeaderBlock("y"),
    sb.ImageBlock("https://y.example", "alt"),
    sb.InputBlock("l", sb.PlainTextInput("a")),
    sb.MarkdownBlock("y"),
    sb.PlanBlock("t", [sb.TaskCardBlock("1", "t", status="complete")]),
    sb.RichTextBlock([sb.RichTextSection([sb.RichText("y")])]),
    sb.SectionBlock("y"),
    sb.TableBlock(rows(1)),
    sb.TaskCardBlock("1", "t", status="complete"),
    sb.VideoBlock("alt", "https://y.example/t.png", "t", "https://y.example/v"),
)
SURFACES: dict[Surface, Callable[[list[sb.Block]], object]] = {
    "message": lambda blocks: sb.Message("C1", "text", blocks=blocks),
    "modal": lambda blocks: sb.ModalView("Title", blocks, submit="Save"),
    "home": sb.HomeTabView,
}


@pytest.mark.parametrize("surface", SURFACES)
def test_both_checks_allow_the_same_blocks_on_the_same_surfaces(surface: Surface) -> None:
    assert {block.type for block in ONE_OF_EACH} == set(BlockType)
    taken = set()
    for block in ONE_OF_EACH:
        with suppress(TypeMismatchError):
            SURFACES[surface]([block])
            taken.add(block.type.value)
    assert ALLOWED[surface] == taken


short = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20)
plain_texts = st.builds(sb.PlainText, short)
any_text = plain_texts | st.builds(sb.Markdown, short)
ids = st.uuids().map(str)
one_option = st.builds(sb.Option, plain_texts, short, st.none() | short)
buttons = st.builds(
    sb.Button, plain_texts, ids, st.none() | short, st.none() | short, st.sampled_from([None, "primary", "danger"])
)
selects = st.builds(
    sb.StaticSelectMenu, ids, st.lists(one_option, min_size=1, max_size=4), placeholder=st.none() | short
)
ticks = st.builds(sb.CheckboxGroup, ids, st.lists(one_option, min_size=1, max_size=4))
acts = buttons | selects | ticks | st.builds(sb.DatePicker, ids, st.none() | st.just("2026-01-31"))
spans = (
    st.builds(sb.RichText, short, st.booleans(), st.booleans(), st.booleans(), st.booleans())
    | st.builds(sb.RichTextEmoji, short)
    | st.builds(sb.RichTextLink, short, st.none() | short)
    | st.builds(sb.RichTextUser, short)
)
lines = st.builds(sb.RichTextSection, st.lists(spans, min_size=1, max_size=3))
parts = (
    lines
    | st.builds(sb.RichTextList, st.sampled_from(["bullet", "ordered"]), st.lists(lines, min_size=1, max_size=3))
    | st.builds(sb.RichTextQuote, st.lists(spans, min_size=1, max_size=2))
    | st.builds(sb.RichTextCodeBlock, st.lists(spans, min_size=1, max_size=2))
)
rich_texts = st.builds(sb.RichTextBlock, st.lists(parts, min_size=1, max_size=3))
everywhere = (
    st.builds(sb.HeaderBlock, short)
    | st.builds(sb.SectionBlock, any_text, accessory=st.none() | acts)
    | st.builds(sb.SectionBlock, fields=st.lists(any_text, min_size=1, max_size=10))
    | st.builds(sb.ContextBlock, st.lists(any_text, min_size=1, max_size=10))
    | st.builds(sb.ActionsBlock, st.lists(acts, min_size=1, max_size=5))
    | st.builds(sb.DividerBlock)
    | st.builds(sb.ImageBlock, short, short, plain_texts)
    | rich_texts
)
pies = st.builds(
    sb.PieChart,
    st.lists(st.builds(sb.ChartSegment, short, st.floats(0.01, 1e9)), min_size=1, max_size=12),
)
cells = st.builds(sb.RawText, short) | st.builds(sb.RawNumber, st.floats(-1e9, 1e9), short) | rich_texts
tables = st.integers(1, 4).flatmap(
    lambda columns: st.builds(
        sb.DataTableBlock,
        st.lists(st.lists(cells, min_size=columns, max_size=columns), min_size=1, max_size=4).map(
            lambda body: [[sb.RawText("h")] * len(body[0]), *body]
        ),
        short,
        st.integers(1, 100),
    )
)
figures = st.builds(sb.DataVisualizationBlock, short, pies) | tables


@settings(max_examples=settings().max_examples * 3 // 2)
@given(st.lists(everywhere, max_size=6), st.none() | figures)
def test_messages_built_by_slackblocks_are_valid(blocks: list[Any], figure: Any) -> None:
    made = sb.Message("C1", "text", blocks=[*blocks, *([figure] if figure else [])] or [sb.DividerBlock()])
    assert problems(made.to_dict()["blocks"], "message") == []


@settings(max_examples=settings().max_examples // 2)
@given(st.lists(everywhere, min_size=1, max_size=6), st.sampled_from(["modal", "home"]))
def test_views_built_by_slackblocks_are_valid(blocks: list[Any], surface: Surface) -> None:
    view = sb.ModalView("Title", blocks, submit="Save") if surface == "modal" else sb.HomeTabView(blocks)
    assert view_problems(view.to_dict()) == []
