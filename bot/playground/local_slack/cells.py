"""What the cells of a table say, and which row an element stands in."""

import re
from typing import Any

Json = dict[str, Any]
_IN_ROW = re.compile(r"/rows/(\d+)/\d+/element")


def beside(block: Json, pointer: str) -> list[str]:
    """What the element at this pointer (within its block) stands beside: its table row's texts, or a section's first
    line; none elsewhere.
    """
    if pointer == "/accessory":
        return [str((block.get("text") or {}).get("text", "")).partition("\n")[0]]
    found = _IN_ROW.fullmatch(pointer)
    return [said(cell) for cell in block["rows"][int(found.group(1))]] if found else []


def said(cell: Json) -> str:
    """A cell's text; a button's label."""
    if cell.get("type") == "rich_text":
        return " ".join(_said(part) for part in cell.get("elements", []))
    if cell.get("type") == "action_cell":
        return str((cell.get("element") or {}).get("text", {}).get("text", ""))
    return str(cell.get("text", ""))


def _said(part: Json) -> str:
    inner = part.get("elements")
    return "".join(_said(each) for each in inner) if isinstance(inner, list) else str(part.get("text", ""))
