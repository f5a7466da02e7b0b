"""On which line of a TOML text a key stands, so that an error can name it."""

import re

Path = tuple[str | int, ...]
_NAME = r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'"""
_DOTTED = rf"(?:{_NAME})(?:\s*\.\s*(?:{_NAME}))*"
_HEADER = re.compile(rf"\s*\[(\[)?\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_ONE = re.compile(_NAME)


def lines_of_keys(text: str) -> dict[Path, int]:
    """The line of each table and of each key that begins a line; arrays of tables are numbered from 0."""
    found: dict[Path, int] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _path(header[2])
            if header[1]:
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, *_path(key[1])), number)
    return found


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of the key, or of what it is in; 0 if neither begins a line."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 0)


def _path(dotted: str) -> Path:
    return tuple(name.strip("\"'") for name in _ONE.findall(dotted))
