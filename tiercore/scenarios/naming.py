"""Which product line is meant: by the words that name it, or as the one that pays."""

from collections.abc import Sequence
from datetime import date

from tiercore.program import Catalogue
from tiercore.rating.credits import ClientBook
from tiercore.rating.lines import HeldLevel, LineKey, level_on, levels_by_line


def line_and_client(words: Sequence[str], catalogue: Catalogue) -> list[tuple[str | None, str]]:
    """How words may be a product line and a client: as a client alone, or the longest run that names a line, with the
    others as the client.
    """
    found: list[tuple[str | None, str]] = [(None, " ".join(words))] if words else []
    for size in range(len(words), 0, -1):
        for start in range(len(words) - size + 1):
            text = " ".join(words[start : start + size])
            if catalogue.line_of(text).known:
                rest = " ".join([*words[:start], *words[start + size :]])
                return [*found, (_written_out(text, catalogue), rest)]
    return found


def _written_out(text: str, catalogue: Catalogue) -> str:
    line = catalogue.line_of(text)
    return " ".join(filter(None, (line.name, line.edition)))


def paying_lines(book: ClientBook, day: date, catalogue: Catalogue) -> dict[LineKey, HeldLevel]:
    """The lines that pay on the day, with what they pay."""
    lines = ((key, level_on(levels, day)) for key, levels in levels_by_line(book.levels, catalogue).items())
    return {key: held for key, held in lines if held and held.mrr.minor}
