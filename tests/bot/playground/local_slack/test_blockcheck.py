"""Invalid blocks: each rule of slack#blocks as a sentence."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.local_slack.blockcheck import problems, view_problems

Json = dict[str, Any]


def plain(content: str = "x") -> Json:
    return {"type": "plain_text", "text": content}


def section(content: str = "x") -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": content}}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain(), **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def rich(*parts: Json) -> Json:
    return {"type": "rich_text", "elements": list(parts)}


def line(*spans: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(spans)}


def span(content: str = "x", **more: Any) -> Json:
    return {"type": "text", "text": content, **more}


def options(count: int) -> list[Json]:
    return [{"text": plain(f"o{each}"), "value": str(each)} for each in range(count)]


def raw(content: str = "x") -> Json:
    return {"type": "raw_text", "text": content}


def data_table(*rows: list[Json], **more: Any) -> Json:
    return {"type": "data_table", "caption": "c", "rows": list(rows) or [[raw()], [raw()]], **more}


def line_chart(categories: list[str], *series: tuple[str, list[str]]) -> Json:
    changed = [{"name": name, "data": [{"label": each, "value": 1} for each in labels]} for name, labels in series]
    chart = {"type": "line", "series": changed, "axis_config": {"categories": categories}}
    return {"type": "data_visualization", "title": "t", "chart": chart}


def pie(*values: Any) -> Json:
    segments = [{"label": str(index), "value": value} for index, value in enumerate(values)]
    return {"type": "data_visualization", "title": "t", "chart": {"type": "pie", "segments": segments}}


GOOD: list[list[Json]] = [
    [],
    [{"type": "divider"}],
    [{"type": "header", "text": plain("x" * 150), "level": 4}],
    [section("x" * 3000)],
    [{"type": "section", "fields": [plain("x" * 2000)] * 10}],
    [actions(*[button(action_id=str(each)) for each in range(25)])],
    [actions(button(action_id="a")), actions(button(action_id="a"))],
    [actions({"type": "static_select", "option_groups": [{"label": plain(), "options": options(100)}] * 100})],
    [
        rich(
            line(
                span(style={"bold": True}),
                {"type": "emoji", "name": "x"},
                {"type": "link", "url": "https://x.example"},
                {"type": "date", "timestamp": 1, "format": "{date}"},
            ),
            {"type": "rich_text_list", "style": "bullet", "indent": 8, "elements": [line(span())]},
            {"type": "rich_text_preformatted", "elements": [span()], "border": 1},
            {"type": "rich_text_quote", "elements": [span()]},
        )
    ],
    [data_table([raw(), raw()], [raw(), {"type": "raw_number", "value": 1.5, "text": "1.50"}], page_size=100)],
    [data_table([raw()], [{"type": "action_cell", "element": button(action_id="a"), "fallback": raw()}])],
    [data_table([raw()], [{"type": "action_cell", "element": button(action_id="a"), "fallback": rich(line(span()))}])],
    [{"type": "table", "rows": [[raw(), rich(line(span()))]], "column_settings": [None, {"align": "right"}]}],
    [line_chart(["a", "b"], ("s", ["b", "a"]), ("m", ["a", "b"])), pie(1, 2.5)],
    [{"type": "container", "title": plain(), "child_blocks": [section(), data_table() | {"type": "divider"}][:1]}],
    [{"type": "markdown", "text": "x" * 12_000}],
    [{"type": "card", "title": plain(), "actions": [button()]}],
]


@pytest.mark.parametrize("blocks", GOOD)
def test_valid_blocks_have_no_problems(blocks: list[Json]) -> None:
    assert problems(blocks, "message") == []


BAD: list[tuple[Any, str]] = [
    ("text", "must be an array [json-pointer:/blocks]"),
    ([1], "must be an object [json-pointer:/blocks/0]"),
    ([{}], "missing required field: type [json-pointer:/blocks/0]"),
    ([{"type": "blink"}], "unsupported type: blink [json-pointer:/blocks/0/type]"),
    ([{"type": ["a"]}], "unsupported type: list [json-pointer:/blocks/0/type]"),
    ([{"type": "alert", "text": plain()}], "unsupported type: alert [json-pointer:/blocks/0/type]"),
    ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ([{"type": "divider", "colour": "red"}], "invalid additional property: colour [json-pointer:/blocks/0]"),
    ([{"type": "header", "text": plain("")}], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ([{"type": "header", "text": "x"}], "must be an object [json-pointer:/blocks/0/text]"),
    (
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ),
    ([{"type": "header", "text": plain(), "level": 5}], "must be at most 4 [json-pointer:/blocks/0/level]"),
    ([{"type": "section"}], "missing required field: text or fields [json-pointer:/blocks/0]"),
    ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    (
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}],
        "invalid additional property: emoji [json-pointer:/blocks/0/text]",
    ),
    ([{"type": "section", "fields": [plain()] * 11}], "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
    (
        [{"type": "context", "elements": [plain()] * 11}],
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    ([actions()], "no less than 1 items allowed [json-pointer:/blocks/0/elements]"),
    ([actions(*[button()] * 26)], "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
    (
        [actions(button(action_id="a"), button(action_id="a"))],
        "action_id already exists in this block: a [json-pointer:/blocks/0/elements/1/action_id]",
    ),
    (
        [{"type": "divider", "block_id": "b"}, section() | {"block_id": "b"}],
        "block_id already exists: b [json-pointer:/blocks/1/block_id]",
    ),
    (
        [actions(button(value="x" * 2001))],
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    ([actions(button(url="x" * 3001))], "must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]"),
    ([actions(button(style="loud"))], "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]"),
    (
        [actions({"type": "static_select", "options": options(101)})],
        "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    (
        [actions({"type": "static_select"})],
        "must have one of: options, option_groups [json-pointer:/blocks/0/elements/0]",
    ),
    (
        [actions({"type": "overflow", "options": options(6)})],
        "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    (
        [actions({"type": "number_input", "is_decimal_allowed": True})],
        "unsupported type: number_input [json-pointer:/blocks/0/elements/0/type]",
    ),
    ([rich(line())], "no less than 1 items allowed [json-pointer:/blocks/0/elements/0/elements]"),
    ([rich(line(span("")))], "must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]"),
    (
        [rich(line(span(style={"loud": True})))],
        "invalid additional property: loud [json-pointer:/blocks/0/elements/0/elements/0/style]",
    ),
    ([rich(span())], "unsupported type: text [json-pointer:/blocks/0/elements/0/type]"),
    (
        [rich({"type": "rich_text_list", "style": "bullet", "indent": 9, "elements": [line(span())]})],
        "must be at most 8 [json-pointer:/blocks/0/elements/0/indent]",
    ),
    ([data_table([raw()])], "no less than 2 items allowed [json-pointer:/blocks/0/rows]"),
    ([data_table(*[[raw()]] * 202)], "no more than 201 items allowed [json-pointer:/blocks/0/rows]"),
    ([data_table([raw()] * 21, [raw()] * 21)], "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"),
    ([data_table([raw()], [raw()] * 2)], "all rows must have the same number of cells [json-pointer:/blocks/0/rows]"),
    ([data_table([raw()], [raw("")])], "must be more than 0 characters [json-pointer:/blocks/0/rows/1/0/text]"),
    ([data_table([rich(line(span()))], [raw()])], "unsupported type: rich_text [json-pointer:/blocks/0/rows/0/0/type]"),
    ([data_table(page_size=101)], "must be at most 100 [json-pointer:/blocks/0/page_size]"),
    ([data_table(row_header_column_index=1)], "no such row header column [json-pointer:/blocks/0]"),
    ([data_table() | {"caption": ""}], "must be more than 0 characters [json-pointer:/blocks/0/caption]"),
    (
        [data_table([raw()], [raw("x" * 20_000)])],
        "data tables must be less than 20001 characters in sum [json-pointer:/blocks]",
    ),
    ([data_table(), {"type": "table", "rows": [[raw()]]}], "only one table allowed [json-pointer:/blocks]"),
    (
        [data_table(), {"type": "container", "title": plain(), "child_blocks": [{"type": "table", "rows": [[raw()]]}]}],
        "only one table allowed [json-pointer:/blocks]",
    ),
    ([pie(1)] * 3, "no more than 2 data_visualization blocks allowed [json-pointer:/blocks]"),
    ([pie(0)], "must be greater than 0 [json-pointer:/blocks/0/chart/segments/0]"),
    ([pie("1")], "must be a number [json-pointer:/blocks/0/chart/segments/0/value]"),
    ([pie(float("nan"))], "must be a number [json-pointer:/blocks/0/chart/segments/0/value]"),
    ([pie(*[1] * 13)], "no more than 12 items allowed [json-pointer:/blocks/0/chart/segments]"),
    (
        [line_chart(["a", "b"], ("s", ["a"]))],
        "every series must have exactly one point for each category [json-pointer:/blocks/0/chart]",
    ),
    ([line_chart(["a"], ("s", ["a"]), ("s", ["a"]))], "names must be unique [json-pointer:/blocks/0/chart]"),
    (
        [line_chart(["a", "a"], ("s", ["a", "a"]))],
        "categories must be unique [json-pointer:/blocks/0/chart/axis_config]",
    ),
    (
        [line_chart([str(each) for each in range(21)], ("s", [str(each) for each in range(21)]))],
        "no more than 20 items allowed [json-pointer:/blocks/0/chart/axis_config/categories]",
    ),
    (
        [line_chart(["a"], ("s" * 21, ["a"]))],
        "must be less than 21 characters [json-pointer:/blocks/0/chart/series/0/name]",
    ),
    ([pie(1) | {"title": "x" * 51}], "must be less than 51 characters [json-pointer:/blocks/0/title]"),
    (
        [{"type": "markdown", "text": "x" * 6001}] * 2,
        "markdown blocks must be less than 12001 characters in sum [json-pointer:/blocks]",
    ),
    (
        [{"type": "container", "title": plain(), "child_blocks": [pie(1)]}],
        "unsupported type: data_visualization [json-pointer:/blocks/0/child_blocks/0/type]",
    ),
    (
        [{"type": "container", "title": plain(), "default_collapsed": True, "child_blocks": [section()]}],
        "default_collapsed is for containers that are collapsible [json-pointer:/blocks/0]",
    ),
    ([{"type": "image", "alt_text": "x"}], "must have one of: image_url, slack_file [json-pointer:/blocks/0]"),
    (
        [{"type": "image", "alt_text": "x", "slack_file": {"id": "nope"}}],
        "invalid slack file [json-pointer:/blocks/0/slack_file]",
    ),
]


@pytest.mark.parametrize(("blocks", "problem"), BAD)
def test_each_problem_names_its_location(blocks: Any, problem: str) -> None:
    assert problem in problems(blocks, "message")


@pytest.mark.parametrize(
    ("element", "surface", "good"),
    [
        ("datetimepicker", "message", True),
        ("datetimepicker", "modal", True),
        ("datetimepicker", "home", False),
        ("number_input", "modal", True),
        ("number_input", "home", False),
        ("email_text_input", "message", False),
        ("rich_text_input", "home", True),
        ("rich_text_input", "message", False),
        ("timepicker", "home", True),
        ("plain_text_input", "home", True),
    ],
)
def test_some_elements_are_valid_only_on_some_surfaces(element: str, surface: Any, good: bool) -> None:
    changed: Json = {"type": element, **({"is_decimal_allowed": True} if element == "number_input" else {})}
    found = problems([{"type": "input", "label": plain(), "element": changed}], surface)
    assert (found == []) is good, found


@pytest.mark.parametrize(
    ("kind", "surface", "good"),
    [
        ("alert", "modal", True),
        ("alert", "home", False),
        ("markdown", "home", False),
        ("data_visualization", "home", True),
        ("data_visualization", "modal", False),
        ("data_table", "home", True),
        ("data_table", "modal", False),
        ("container", "modal", False),
        ("carousel", "home", True),
    ],
)
def test_some_blocks_are_valid_only_on_some_surfaces(kind: str, surface: Any, good: bool) -> None:
    block = {
        "alert": {"type": "alert", "text": plain("x" * 200), "level": "error"},
        "markdown": {"type": "markdown", "text": "x"},
        "data_visualization": pie(1),
        "data_table": data_table(),
        "container": {"type": "container", "title": plain(), "child_blocks": [section()]},
        "carousel": {"type": "carousel", "elements": [{"type": "card", "title": plain()}]},
    }[kind]
    assert (problems([block], surface) == []) is good


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"type": "section", "text": None}, "missing required field: text or fields [json-pointer:/blocks/0]"),
        (
            {"type": "image", "alt_text": "x", "image_url": None},
            "must have one of: image_url, slack_file [json-pointer:/blocks/0]",
        ),
    ],
)
def test_null_counts_as_missing(block: Json, problem: str) -> None:
    assert problems([block], "message") == [problem]


def test_deep_nesting_never_crashes_the_check() -> None:
    deep: Json = {"type": "container", "title": plain(), "child_blocks": [section()]}
    for _ in range(5_000):
        deep = {"type": "container", "title": plain(), "child_blocks": [deep]}
    where = "[json-pointer:/blocks/0/child_blocks/0/type]"
    assert problems([deep], "message") == [f"unsupported type: container {where}"]
    assert problems([data_table() | {"rows": deep}], "message")


def test_modals_and_home_allow_a_hundred_blocks() -> None:
    assert problems([{"type": "divider"}] * 100, "home") == []
    assert problems([{"type": "divider"}] * 101, "modal") == ["no more than 100 items allowed [json-pointer:/blocks]"]


def test_a_view_is_checked_as_a_whole() -> None:
    good = {"type": "modal", "title": plain("x" * 24), "blocks": [section()]}
    assert view_problems(good) == []
    assert view_problems({**good, "title": plain("x" * 25)}) == [
        "must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    asks = {**good, "blocks": [{"type": "input", "label": plain(), "element": {"type": "plain_text_input"}}]}
    assert view_problems(asks) == ["missing required field: submit [json-pointer:/view]"]
    assert view_problems({**asks, "submit": plain("Save")}) == []
    assert view_problems({"type": "home", "title": plain(), "blocks": []}) == [
        "invalid additional property: title [json-pointer:/view]"
    ]
    assert view_problems("x") == ["must be an object [json-pointer:/view]"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@given(ANY_JSON)
def test_no_value_crashes_the_check(value: Any) -> None:
    assert isinstance(problems(value, "message"), list)
    assert isinstance(view_problems(value), list)


@given(st.sampled_from(GOOD[2:]), st.data())
def test_no_value_in_any_position_crashes_the_check(blocks: list[Json], data: st.DataObject) -> None:
    changed = copy.deepcopy(blocks)
    container: Any = changed
    while True:
        keys = list(container) if isinstance(container, dict) else list(range(len(container)))
        key = data.draw(st.sampled_from(keys))
        inner = container[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            container[key] = data.draw(ANY_JSON)
            break
        container = inner
    assert isinstance(problems(changed, "message"), list)
