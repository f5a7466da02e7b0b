"""Render blocks as text for a terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.markdown import Markdown
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.terminal.charts import chart, table
from bot.terminal.controls import control, controls, image
from bot.terminal.tables import Fields
from bot.terminal.text import UNBROKEN_SPACE, clean, read, spans

Block = dict[str, Any]
Renderer = Callable[[Block], RenderableType]
_MIN_WIDTH = 20
_BULLETS = ("•", "◦", "▪")
_LEVELS = {"warning": "yellow", "error": "red", "success": "green", "info": "blue"}


def render(blocks: Sequence[Block], *, colour: bool, width: int) -> str:
    """The blocks as lines of at most `width` characters (at least 20), with a blank line between blocks, none at the
    end.

    Without `colour` the text has no escape sequences, whatever is in the blocks; with it, only those for bold, italics
    and colours, never any from the data.
    """
    out = StringIO()
    console = Console(
        file=out,
        width=max(width, _MIN_WIDTH),
        force_terminal=colour,
        force_jupyter=False,
        color_system="standard" if colour else None,
        no_color=not colour,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for index, block in enumerate(blocks):
        console.print(*([Text()] if index else []), _rendered(block), sep="\n")
    return "\n".join(line.rstrip() for line in out.getvalue().replace(UNBROKEN_SPACE, " ").split("\n")).strip("\n")


def _rendered(block: Block) -> RenderableType:
    kind = str(block.get("type"))
    return _RENDERERS[kind](block) if kind in _RENDERERS else Text(f"[{clean(kind)}]", style="dim")


def _header(block: Block) -> RenderableType:
    text = read(block.get("text"))
    text.stylize("bold")
    longest = max((cell_len(line) for line in text.plain.split("\n")), default=0)
    return Group(text, Text("─" * longest, style="dim", no_wrap=True, overflow="crop"))


def _section(block: Block) -> RenderableType:
    parts: list[RenderableType] = [read(block["text"])] if block.get("text") else []
    if fields := block.get("fields"):
        parts.append(Fields([read(each) for each in fields]))
    if block.get("accessory"):
        parts.append(control(block["accessory"]))
    return Group(*parts)


@dataclass(frozen=True, slots=True)
class _Notes:
    """A context block: on one line if it fits, else one line per element."""

    notes: list[Text]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        one_line = Text(" · ").join(self.notes)
        fits = "\n" not in one_line.plain and cell_len(one_line.plain) <= options.max_width
        text = one_line if fits else Text("\n").join(self.notes)
        text.stylize("dim")
        yield text


def _context(block: Block) -> RenderableType:
    return _Notes([image(each) if each.get("type") == "image" else read(each) for each in block.get("elements", [])])


def _rich_text(block: Block) -> RenderableType:
    parts: list[RenderableType] = []
    for part in block.get("elements", []):
        match part.get("type"):
            case "rich_text_list":
                parts.append(_list(part))
            case "rich_text_preformatted":
                parts.append(Padding(spans(part.get("elements", [])), (0, 0, 0, 4)))
            case "rich_text_quote":
                parts.append(_quote(part))
            case _:
                parts.append(spans(part.get("elements", [])))
    return Group(*parts)


def _list(part: Block) -> RenderableType:
    indent, first = part.get("indent", 0), part.get("offset", 0) + 1
    bullet, ordered = _BULLETS[indent % len(_BULLETS)], part.get("style") == "ordered"
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    for number, item in enumerate(part.get("elements", []), first):
        grid.add_row(f"{number}." if ordered else bullet, spans(item.get("elements", [])))
    return Padding(grid, (0, 0, 0, 2 * indent))


def _quote(part: Block) -> RenderableType:
    lines = spans(part.get("elements", [])).split("\n")
    return Group(*(Text("│ ").append_text(line) for line in lines))


def _alert(block: Block) -> RenderableType:
    level = str(block.get("level", "default"))
    label = "" if level == "default" else f"{clean(level).capitalize()}: "
    return Text(label, style=f"bold {_LEVELS.get(level, '')}".strip()).append_text(read(block.get("text")))


def _input(block: Block) -> RenderableType:
    hint = [Text(read(block["hint"]).plain, style="dim")] if block.get("hint") else []
    return Group(read(block.get("label")), control(block.get("element") or {}), *hint)


def _image(block: Block) -> RenderableType:
    title = [read(block["title"])] if block.get("title") else []
    return Group(*title, image(block))


def _card(block: Block) -> RenderableType:
    texts = [read(block[key]) for key in ("title", "subtitle", "body", "subtext") if block.get(key)]
    return Group(*texts, *([controls(block["actions"])] if block.get("actions") else []))


def _container(block: Block) -> RenderableType:
    title = read(block["title"]) if block.get("title") else Text()
    title.stylize("bold")
    return Group(title, *(Padding(_rendered(each), (0, 0, 0, 2)) for each in block.get("child_blocks", [])))


_RENDERERS: dict[str, Renderer] = {
    "actions": lambda block: controls(block.get("elements", [])),
    "alert": _alert,
    "card": _card,
    "carousel": lambda block: Group(*(_card(each) for each in block.get("elements", []))),
    "container": _container,
    "context": _context,
    "context_actions": lambda block: controls(block.get("elements", [])),
    "data_table": table,
    "data_visualization": chart,
    "divider": lambda _block: Rule(style="dim"),
    "header": _header,
    "image": _image,
    "input": _input,
    "markdown": lambda block: Markdown(clean(block.get("text", "")), hyperlinks=False),
    "rich_text": _rich_text,
    "section": _section,
    "table": table,
    "video": lambda block: Text(f"[video: {read(block.get('title')).plain}]"),
}
