"""Warnings about new ids beside those imported before: one that stands for something else, one written almost alike."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tiercore.facts.entries import Agreement, Client, Partner, Sale
from tiercore.facts.money import Money
from tiercore.ingest.contradiction_texts import written
from tiercore.ingest.incoming import Incoming
from tiercore.ingest.mangled_ids import ALMOST, IF_ONE, almost
from tiercore.ingest.problems import Collected, Problem
from tiercore.ingest.spreadsheet import plain_form
from tiercore.program import Catalogue
from tiercore.storage.reconcile import Difference, Row

_Changed = Callable[[Row, Row, Catalogue], Sequence[str]]
_KIND = "same id, something else"


def reused_ids(found: Mapping[type[Any], Difference], incoming: Incoming, catalogue: Catalogue) -> Collected:
    """A warning for each changed row that was about something else; a corrected amount or day is none."""
    warned = Collected()
    for kind, (column, identity) in _IDENTITIES.items():
        if (difference := found.get(kind)) is None:
            continue
        others = [
            (before, after, columns)
            for before, after in zip(difference.before, difference.changed, strict=False)
            if (columns := identity(before, after, catalogue))
        ]
        lines = incoming.lines_of(kind, column, {after[column] for _, after, _ in others})
        for before, after, columns in others:
            value = after[column]
            place = (incoming.name_of(kind), lines.get(value, 0), column, value, _KIND)
            warned.add(_KIND, _reused, place, before, after, columns)
    return warned


def almost_stored(found: Mapping[type[Any], Difference], incoming: Incoming) -> Collected:
    """A warning for each new id of a sale or an agreement that is written almost like one imported before.

    The other may be anybody's. Of partners and clients, the stored ids are known while the files are read.
    """
    warned = Collected()
    for kind in (Sale, Agreement):
        column, _ = _IDENTITIES[kind]
        if kind in found and (alike := _alike(found[kind], column)):
            lines = incoming.lines_of(kind, column, alike)
            for value, other in alike.items():
                place = (incoming.name_of(kind), lines.get(value, 0), column, value, ALMOST)
                warned.add(ALMOST, Problem, *place, almost(f"{other} (imported before)"), IF_ONE)
    return warned


def _alike(found: Difference, column: str) -> dict[str, str]:
    """The new ids that are written almost like a stored one that the file doesn't have, each with that other."""
    if not (found.added and found.unmentioned):
        return {}
    added = {plain_form(each, upper=True): each for each in found.candidates(column)}
    pairs = ((added.get(plain_form(other, upper=True)), other) for other in found.unmentioned)
    return {value: other for value, other in pairs if value is not None}


def _reused(place: tuple[str, int, str, str, str], before: Row, after: Row, columns: Sequence[str]) -> Problem:
    message = f"stood for something else: {_said(before, columns)} before, {_said(after, columns)} now"
    return Problem(*place, message, "if it isn't a correction, give each an id of its own")


def _said(row: Row, columns: Sequence[str]) -> str:
    return ", ".join(f"{column.removesuffix('_minor')} {_value(row, column)}" for column in columns)


def _value(row: Row, column: str) -> str:
    return written(Money(row[column], row["currency"])) if column == "mrr_minor" else str(row[column])


def _sale(before: Row, after: Row, catalogue: Catalogue) -> Sequence[str]:
    """Another client or line; or two or more of what a deal is otherwise known by."""
    other = [] if before["client_id"] == after["client_id"] else ["client_id"]
    if catalogue.line_of(before["product_line"]).hub != catalogue.line_of(after["product_line"]).hub:
        other.append("product_line")
    changed = [
        column for column in ("partner_id", "deal_type", "mrr_minor", "sold_on") if before[column] != after[column]
    ]
    return other + changed if other or len(changed) > 1 else ()


def _agreement(before: Row, after: Row, _: Catalogue) -> Sequence[str]:
    return [column for column in ("partner_id", "client_id") if before[column] != after[column]]


def _account(before: Row, after: Row, _: Catalogue) -> Sequence[str]:
    """Another name and country at once: a new name alone is a change of name."""
    changed = [column for column in ("name", "country") if before[column] != after[column]]
    return changed if len(changed) == 2 else ()


_IDENTITIES: Mapping[type[Any], tuple[str, _Changed]] = {
    Partner: ("partner_id", _account),
    Client: ("client_id", _account),
    Sale: ("sale_id", _sale),
    Agreement: ("agreement_id", _agreement),
}
