"""Blocks rendered as text for a terminal."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bot.terminal.render import render

Json = dict[str, Any]
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def plain(*blocks: Json, width: int = 60) -> str:
    return render(blocks, colour=False, width=width)


def text(content: str, kind: str = "plain_text") -> Json:
    return {"type": kind, "text": content}


def line(*spans: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(spans)}


def words(content: str, **style: bool) -> Json:
    return {"type": "text", "text": content, **({"style": style} if style else {})}


def rich(*parts: Json) -> Json:
    return {"type": "rich_text", "elements": list(parts)}


def points(*values: float) -> list[Json]:
    return [{"label": f"W{index}", "value": value} for index, value in enumerate(values, 1)]


def client_table() -> Json:
    heads = ("Client", "Product line", "Points", "Lapses on", "Amount")
    row = ("Acme International Holdings", "Backup and more", "1,234.50", "5 Sep 2022", "US$22,500.00")
    cells = [[{"type": "raw_text", "text": each} for each in line_] for line_ in (heads, row)]
    return {"type": "data_table", "caption": "Expiring", "rows": cells}


FIGURE = "US$22,500.25"


def with_figures() -> list[Json]:
    """Figures in every place where they can occur."""
    fields = [text(f"*Sold*\n{FIGURE}", "mrkdwn"), text(f"*Managed*\nCHF {FIGURE}", "mrkdwn")]
    series = [{"name": f"Series {each}", "data": points(*[22_500.25] * 5)} for each in range(6)]
    axes = {"categories": [each["label"] for each in series[0]["data"]]}
    bars = [{"name": "P", "data": [{"label": "A label of 20 letters", "value": 22_500.25}]}]
    return [
        client_table(),
        {"type": "section", "fields": fields},
        {"type": "data_visualization", "title": "t", "chart": {"type": "line", "series": series, "axis_config": axes}},
        {"type": "data_visualization", "title": "t", "chart": {"type": "bar", "series": bars}},
        {"type": "data_visualization", "title": "t", "chart": {"type": "pie", "segments": bars[0]["data"]}},
        rich(
            {"type": "rich_text_list", "style": "bullet", "elements": [line(words(f"You still need {FIGURE} of it"))]}
        ),
    ]


@pytest.mark.parametrize("width", [20, 24, 30, 36, 40, 50, 60, 72, 80, 100, 200])
def test_no_line_exceeds_the_width_or_breaks_a_figure(width: int) -> None:
    for block in with_figures():
        shown = plain(block, width=width)
        assert max(map(cell_len, shown.split("\n"))) <= width
        assert "…" not in shown
        assert re.search(r"22,500\.(00|25)", shown)
        assert not re.search(r"22,(?!500\.(00|25))", shown)


@pytest.mark.parametrize(
    "amount", ["CHF\u00a07,500.00", "CHF 7,500.00", "US$ 7,500.00", "7,500.00\u00a0points", "100 %"]
)
def test_an_amount_stays_with_its_unit(amount: str) -> None:
    content = f"You are short of {amount}, and of time."
    for block in ({"type": "section", "text": text(content, "mrkdwn")}, rich(line(words(content)))):
        for width in range(20, 60):
            assert amount.replace("\u00a0", " ") in plain(block, width=width)


def test_a_button_wider_than_the_terminal_wraps_between_words() -> None:
    button = {"type": "button", "text": text("A button with a very long label")}
    assert plain({"type": "actions", "elements": [button]}, width=20).split("\n") == [
        "[ A button with a",
        "very long label ]",
    ]


def test_a_narrow_chart_keeps_its_figures_and_drops_its_bars() -> None:
    chart = {"type": "bar", "series": [{"name": "P", "data": [{"label": "A long label", "value": 12_345.67}]}]}
    block = {"type": "data_visualization", "title": "Points", "chart": chart}
    assert plain(block, width=32) == "Points\nA long label  ███████  12,345.67"
    assert plain(block, width=24) == "Points\nA long label  12,345.67"


def test_a_header_is_underlined() -> None:
    assert plain({"type": "header", "text": text("Acme: 20 points")}) == "Acme: 20 points\n───────────────"


def test_mrkdwn_is_rendered_and_its_entities_are_unescaped() -> None:
    content = "*bold* _it_ ~gone~ `a &lt;b&gt;` &amp; <https://x.example|here> <@U1|anna> <#C1|sales> <!here>"
    assert plain({"type": "section", "text": text(content, "mrkdwn")}, width=100) == (
        "bold it gone a <b> & here (https://x.example) @anna #sales @here"
    )


def test_an_entity_is_unescaped_once() -> None:
    assert plain({"type": "section", "text": text("&amp;lt;", "mrkdwn")}) == "&lt;"


def test_escaped_text_does_not_become_markup() -> None:
    assert plain({"type": "section", "text": text("&lt;@U1|anna&gt;", "mrkdwn")}) == "<@U1|anna>"


def test_stars_and_underscores_inside_words_are_kept() -> None:
    assert plain({"type": "section", "text": text("2*3*4 snake_case_name", "mrkdwn")}) == "2*3*4 snake_case_name"


def test_plain_text_is_shown_unchanged() -> None:
    assert plain({"type": "section", "text": text("*not bold* &amp; <b>")}) == "*not bold* &amp; <b>"


def test_mrkdwn_has_quotes_and_code_blocks() -> None:
    content = "&gt; they said\n```x = 1\ny = 2```\nafter"
    assert plain({"type": "section", "text": text(content, "mrkdwn")}) == "│ they said\nx = 1\ny = 2\nafter"


def test_emoji_are_shown_where_slack_shows_them() -> None:
    assert plain({"type": "section", "text": text(":red_circle: late")}) == "🔴 late"
    assert plain({"type": "section", "text": {**text(":red_circle:"), "emoji": False}}) == ":red_circle:"
    assert plain(rich(line({"type": "emoji", "name": "x", "unicode": "1f7e2"}))) == "🟢"
    assert plain(rich(line({"type": "emoji", "name": "our_own_logo"}))) == ":our_own_logo:"


def test_fields_are_shown_in_two_columns() -> None:
    fields = [text("*Sold*\n20", "mrkdwn"), text("*Managed*\n5", "mrkdwn"), text("last")]
    assert plain({"type": "section", "fields": fields}) == "Sold    Managed\n20      5\nlast"


def test_rich_text_has_lists_quotes_and_code() -> None:
    long = rich(
        line(words(" ██░░ 50 % ", code=True), words(" 10 of 20", bold=True)),
        {"type": "rich_text_list", "style": "bullet", "elements": [line(words("one two three four five six seven"))]},
        {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [line(words("a")), line(words("b"))]},
        {"type": "rich_text_preformatted", "elements": [words("x\n  y")]},
        {"type": "rich_text_quote", "elements": [words("said")]},
    )
    assert plain(long, width=24).split("\n") == [
        " ██░░ 50 %  10 of 20",
        "• one two three four",
        "  five six seven",
        "  1. a",
        "  2. b",
        "    x",
        "      y",
        "│ said",
    ]


def test_an_ordered_list_continues_from_its_offset() -> None:
    listed = {
        "type": "rich_text_list",
        "style": "ordered",
        "offset": 8,
        "elements": [line(words("a")), line(words("b"))],
    }
    assert plain(rich(listed)) == " 9. a\n10. b"


def test_buttons_are_never_broken_across_lines() -> None:
    buttons = [{"type": "button", "text": text(each)} for each in ("See the gap", "Standing", "Expiring")]
    assert plain({"type": "actions", "elements": buttons}) == "[ See the gap ]  [ Standing ]  [ Expiring ]"
    assert plain({"type": "actions", "elements": buttons}, width=24).split("\n") == [
        "[ See the gap ]",
        "[ Standing ]",
        "[ Expiring ]",
    ]


def test_a_select_shows_its_first_options_and_how_many_more_there_are() -> None:
    options = [{"text": text(f"Partner {each}"), "value": str(each)} for each in range(12)]
    select = {"type": "static_select", "placeholder": text("Choose"), "options": options, "initial_option": options[1]}
    shown = plain({"type": "actions", "elements": [select]}).split("\n")
    assert shown[:3] == ["Choose ▾", "  ○ Partner 0", "  ● Partner 1"]
    assert shown[-1] == "  … and 2 more"


def test_numbers_in_a_table_are_right_aligned() -> None:
    rows = [
        [{"type": "raw_text", "text": "Client"}, {"type": "raw_text", "text": "Points"}],
        [{"type": "raw_text", "text": "Acme"}, {"type": "raw_number", "value": 5, "text": "5"}],
        [rich(line(words("Bolt Ltd"))), {"type": "raw_number", "value": 120, "text": "120"}],
    ]
    assert plain({"type": "data_table", "caption": "Expiring", "rows": rows}).split("\n") == [
        "Expiring",
        "Client     Points",
        "─────────────────",
        "Acme            5",
        "Bolt Ltd      120",
    ]


def test_a_table_wraps_between_words_and_keeps_its_figures_whole() -> None:
    assert plain(client_table(), width=66).split("\n")[-3:] == [
        "Acme            Backup and    1,234.50   5 Sep 2022   US$22,500.00",
        "International   more",
        "Holdings",
    ]


def test_a_table_that_does_not_fit_is_shown_row_by_row() -> None:
    assert plain(client_table(), width=30).split("\n") == [
        "Expiring",
        "Client: Acme International",
        "Holdings",
        "Product line: Backup and more",
        "Points: 1,234.50",
        "Lapses on: 5 Sep 2022",
        "Amount: US$22,500.00",
    ]


def test_one_row_of_figures_is_drawn_as_bars() -> None:
    chart = {"type": "bar", "series": [{"name": "P", "data": points(5, 10, -1)}]}
    drawn = plain({"type": "data_visualization", "title": "Points", "chart": chart}).split("\n")
    assert drawn == ["Points", f"W1  {'█' * 12}               5", f"W2  {'█' * 24}  10", f"W3  {' ' * 24}  -1"]


def test_a_pie_chart_shows_shares() -> None:
    chart = {"type": "pie", "segments": [{"label": "Gold", "value": 3}, {"label": "None", "value": 1}]}
    drawn = plain({"type": "data_visualization", "title": "Mix", "chart": chart}).split("\n")
    assert drawn[1].endswith("3  75 %")
    assert drawn[2].endswith("1  25 %")


def test_several_series_are_a_table_with_sparklines_on_one_scale() -> None:
    series = [{"name": "Points", "data": points(320, 410)}, {"name": "Minimum", "data": points(500, 500)}]
    chart = {"type": "line", "series": series, "axis_config": {"categories": ["W1", "W2"]}}
    drawn = plain({"type": "data_visualization", "title": "Points", "chart": chart})
    assert re.search(r"W1 +320 +500\nW2 +410 +500", drawn)
    assert drawn.endswith("\n\n▁▄  Points\n██  Minimum")


def test_a_button_in_a_table_is_never_broken_across_lines() -> None:
    button = {"type": "action_cell", "element": {"type": "button", "text": text("Open it"), "action_id": "open"}}
    heads, row = ("Client", "More"), [{"type": "raw_text", "text": "Acme International Holdings"}, button]
    block = {
        "type": "data_table",
        "caption": "c",
        "rows": [[{"type": "raw_text", "text": each} for each in heads], row],
    }
    for width in range(31, 80):
        assert "[ Open it ]" in plain(block, width=width)
    assert plain(block, width=20).endswith("More: [ Open it ]")


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"type": "divider"}, "─" * 60),
        ({"type": "alert", "level": "warning", "text": text("Careful")}, "Warning: Careful"),
        ({"type": "image", "alt_text": "A chart", "title": text("Points")}, "Points\n[image: A chart]"),
        ({"type": "context", "elements": [text("As of 5 Sep"), text("rules of 2022")]}, "As of 5 Sep · rules of 2022"),
        ({"type": "markdown", "text": "- one\n- **two**"}, " • one\n • two"),
        ({"type": "something_new"}, "[something_new]"),
        (
            {"type": "input", "label": text("Tier"), "element": {"type": "plain_text_input"}},
            "Tier\n[ plain text input ]",
        ),
    ],
)
def test_every_other_block_is_rendered(block: Json, expected: str) -> None:
    assert plain(block) == expected


def test_context_elements_too_long_for_one_line_get_a_line_each() -> None:
    block = {"type": "context", "elements": [text("As of 5 Sep"), text("rules of 2022")]}
    assert plain(block, width=24) == "As of 5 Sep\nrules of 2022"


def test_blocks_are_separated_by_a_blank_line() -> None:
    assert plain({"type": "section", "text": text("a")}, {"type": "section", "text": text("b")}) == "a\n\nb"


def test_colour_changes_nothing_but_colour() -> None:
    block = rich(line(words("bold", bold=True), words("code", code=True)))
    shown = render([block], colour=True, width=60)
    assert "\x1b[1mbold" in shown
    assert COLOURS.sub("", shown) == "boldcode"


def everywhere(content: str) -> list[Json]:
    """One string in every place where data can occur."""
    cell, span = {"type": "raw_text", "text": content}, words(content)
    segment = {"label": content, "value": 1}
    series = [{"name": content, "data": [segment]}] * 2
    option = {"text": text(content), "value": content}
    return [
        {"type": "header", "text": text(content)},
        {"type": "section", "text": text(content, "mrkdwn"), "fields": [text(content)]},
        rich(
            line(
                span,
                {"type": "link", "url": content, "text": content},
                {"type": "emoji", "name": content, "unicode": content},
            ),
            {"type": "rich_text_preformatted", "elements": [span]},
            {"type": "rich_text_quote", "elements": [span, {"type": "user", "user_id": content}]},
        ),
        {"type": "context", "elements": [text(content), {"type": "image", "alt_text": content}]},
        {"type": "actions", "elements": [{"type": "button", "text": text(content)}]},
        {"type": "actions", "elements": [{"type": "static_select", "placeholder": text(content), "options": [option]}]},
        {"type": "data_table", "caption": content, "rows": [[cell], [cell]]},
        {"type": "data_visualization", "title": content, "chart": {"type": "pie", "segments": [segment]}},
        {
            "type": "data_visualization",
            "title": content,
            "chart": {"type": "line", "series": series, "axis_config": {"categories": [content]}},
        },
        {"type": "markdown", "text": content},
        {"type": "alert", "level": content, "text": text(content)},
        {"type": content},
    ]


@given(
    st.text(st.characters(), max_size=40) | st.text("\x1b[]0;?hl2JmH\x07\x9b\\\u202e\u200f\r\b\n*_`<>&|", max_size=40)
)
def test_no_control_sequence_in_data_reaches_the_terminal(content: str) -> None:
    blocks = everywhere(content)
    shown = render(blocks, colour=False, width=80)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    coloured = COLOURS.sub("", render(blocks, colour=True, width=80))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", coloured)


def test_a_client_name_cannot_clear_the_screen_or_set_the_title() -> None:
    shown = render(everywhere("\x1b[2J\x1b]0;owned\x07Acme"), colour=False, width=80)
    assert "Acme" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown
