"""Check blocks for a surface: each block, and the rules across blocks."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bot.playground.local_slack.blockcheck.blocks import ALLOWED, BLOCKS, MAX_BLOCKS, Surface
from bot.playground.local_slack.blockcheck.checks import Json, items, typed, wrong
from bot.playground.local_slack.blockcheck.elements import ONLY_ON
from bot.playground.local_slack.blockcheck.tables import MAX_DATA_TABLE_CHARACTERS, characters

MAX_CHARTS = 2
MAX_MARKDOWN_CHARACTERS = 12_000
_BY_SURFACE = {
    surface: items(typed({each: BLOCKS[each] for each in allowed}), maximum=MAX_BLOCKS[surface])
    for surface, allowed in ALLOWED.items()
}


def problems(blocks: object, surface: Surface, root: str = "/blocks") -> list[str]:
    """The problems Slack would report, one sentence each with its JSON pointer; empty for valid blocks."""
    return [*_BY_SURFACE[surface](blocks, root), *_across_blocks(blocks, surface, root)]


def _across_blocks(blocks: object, surface: Surface, root: str) -> Iterator[str]:
    blocks_with_pointers = list(_with_pointers(blocks, root))
    yield from _repeated_ids(blocks_with_pointers)
    for block, pointer in blocks_with_pointers:
        yield from _elements_of(block, pointer, surface)
    yield from _totals([block for block, _ in blocks_with_pointers], root)


def _with_pointers(blocks: object, pointer: str, *, inside: bool = False) -> Iterator[tuple[Json, str]]:
    """Every block with its pointer, including those in containers and carousels, which can't be nested."""
    for index, block in enumerate(blocks if isinstance(blocks, list) else ()):
        if isinstance(block, dict):
            here = f"{pointer}/{index}"
            yield block, here
            inner = {"container": "child_blocks", "carousel": "elements"}.get(str(block.get("type")))
            if inner and not inside:
                yield from _with_pointers(block.get(inner), f"{here}/{inner}", inside=True)


def _repeated_ids(blocks_with_pointers: list[tuple[Json, str]]) -> Iterator[str]:
    seen: set[str] = set()
    for block, pointer in blocks_with_pointers:
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id in seen:
            yield wrong(f"block_id already exists: {block_id[:40]}", f"{pointer}/block_id")
        elif isinstance(block_id, str):
            seen.add(block_id)


def interactive(block: Json, pointer: str = "") -> Iterator[tuple[Json, str]]:
    """A block's elements with their pointers: everything that can be clicked, chosen or filled in."""
    for key in ("accessory", "element"):
        if isinstance(block.get(key), dict):
            yield block[key], f"{pointer}/{key}"
    for key in ("elements", "actions"):
        elements = block.get(key)
        for index, element in enumerate(elements if isinstance(elements, list) else ()):
            if isinstance(element, dict) and element.get("type") != "card":
                yield element, f"{pointer}/{key}/{index}"
    for row_index, row in enumerate(_rows(block)):
        for index, cell in enumerate(row if isinstance(row, list) else ()):
            if isinstance(cell, dict) and isinstance(cell.get("element"), dict):
                yield cell["element"], f"{pointer}/rows/{row_index}/{index}/element"


def _rows(block: Json) -> list[Any]:
    rows = block.get("rows")
    return rows if isinstance(rows, list) else []


def _elements_of(block: Json, pointer: str, surface: Surface) -> Iterator[str]:
    unique = block.get("type") != "data_table"
    seen: set[str] = set()
    for element, at in interactive(block, pointer):
        kind, action_id = element.get("type"), element.get("action_id")
        if isinstance(kind, str) and surface not in ONLY_ON.get(kind, {surface}):
            yield wrong(f"{kind} is not available on this surface: {surface}", f"{at}/type")
        if unique and isinstance(action_id, str) and action_id in seen:
            yield wrong(f"action_id already exists in this block: {action_id[:40]}", f"{at}/action_id")
        elif isinstance(action_id, str):
            seen.add(action_id)


def _totals(blocks: list[Json], root: str) -> Iterator[str]:
    kinds = Counter(str(block.get("type")) for block in blocks)
    if kinds["data_visualization"] > MAX_CHARTS:
        yield wrong(f"no more than {MAX_CHARTS} data_visualization blocks allowed", root)
    if kinds["table"] + kinds["data_table"] > 1:
        yield wrong("only one table allowed", root)
    markdown = sum(len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown")
    if markdown > MAX_MARKDOWN_CHARACTERS:
        yield wrong(f"markdown blocks must be less than {MAX_MARKDOWN_CHARACTERS + 1} characters in sum", root)
    in_tables = sum(characters(block.get("rows")) for block in blocks if block.get("type") == "data_table")
    if in_tables > MAX_DATA_TABLE_CHARACTERS:
        yield wrong(f"data tables must be less than {MAX_DATA_TABLE_CHARACTERS + 1} characters in sum", root)
