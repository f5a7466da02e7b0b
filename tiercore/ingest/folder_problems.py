"""Problems and warnings about a folder as a whole rather than about single cells (data#imports)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from tiercore.facts.entries import Sale, SubscriptionLevel
from tiercore.facts.unknown import Unknown
from tiercore.ingest.incoming import Incoming
from tiercore.ingest.problems import Problem
from tiercore.program import Program

_DAY_OF = {Sale: "sold_on", SubscriptionLevel: "effective_on"}


def without_table(incoming: Incoming, program: Program) -> Iterator[Problem]:
    """A warning for each currency of sales or levels that the rules of their day have no table for."""
    warned = set[str]()
    for kind in (Sale, SubscriptionLevel):
        name = incoming.name_of(kind)
        for line, currency, day in sorted(_amounts(incoming, kind)):
            if currency in warned or not isinstance(program.on(day).per_100_usd(currency), Unknown):
                continue
            warned.add(currency)
            message = f"has no points table: currencies.{currency} isn't set, its amounts earn no points yet"
            remedy = (
                "set the amount that equals US$100 in your program file (TIERBOT_PROGRAM), then run tierbot rebuild"
            )
            yield Problem(name, line, "currency", currency, "no points table", message, remedy)


def _amounts(incoming: Incoming, kind: type[Any]) -> set[tuple[int, str, date]]:
    """Each currency of each day, with the first line that has it."""
    first: dict[tuple[str, date], int] = {}
    for entry, line in zip(incoming.entries.get(kind, ()), incoming.lines.get(kind, ()), strict=True):
        first.setdefault((entry.mrr.currency, getattr(entry, _DAY_OF[kind])), line)  # type: ignore[union-attr]
    if kind in incoming.columns:
        for currency, text, line in incoming.columns[kind].currencies():
            day = date.fromisoformat(text)
            first[currency, day] = min(line, first.get((currency, day), line))
    return {(line, currency, day) for (currency, day), line in first.items()}


def nobody_listed(file: str) -> Problem:
    """The list of people has no rows, and nothing says that this is meant."""
    return Problem(
        file=file,
        line=0,
        column="",
        value="",
        kind="empty list",
        message="has no rows: everyone would lose access",
        remedy="list everyone who may use tierbot, leave the file out, or say --keep-people",
    )


def still_referred_to() -> Problem:
    """Rows that mirrored files no longer have are needed by others."""
    return Problem(
        file="(folder)",
        line=0,
        column="",
        value="",
        kind="still referred to",
        message="rows that are kept refer to a partner or client that is no longer in the files",
        remedy="mirror the files with those rows too, or keep the partner or client",
    )
