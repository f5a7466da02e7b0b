"""What is wrong with these blocks on this surface: each block, and the rules between them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bot.playground.local_slack.blockcheck.blocks import ALLOWED, BLOCKS, MOST_BLOCKS, Surface
from bot.playground.local_slack.blockcheck.checks import Json, items, typed, wrong
from bot.playground.local_slack.blockcheck.elements import ONLY_ON
from bot.playground.local_slack.blockcheck.tables import DATA_TABLE_CHARACTERS, characters

CHARTS = 2
MARKDOWN_CHARACTERS = 12_000
_BY_SURFACE = {
    surface: items(typed({each: BLOCKS[each] for each in allowed}), most=MOST_BLOCKS[surface])
    for surface, allowed in ALLOWED.items()
}


def problems(blocks: object, surface: Surface, root: str = "/blocks") -> list[str]:
    """What Slack would say against these blocks, one sentence each with its JSON pointer; empty when they are good."""
    return [*_BY_SURFACE[surface](blocks, root), *_between(blocks, surface, root)]


def _between(blocks: object, surface: Surface, root: str) -> Iterator[str]:
    placed = list(_placed(blocks, root))
    yield from _repeated_ids(placed)
    for block, pointer in placed:
        yield from _elements_of(block, pointer, surface)
    yield from _totals([block for block, _ in placed], root)


def _placed(blocks: object, pointer: str, *, inside: bool = False) -> Iterator[tuple[Json, str]]:
    """Every block with its pointer, those inside containers and carousels too. Neither stands inside another."""
    for index, block in enumerate(blocks if isinstance(blocks, list) else ()):
        if isinstance(block, dict):
            here = f"{pointer}/{index}"
            yield block, here
            inner = {"container": "child_blocks", "carousel": "elements"}.get(str(block.get("type")))
            if inner and not inside:
                yield from _placed(block.get(inner), f"{here}/{inner}", inside=True)


def _repeated_ids(placed: list[tuple[Json, str]]) -> Iterator[str]:
    seen: set[str] = set()
    for block, pointer in placed:
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id in seen:
            yield wrong(f"block_id already exists: {block_id[:40]}", f"{pointer}/block_id")
        elif isinstance(block_id, str):
            seen.add(block_id)


def interactive(block: Json, pointer: str = "") -> Iterator[tuple[Json, str]]:
    """The elements that stand in a block, with their pointers: what can be clicked, chosen or filled in."""
    for key in ("accessory", "element"):
        if isinstance(block.get(key), dict):
            yield block[key], f"{pointer}/{key}"
    for key in ("elements", "actions"):
        held = block.get(key)
        for index, each in enumerate(held if isinstance(held, list) else ()):
            if isinstance(each, dict) and each.get("type") != "card":
                yield each, f"{pointer}/{key}/{index}"
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
    if kinds["data_visualization"] > CHARTS:
        yield wrong(f"no more than {CHARTS} data_visualization blocks allowed", root)
    if kinds["table"] + kinds["data_table"] > 1:
        yield wrong("only one table allowed", root)
    markdown = sum(len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown")
    if markdown > MARKDOWN_CHARACTERS:
        yield wrong(f"markdown blocks must be less than {MARKDOWN_CHARACTERS + 1} characters in sum", root)
    held = sum(characters(block.get("rows")) for block in blocks if block.get("type") == "data_table")
    if held > DATA_TABLE_CHARACTERS:
        yield wrong(f"data tables must be less than {DATA_TABLE_CHARACTERS + 1} characters in sum", root)
