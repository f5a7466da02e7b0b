"""A change of the tier table: its proposal, and the news of it."""

from collections.abc import Mapping
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.described import Described
from handlers.views.parts.formats import day, name, spoken, tier
from tiercore.program.entered import FigureChange, TableChange

KIND = "rules"


def described(payload: Mapping[str, Any]) -> Described:
    """A proposal of thresholds, for whoever decides it."""
    change = TableChange.read(payload)
    since = day(change.valid_from)
    return Described(
        f"tier thresholds from {since}",
        [*_figures(change), blocks.context(f"Source: {name(change.source, 200)}")],
        f"Every answer about {since} and later follows these thresholds right away.",
        f"They apply to {since} and later.",
    )


def changed(payload: Mapping[str, Any]) -> Message:
    """The news: which thresholds have changed, from when, and the source."""
    change = TableChange.read(payload)
    what = f"The program's thresholds have changed from {day(change.valid_from)} on."
    note = "Your partners' answers, digests and alerts follow them. Their points are the same as before."
    source = f"Source: {name(change.source, 200)}"
    title = blocks.line(blocks.bold(what))
    return Message(spoken(what, note, source), [blocks.rich(title), *_figures(change), blocks.context(note, source)])


def shown_value(figure: str, value: str) -> str:
    """A figure's value as people read it: 12,500 · 65% · not set."""
    whole, dot, decimals = value.partition(".")
    if not whole.isdecimal():
        return value
    return f"{int(whole):,}{dot}{decimals}{'%' if figure == 'retention' else ''}"


def _figures(change: TableChange) -> list[Block]:
    return [blocks.rich(blocks.bullets(map(_figure, change.figures)))] if change.figures else []


def _figure(each: FigureChange) -> Block:
    new, before = shown_value(each.figure, each.value), shown_value(each.figure, each.before)
    return blocks.line(blocks.bold(f"{tier(each.tier)} {each.name}: "), blocks.span(f"{new} (was {before})"))
