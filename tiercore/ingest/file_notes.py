"""Warnings that say what was done to read a file as somebody made it, and how to avoid it."""

from typing import Any

from tiercore.ingest.problems import Problem


def not_utf_8(file: str, example: str) -> Problem:
    """The file was read in another encoding; the example shows whether that was right."""
    message = f"isn't UTF-8: it was read as Windows-1252, such as: {example}"
    return Problem(file, 0, "", "", "encoding", message, "if that looks wrong, save the file as UTF-8")


def known_by_header(name: str, file: str) -> Problem:
    """A file or a sheet that isn't named like one of ours has the header of one."""
    message = f"isn't named like one of the files: it was read as {file}, whose columns it has"
    return Problem(name, 0, "", "", f"read as {file}", message, f"name it {file} to be sure")


def header_below(file: str, line: int, above: str) -> Problem:
    """There is something above the header."""
    message = "is above the header: the lines before it were passed over"
    return Problem(file, line, "", above[:200], "header", message, "remove them, unless they are a title")


def hidden_sheet(file: str) -> Problem:
    """A sheet that a spreadsheet program doesn't show was read."""
    return Problem(file, 0, "", "", "hidden", "is a hidden sheet: it was read, too", "delete it if it isn't meant")


def hidden_rows(file: str, first: int, count: int) -> Problem:
    """Rows that a filter hides were read."""
    what = "1 row is hidden: it was" if count == 1 else f"{count:,} rows are hidden, by a filter or by hand: they were"
    return Problem(file, first, "", "", "hidden", f"{what} read, too", "delete what isn't meant")


def totals_row(file: str, line: int, value: str) -> Problem:
    """The last row has totals."""
    message = "is a row of totals: it was passed over"
    return Problem(file, line, "", value[:200], "totals", message, "give it an id and the rest, if it is an entry")


def read_as(file: str, line: int, column: str, value: str, how: str, meaning: Any) -> Problem:
    """A form that isn't the plain one was read; said once for each form in a file."""
    message = f"is {how}: it was read as {meaning}, and others of this form the same way"
    return Problem(file, line, column, value[:200], f"read: {how}", message, f"write {meaning} to be sure")
